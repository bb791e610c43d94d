// C, the memory ledger: under each word, what was written there that is still in the memory, or in the score of a class.

import { visible } from "../model/text";
import { NOWHERE } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { keyed, make, tell } from "../ui/dom";

export const ledger = (page) => {
  const HALF = 40; // height of the tallest bar, above the line or below it
  const FINEST = 0.05; // the scale of the bars reaches at least so far: next to nothing must not look like much
  const LITTLE = 0.005; // what two digits after the point would write as nothing
  const [of, when, list] = [page.part(".rv-ledger-of"), page.part(".rv-ledger-when"), page.part(".rv-entries ol")];
  const bars = page.part(".rv-bars");
  const parts = [".rv-entries", ".rv-ledger .rv-fine"].map(page.part);
  let chosen = null; // a class, "unit", or null: the unit if one is pinned, else the answer
  let follows = false; // whether the unit is looked at as the selected word is read, or at the end
  let last = { model: null, unit: null, drawn: null };
  let numbers = [];
  let account = null;
  let [at, dimmed] = [0, null];

  // --- the account -------------------------------------------------------------------------------------------------

  const classes = () => (page.reading.contributions ? page.reading.classes.shown : []);
  const subject = () => {
    const { contributions, answer, cell } = page.reading;
    if (cell === "rnn") return null;
    if (!contributions || chosen === "unit" || (chosen === null && page.pinned.unit !== null)) return "unit";
    return chosen ?? answer;
  };

  // Where a direction is as it is looked at: at the end of its way, or as far as it has been played or followed.
  const seenAt = ({ token, direction }) => {
    const end = direction === 0 ? page.reading.tokens.length - 1 : 0;
    if (page.played !== null) return page.played;
    return follows ? token : end;
  };

  // What was written into a unit at each word and how much of it is there at `seen`.
  const ofUnit = (here, seen) => {
    const { reading } = page;
    const { unit, layer, direction } = here;
    const rows = reading.tokens.map(() => ({ wrote: 0, share: 0, left: 0 }));
    let share = 1;
    let sum = 0;
    let t = seen;
    while (t !== null && t !== undefined) {
      const step = reading.step(t, unit, layer, direction);
      rows[t] = { wrote: step.written, share, left: step.written * share };
      sum += rows[t].left;
      share *= step.kept;
      t = reading.earlier(t, direction);
    }
    const total = reading.value(reading.signal(reading.memory), seen, unit, layer, direction);
    let scale = FINEST; // as large for every moment, so that the bars of two can be compared
    reading.tokens.forEach(
      (_, word) => (scale = Math.max(scale, Math.abs(reading.step(word, unit, layer, direction).written))),
    );
    return { rows, total, scale, elsewhere: t === undefined ? total - sum : null };
  };
  const ofClass = (place) => {
    const { contributions } = page.reading;
    const rows = contributions.by_token.map((shares) => ({ left: shares[place] }));
    const sum = rows.reduce((all, { left }) => all + left, 0);
    const [elsewhere, bias] = [contributions.elsewhere[place], contributions.bias[place]];
    return {
      rows,
      total: sum + elsewhere + bias,
      bias,
      scale: Math.max(FINEST, ...rows.map(({ left }) => Math.abs(left))),
      elsewhere: page.reading.windowed ? elsewhere : null,
    };
  };

  // --- and what it says --------------------------------------------------------------------------------------------

  const mostKey = () => (page.reading.windowed ? "ledger_most_shown" : "ledger_most");
  const largest = () =>
    account.rows.reduce((best, { left }, t) => (Math.abs(left) > Math.abs(account.rows[best].left) ? t : best), 0);

  const saidOfUnit = (here, seen) => {
    const { reading } = page;
    const most = largest();
    const little = Math.abs(account.rows[most].left) < LITTLE;
    const ends = reading.earlier(seen, 1 - here.direction) === null && !follows && page.played === null;
    const key = !ends ? "ledger_unit_at" : here.direction === 0 ? "ledger_unit_end" : "ledger_unit_start";
    const values = { unit: page.unitOf(here), holds: page.signed(account.total), at: page.token(seen) };
    const said = [page.say(key, values)];
    if (!little)
      said.push(page.say(mostKey(), { word: page.wordAt(most), left: page.signed(account.rows[most].left) }));
    if (account.elsewhere !== null) said.push(page.say("ledger_before", { left: page.signed(account.elsewhere) }));
    if (page.played === null) said.push(saidOfWord(here.token, seen));
    return said;
  };
  const saidOfWord = (t, seen) => {
    const { wrote, share } = account.rows[t];
    const values = { word: page.token(t), wrote: page.signed(wrote), share: page.share(share) };
    if (Math.abs(wrote) < LITTLE) return page.say("ledger_nothing", values);
    if (t === seen) return page.say("ledger_now", values);
    return page.say(share < 0.01 ? "ledger_gone" : "ledger_left", {
      ...values,
      share: page.share(share < 0.01 ? 0.01 : share),
    });
  };
  const saidOfClass = (place, { token }) => {
    const most = largest();
    const label = page.classOf(page.reading.labels[place]);
    const given = (t, word = page.token(t)) => ({ word, left: page.signed(account.rows[t].left) });
    const said = [page.say("ledger_class", { label, score: page.signed(account.total) })];
    if (Math.abs(account.rows[most].left) >= LITTLE) said.push(page.say(mostKey(), given(most, page.wordAt(most))));
    if (account.elsewhere !== null) said.push(page.say("ledger_elsewhere", { left: page.signed(account.elsewhere) }));
    if (token !== most) said.push(page.say("ledger_class_word", given(token)));
    said.push(page.say("ledger_bias", { left: page.signed(account.bias) }));
    return said;
  };

  // --- the picture -------------------------------------------------------------------------------------------------

  // All bars of one kind are one path, so that the picture can follow the pointer. Of a score, which is
  // known at the end alone, there are none for words to come.
  const bar = (t, value) => {
    if (account.bias !== undefined && page.played !== null && t > page.played) return "";
    const tall = (Math.abs(value) / account.scale) * HALF;
    if (tall < 0.5) return "";
    const [left, right] = [page.edges[t], page.edges[t + 1]];
    const wide = Math.min((right - left) * 0.6, 44);
    return `M${(left + right - wide) / 2} ${HALF}h${wide}v${value > 0 ? -tall : tall}h${-wide}z`;
  };
  const path = (kind, values) => (sign) => {
    const one = bars.querySelector(`.rv-${kind}.rv-${sign > 0 ? "above" : "below"}`);
    one.setAttribute("d", values.map((value, t) => (value * sign > 0 ? bar(t, value) : "")).join(""));
  };
  // What was written, for an outline about what is left; nothing where the two look the same.
  const lost = ({ wrote, left }) =>
    wrote !== undefined && Math.abs(wrote) - Math.abs(left) > (2 * account.scale) / HALF ? wrote : 0;
  const picture = () => {
    const [wrote, left] = [account.rows.map(lost), account.rows.map((row) => row.left)];
    for (const sign of [-1, 1]) for (const draw of [path("wrote", wrote), path("left", left)]) draw(sign);
    numbers.forEach((number, t) => {
      tell(number, page.signed(left[t]));
      number.classList.toggle("rv-little", Math.abs(left[t]) < LITTLE);
    });
    tell(page.part(".rv-most"), page.signed(account.scale));
    tell(page.part(".rv-least"), page.signed(-account.scale));
  };
  // The selected word, and what it wrote when it was read.
  const select = (token) => {
    list.children[at]?.classList.remove("rv-at");
    list.children[token].classList.add("rv-at");
    at = token;
    const wrote = lost(account.rows[token]);
    const ghost = bars.querySelector(".rv-then");
    ghost.setAttribute("d", bar(token, wrote));
    ghost.classList.toggle("rv-above", wrote > 0);
  };
  const dim = () => {
    if (page.played === dimmed) return;
    dimmed = page.played;
    [...list.children].forEach((node, t) => node.classList.toggle("rv-later", dimmed !== null && t > dimmed));
  };

  const mark = () => {
    const { reading } = page;
    const here = page.here();
    const pinned = `${page.pinned.unit},${page.pinned.layer},${page.pinned.direction}`;
    if (last.unit !== pinned) chosen = null; // what was done last decides
    last.unit = pinned;
    const about = subject();
    const whole = page.played !== null && page.reading.directions > 1 && page.played < reading.tokens.length - 1;
    const waits = typeof about === "number" ? whole : page.toCome({ ...here, token: page.played }); // for what is not computed yet
    page
      .part(".rv-account")
      .classList.toggle("rv-untold", waits || (page.played !== null && typeof about === "number")); // how a score ends
    parts[0].classList.toggle("rv-untold", waits);
    for (const part of parts) part.hidden = about === null;
    when.hidden = about !== "unit";
    if (about === null) return say([page.say("ledger_rnn")]);
    const seen = about === "unit" ? seenAt(here) : null;
    const drawn =
      about === "unit" ? [here.unit, here.layer, here.direction, seen].join() : `class ${about} ${page.played}`;
    if (last.drawn !== drawn) {
      last.drawn = drawn;
      account = about === "unit" ? ofUnit(here, seen) : ofClass(about);
      picture();
      tick(about, here);
    }
    dim();
    select(here.token);
    say(about === "unit" ? saidOfUnit(here, seen) : saidOfClass(about, here));
  };
  const say = (sentences) => tell(page.part(".rv-account"), sentences.join(" "));

  // Which button is chosen, without building them anew: the unit's number follows the pointer.
  const tick = (about, here) => {
    const names = [...classes(), "unit"];
    [...of.children].forEach((one, place) => {
      one.setAttribute("aria-checked", String(names[place] === about));
      one.tabIndex = names[place] === about ? 0 : -1;
    });
    if (of.lastChild) tell(of.lastChild, page.say("unit", { unit: page.unitOf(here) }));
  };
  const choose = (change) => {
    change();
    last.drawn = null;
    buttons();
    page.mark();
  };
  const buttons = () => {
    const names = [...classes(), "unit"];
    const about = subject();
    const titles = names.map((name) =>
      name === "unit" ? page.say("unit", { unit: page.unitOf(page.here()) }) : page.classOf(page.reading.labels[name]),
    );
    choices(of, about === null ? [] : titles, names.indexOf(about), (place) => choose(() => (chosen = names[place])));
    choices(when, [page.say("ledger_when_end"), page.say("ledger_when_word")], Number(follows), (place) =>
      choose(() => (follows = place === 1)),
    );
  };

  const entry = (token, t) => {
    const number = make("span", {}, " ");
    return make("li", { "data-token": t }, make("bdi", { class: "rv-unseen" }, visible(token)), number);
  };
  const draw = () => {
    const { reading } = page;
    if (!reading) return;
    if (last.model !== reading.model) chosen = null;
    last = { ...last, model: reading.model, drawn: null };
    const words = reading.cell === "rnn" ? [] : reading.tokens;
    const entries = keyed(list, words, (t) => entry(words[t], t));
    entries.forEach((node, t) => {
      node.style.left = `${page.edges[t]}px`;
      node.style.width = `${page.edges[t + 1] - page.edges[t]}px`;
    });
    numbers = entries.map((node) => node.lastChild);
    const width = page.edges[page.edges.length - 1] + 1;
    list.style.width = `${width}px`;
    bars.setAttribute("width", width);
    buttons();
  };

  const wordOf = (event) => {
    const node = event.target.closest("li");
    return node ? { ...NOWHERE, token: Number(node.dataset.token) } : null;
  };
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && page.hover(wordOf(event)));
  list.addEventListener("pointerleave", () => page.hover(null));
  list.addEventListener("click", (event) => {
    const place = wordOf(event);
    if (place) page.pin({ ...page.pinned, token: place.token });
  });
  walkable(of);
  walkable(when);
  return { draw, mark };
};
