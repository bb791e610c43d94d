// Gate surgery: a bar of the cell that is dragged holds its signal there, and the text is read again. What was there
// before stays as a ghost; everything that is held can be let go, one by one or at once.

import { argmax } from "../model/reading";
import { NOWHERE } from "../state/page";
import { button, make, tell } from "../ui/dom";

export const surgery = (page) => {
  const MOST = 20;
  const STEP = 0.05;
  const card = page.part(".rv-cell-card");
  const [hint, everywhere, tools, undoing, resetting, result, list] = [
    ".rv-hold-hint",
    ".rv-everywhere",
    ".rv-hold-tools",
    ".rv-undo",
    ".rv-reset",
    ".rv-hold-result",
    ".rv-holds",
  ].map(page.part);
  let seen = page.holds; // what was held in the reading that was drawn last
  let asked = seen; // what the last question of ours holds
  let wanted = seen; // what is held once that is answered
  let past = []; // what was held before, step by step
  let drag = null;
  const ours = new WeakSet(); // answers to our own questions; any other change of what is held begins a new past

  // --- what is held ----------------------------------------------------------------------------------------------------

  const span = (token) => {
    const { reading, range } = page;
    if (everywhere.checked) return [0, reading.read - 1];
    return (range ?? [token, token]).map((t) => reading.start + t);
  };
  const alike = (one, other) =>
    ["signal", "unit", "layer", "direction"].every((key) => one[key] === other[key]) &&
    one.tokens.join() === other.tokens.join();
  const covers = (one, name, t, here) =>
    one.signal === name &&
    ["unit", "layer", "direction"].every((key) => one[key] === here[key]) &&
    one.tokens[0] <= t &&
    t <= one.tokens[1];

  // The value at which a signal is held at a place, or null; of two, the later one holds.
  page.heldAt = (name, here) =>
    wanted.findLast((one) => covers(one, name, page.reading.start + here.token, here))?.value ?? null;

  const ask = (holds) => {
    if (!page.stands()) return page.ask(); // another text is on its way, or got no answer: it comes first
    asked = wanted = holds;
    ours.add(holds);
    page.ask({ start: page.reading.start, holds });
    page.mark();
  };
  const change = (holds) => {
    past.push(wanted);
    ask(holds);
  };
  const hold = (name, value, begins) => {
    const { token, unit, layer, direction } = page.here();
    const [low, high] = page.reading.signal(name).ends;
    const one = {
      signal: name,
      value: Math.min(high, Math.max(low, Math.round(value * 100) / 100)),
      tokens: span(token),
      unit,
      layer,
      direction,
    };
    const others = wanted.filter((other) => !alike(one, other));
    if (others.length >= MOST) return page.alert(page.say("holds_full", { count: MOST }));
    if (begins) past.push(wanted);
    ask([...others, one]);
  };
  const undo = () => past.length && ask(past.pop());

  // --- the bars, by mouse, touch and keyboard --------------------------------------------------------------------------

  const sliderOf = (event) => event.target.closest(".rv-gauge[role=slider]");
  const keep = () => {
    page.stopPlaying(); // else the next word comes under the bar that is being dragged
    page.pinned = page.here(); // what is dragged stays what is shown, whatever the new reading brings
    page.hovered = NOWHERE;
  };
  const pulled = (event) => {
    if (!drag.bar.isConnected) return; // another kind of cell is shown by now
    const [low, high] = page.reading.signal(drag.name).ends;
    const box = drag.bar.getBoundingClientRect();
    const value = low + ((event.clientX - box.left) / box.width) * (high - low);
    hold(drag.name, value, !drag.moved);
    drag.moved = true;
  };
  card.addEventListener("pointerdown", (event) => {
    const bar = sliderOf(event);
    if (!bar || event.button > 0) return;
    event.preventDefault();
    keep();
    drag = { bar, name: bar.dataset.signal, moved: false };
    bar.setPointerCapture(event.pointerId);
    bar.focus({ preventScroll: true });
    pulled(event);
  });
  card.addEventListener("pointermove", (event) => drag && pulled(event));
  for (const end of ["pointerup", "pointercancel"]) card.addEventListener(end, () => (drag = null));

  const KEYS = {
    ArrowRight: STEP,
    ArrowUp: STEP,
    ArrowLeft: -STEP,
    ArrowDown: -STEP,
    PageUp: 4 * STEP,
    PageDown: -4 * STEP,
  };
  card.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      return undo();
    }
    const bar = sliderOf(event);
    if (!bar || !(event.key in KEYS || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    event.stopPropagation();
    keep();
    const [low, high] = page.reading.signal(bar.dataset.signal).ends;
    const value =
      event.key === "Home"
        ? low
        : event.key === "End"
          ? high
          : Number(bar.getAttribute("aria-valuenow")) + KEYS[event.key];
    hold(bar.dataset.signal, value, !event.repeat);
  });

  // --- what is said about it -------------------------------------------------------------------------------------------

  // The words of a hold: all, some, or one; one outside the window is told by its place.
  const named = (t) => {
    const place = t - page.reading.start;
    return page.reading.tokens[place] === undefined ? page.say("word_at", { position: t + 1 }) : page.wordAt(place);
  };
  const reachOf = ({ tokens: [first, last] }) =>
    first === last ? "word" : first === 0 && last >= page.reading.read - 1 ? "all" : "range";
  const told = (key, hold, more = {}) => {
    const [first, last] = hold.tokens;
    return page.say(key, {
      signal: page.nameOf(page.reading.signal(hold.signal)),
      unit: page.unitOf(hold),
      value: page.signed(hold.value),
      word: named(first),
      first: named(first),
      last: named(last),
      ...more,
    });
  };
  // The answer in the end; and where along the words it changed most, if that is elsewhere.
  const difference = () => {
    const { holds, reading } = page;
    if (!holds.length || !reading.ghost) return [];
    const [before, after] = [reading.ghost.answer, reading.final].map((shares) => page.share(shares[reading.answer]));
    const values = { label: page.classOf(reading.labels[reading.answer]), before, after };
    const share = (verdicts, t) => verdicts[t][reading.answer];
    const moved = reading.verdicts.map((_, t) =>
      Math.abs(share(reading.verdicts, t) - share(reading.ghost.verdicts, t)),
    );
    const most = argmax(moved);
    const elsewhere = moved[most] >= 0.005 && reading.start + most < reading.read - 1;
    const more = {
      word: page.wordAt(most),
      label: values.label,
      before: page.share(share(reading.ghost.verdicts, most)),
      after: page.share(share(reading.verdicts, most)),
    };
    return [
      make(
        "p",
        {},
        holds.length === 1
          ? told(`held_${reachOf(holds[0])}`, holds[0], values)
          : page.say("held_many", { ...values, count: holds.length }),
      ),
      ...(elsewhere ? [make("p", {}, [page.say("held_most", more), ...page.whichAnswers()].join(" "))] : []),
    ];
  };
  const item = (one) => {
    const away = button("×", () => {
      change(wanted.filter((other) => other !== one));
      undoing.focus({ preventScroll: true });
    });
    const what = told(`hold_${reachOf(one)}`, one);
    away.setAttribute("aria-label", page.say("let_go", { what }));
    return make("li", {}, make("span", {}, what), away);
  };

  const draw = () => {
    if (!page.reading) return;
    if (page.holds !== seen) {
      if (!ours.has(page.holds)) past = [];
      if (!ours.has(page.holds) || page.holds === asked) wanted = page.holds;
    }
    seen = page.holds;
    tools.hidden = !wanted.length && !past.length;
    undoing.disabled = !past.length;
    resetting.disabled = !wanted.length;
    result.replaceChildren(...difference());
    list.replaceChildren(...wanted.filter(({ signal }) => page.reading.signal(signal)).map(item));
  };
  const mark = () => {
    const { reading, range } = page;
    const { token } = page.here();
    const key = everywhere.checked ? "hold_hint_all" : range ? "hold_hint_range" : "hold_hint_word";
    const [first, last] = range ?? [token, token];
    if (last < reading.tokens.length)
      tell(hint, page.say(key, { word: page.token(token), first: page.token(first), last: page.token(last) }));
  };

  // What was asked for is not held after all.
  const refused = () => {
    wanted = page.holds;
    if (past.at(-1) === wanted) past.pop();
    draw();
    page.mark();
  };

  undoing.addEventListener("click", undo);
  resetting.addEventListener("click", () => {
    everywhere.checked = false;
    change([]);
  });
  everywhere.addEventListener("change", mark);
  return { draw, mark, refused };
};
