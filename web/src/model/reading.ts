// One reading as the server sends it, with its bytes made readable.

import { shownClasses } from "./colours";

// The place of the largest number.
export const argmax = (numbers) => numbers.indexOf(Math.max(...numbers));

// The text without its first "not"; where there is none, without the word at which the answer moved most.
export const withoutOne = ({ text, tokens, verdicts, answer, start }) => {
  const denied = text.replace(/\bnot\s+/i, "");
  if (tokens.length < 2 || start) return text;
  if (denied !== text) return denied;
  const moved = verdicts.map((shares, t) => (t ? Math.abs(shares[answer] - verdicts[t - 1][answer]) : 0));
  const most = argmax(moved);
  const letters = text.toLowerCase();
  let [from, to] = [0, 0];
  for (const token of tokens.slice(0, most + 1)) {
    from = letters.indexOf(token.toLowerCase(), to);
    if (from < 0 || letters.length !== text.length) return tokens.filter((_, t) => t !== most).join(" "); // a word is not written so in the text
    to = from + token.length;
  }
  const letter = /[\p{L}\p{N}]/u.test(text[from]);
  const runsOn = (place) => letter && /[\p{L}\p{N}'’]/u.test(text[place] ?? "");
  while (runsOn(to)) to += 1; // the whole of "isn't", of which the model's word is "isn"
  while (runsOn(from - 1)) from -= 1;
  return (text.slice(0, from) + text.slice(to)).replace(/\s+/g, " ").trim();
};

// reading.value(signal, t, unit, layer, direction): a number of a signal, given by its entry in reading.signals.
// reading.signal(name): that entry. reading.winners[t], reading.answer: the most probable class after each word, in the end, as Python found them.
export const unpackReading = (payload) => {
  const letters = atob(payload.data);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
  const numbers = new Int16Array(bytes.buffer);
  const [, layers, directions, tokens, units] = payload.shape;
  const value = (signal, t, unit, layer, direction) =>
    (numbers[(((signal.place * layers + layer) * directions + direction) * tokens + t) * units + unit] * signal.scale) /
    32767;
  const named = Object.fromEntries(payload.signals.map((signal) => [signal.name, signal]));

  // What a direction read just before word t: its place, null at its beginning, undefined where it is outside the window.
  const earlier = (t, direction) => {
    const place = direction === 0 ? t - 1 : t + 1;
    if (place >= 0 && place < tokens) return place;
    const whole = direction === 0 ? payload.start === 0 : payload.start + tokens === payload.read;
    return whole ? null : undefined;
  };

  // What one word does to the memory of a unit: `before` is what was there (undefined: outside the window), `kept` the
  // share of it that stays, `written` what is added, `after` what is there then. Null for a plain RNN: it rewrites its
  // state and adds nothing up.
  const keeper = named[{ lstm: "forget", gru: "update" }[payload.cell]];
  const memory = named[payload.memory];
  const step = (t, unit, layer, direction) => {
    if (!keeper) return null;
    const at = (signal, place) => value(signal, place, unit, layer, direction);
    const place = earlier(t, direction);
    const before = place === null ? 0 : place === undefined ? undefined : at(memory, place);
    const kept = at(keeper, t);
    const written = (named.input ? at(named.input, t) : 1 - kept) * at(named.candidate, t);
    const after = at(memory, t);
    return { before, kept, written, after };
  };
  return {
    ...payload,
    step,
    layers,
    directions,
    units,
    value,
    earlier,
    signal: (name) => (Object.hasOwn(named, name) ? named[name] : undefined), // a link may name any
    final: payload.answer,
    answer: payload.winner,
    classes: shownClasses(payload.labels, payload.verdicts, payload.winner),
  };
};
