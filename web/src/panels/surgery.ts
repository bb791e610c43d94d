// Gate surgery: a bar of the cell that is dragged holds its signal there, and the text is read again. What was there
// before stays as a ghost; everything that is held can be let go, one by one or at once.

import type { Hold } from "../client/contract";
import { argmax, clamp } from "../model/numbers";
import { type Here, sameBlock, type Unit } from "../model/place";
import type { Page } from "../state/page";
import { button, closest, make, tell } from "../ui/dom";

/** A bar that is being dragged. */
interface Drag {
  bar: HTMLElement;
  name: string;
  moved: boolean;
}

export const surgery = (page: Page) => {
  const MOST = 20;
  const STEP = 0.05;
  const card = page.part(".rv-cell-card");
  const hint = page.part(".rv-hold-hint");
  const everywhere = page.part<HTMLInputElement>(".rv-everywhere");
  const tools = page.part(".rv-hold-tools");
  const undoing = page.part<HTMLButtonElement>(".rv-undo");
  const resetting = page.part<HTMLButtonElement>(".rv-reset");
  const result = page.part(".rv-hold-result");
  const list = page.part(".rv-holds");
  let seen = page.holds; // what was held in the reading that was drawn last
  let asked = seen; // what the last question of ours holds
  let wanted = seen; // what is held once that is answered
  let past: (readonly Hold[])[] = []; // what was held before, step by step
  let drag: Drag | null = null;
  const ours = new WeakSet(); // answers to our own questions; any other change of what is held begins a new past

  // --- what is held --------------------------------------------------------------------------------------------------

  const wordsFrom = (token: number): [number, number] => {
    const { reading, range } = page;
    if (everywhere.checked) return [0, reading.read - 1];
    const [first, last] = range ?? [token, token];
    return [reading.start + first, reading.start + last];
  };
  const sameUnit = (one: Unit, other: Unit) => one.unit === other.unit && sameBlock(one, other);
  const alike = (one: Hold, other: Hold) =>
    one.signal === other.signal && sameUnit(one, other) && one.tokens.join() === other.tokens.join();
  const covers = (one: Hold, name: string, t: number, here: Here) =>
    one.signal === name && sameUnit(one, here) && one.tokens[0] <= t && t <= one.tokens[1];

  // The value at which a signal is held at a place, or null; of two, the later one holds.
  const heldAt = (name: string, here: Here) =>
    wanted.findLast((one) => covers(one, name, page.reading.start + here.token, here))?.value ?? null;

  const ask = (holds: readonly Hold[]) => {
    if (!page.stands()) return page.ask(); // another text is on its way, or got no answer: it comes first
    asked = wanted = holds;
    ours.add(holds);
    page.ask({ start: page.reading.start, holds });
    page.mark();
  };
  const change = (holds: readonly Hold[]) => {
    past.push(wanted);
    ask(holds);
  };
  const hold = (name: string, value: number, begins: boolean) => {
    const { token, unit, layer, direction } = page.here();
    const [low, high] = page.reading.signal(name).ends;
    const one: Hold = {
      signal: name,
      value: clamp(Math.round(value * 100) / 100, low, high),
      tokens: wordsFrom(token),
      unit,
      layer,
      direction,
    };
    const others = wanted.filter((other) => !alike(one, other));
    if (others.length >= MOST) return page.alert(page.say("holds_full", { count: MOST }));
    if (begins) past.push(wanted);
    ask([...others, one]);
  };
  const undo = () => {
    const before = past.pop();
    if (before) ask(before);
  };

  // --- the bars, by mouse, touch and keyboard ------------------------------------------------------------------------

  const sliderOf = (event: Event) => closest(event, ".rv-gauge[role=slider]");
  const keep = () => {
    page.stopPlaying(); // else the next word comes under the bar that is being dragged
    page.select(page.here()); // what is dragged stays what is shown, whatever the new reading brings
  };
  const pulled = (event: PointerEvent) => {
    if (!drag?.bar.isConnected) return; // another kind of cell is shown by now
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
    drag = { bar, name: bar.dataset.signal ?? "", moved: false };
    bar.setPointerCapture(event.pointerId);
    bar.focus({ preventScroll: true });
    pulled(event);
  });
  card.addEventListener("pointermove", (event) => drag && pulled(event));
  const drop = () => {
    drag = null;
  };
  for (const end of ["pointerup", "pointercancel"]) card.addEventListener(end, drop);

  const KEYS: Partial<Record<string, number>> = {
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
    const name = bar?.dataset.signal;
    const value = bar && name ? valueAfter(event.key, bar, name) : undefined;
    if (!name || value === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    keep();
    hold(name, value, !event.repeat);
  });
  /** The value that a key moves a bar to. */
  const valueAfter = (key: string, bar: HTMLElement, name: string): number | undefined => {
    const [low, high] = page.reading.signal(name).ends;
    if (key === "Home") return low;
    if (key === "End") return high;
    const step = KEYS[key];
    return step === undefined ? undefined : Number(bar.getAttribute("aria-valuenow")) + step;
  };

  // --- what is said about it -----------------------------------------------------------------------------------------

  // The words of a hold: all, some, or one; one outside the window is told by its place.
  const named = (t: number) => {
    const place = t - page.reading.start;
    return page.reading.tokens[place] === undefined ? page.say("word_at", { position: t + 1 }) : page.wordAt(place);
  };
  const reachOf = ({ tokens: [first, last] }: Hold) =>
    first === last ? "word" : first === 0 && last >= page.reading.read - 1 ? "all" : "range";
  const told = (key: string, hold: Hold, more = {}) => {
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
    const { ghost } = reading;
    if (!holds.length || !ghost) return [];
    const [before, after] = [ghost.answer, reading.final].map((shares) => page.share(shares[reading.answer]));
    const values = { label: page.classOf(reading.labels[reading.answer]), before, after };
    const share = (verdicts: number[][], t: number) => verdicts[t][reading.answer];
    const moved = reading.verdicts.map((_, t) => Math.abs(share(reading.verdicts, t) - share(ghost.verdicts, t)));
    const most = argmax(moved);
    const elsewhere = moved[most] >= 0.005 && reading.start + most < reading.read - 1;
    const more = {
      word: page.wordAt(most),
      label: values.label,
      before: page.share(share(ghost.verdicts, most)),
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
  const item = (one: Hold) => {
    const away = button("×", () => {
      change(wanted.filter((other) => other !== one));
      undoing.focus({ preventScroll: true });
    });
    const what = told(`hold_${reachOf(one)}`, one);
    away.setAttribute("aria-label", page.say("let_go", { what }));
    return make("li", {}, make("span", {}, what), away);
  };

  page.provide({ heldAt });

  const draw = () => {
    if (!page.shown) return;
    if (page.holds !== seen) {
      if (!ours.has(page.holds)) past = [];
      if (!ours.has(page.holds) || page.holds === asked) wanted = page.holds;
    }
    seen = page.holds;
    tools.hidden = !wanted.length && !past.length;
    undoing.disabled = !past.length;
    resetting.disabled = !wanted.length;
    result.replaceChildren(...difference());
    list.replaceChildren(...wanted.filter(({ signal }) => page.reading.find(signal)).map(item));
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
