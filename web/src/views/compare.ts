// Compare: two sentences by one network, or one sentence by two, word beside word; A, B, and how far B is from A.

import type { Comparison as Compared } from "../client/contract";
import type { Reply } from "../client/types";
import { columnAt } from "../model/columns";
import { Comparison, isWhole } from "../model/comparison";
import { apart, argmax } from "../model/numbers";
import { type Block, type Here, type Place, sameBlock, type Unit, wordAlone } from "../model/place";
import { withoutOne } from "../model/reading";
import { sendable } from "../model/text";
import type { Page } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { all, closest, countUp, grow, make, onWidth, span, steady, targetOf } from "../ui/dom";
import { intoView } from "../ui/scrolling";
import { tableDetails } from "../ui/table";
import { comparePlot, type UnitGroup } from "./comparePlot";

type Found = Comparison | Exclude<Reply<"compare">, Compared>;
interface State {
  found: Found | null;
  asked: string | null;
  edges: number[];
  /** The column that is pointed at here alone, as it has no word of A. */
  over: number | null;
  /** What is marked. */
  at: string | null;
  groups: UnitGroup[];
  /** The unit that was pinned when the units were drawn. */
  pinned: number | null;
  room: number;
  /** Whether the marked column has yet to be brought into view. */
  bring: boolean;
}
/** The fields of a side, and for what they were filled last. */
interface Side {
  model: HTMLSelectElement;
  text: HTMLTextAreaElement;
  field: HTMLElement;
  language?: string;
  size?: string;
}
/** What a pointer or the focus is at: a column, and the place in the page that it stands for. */
interface Under {
  at: number | null;
  place: Place;
}
const isComparison = (found: Found | null): found is Comparison => found instanceof Comparison;

export const compare = (box: HTMLElement, page: Page) => {
  const MOST_UNITS = 4;
  const ALIKE = 0.005; // answers that never differ by more are called alike
  const SIDES = ["a", "b"];
  const state: State = {
    found: null,
    asked: null,
    edges: [0],
    over: null,
    at: null,
    groups: [],
    pinned: null,
    room: 0,
    bring: true,
  };
  const picture = comparePlot(page);

  box.classList.add("rv-compare");
  box.dataset.seq = "0";
  const side = (name: string): Side => {
    const model = make("select", { id: `rv-compare-model-${name}`, "data-say-label": `compare_model_${name}` });
    const text = make("textarea", {
      id: `rv-compare-text-${name}`,
      rows: 1,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      "data-say-label": `compare_text_${name}`,
      "data-say-hint": "sentence_hint",
    });
    const letter = make("span", { class: "rv-letter", "aria-hidden": "true" }, name.toUpperCase());
    text.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && event.preventDefault());
    return { model, text, field: make("div", { class: "rv-compare-side" }, letter, model, text) };
  };
  const [one, other] = SIDES.map(side);
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const told = make("p", { class: "rv-said", "aria-live": "polite" });
  const legends = SIDES.map(() => make("ul", { class: "rv-classes" }));
  const scroll = make("div", { class: "rv-columns" });
  const signals = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "choose_signals" });
  const about = make("p", { class: "rv-note" });
  const heat = make("div", { class: "rv-columns rv-heat", "aria-hidden": "true" }); // the table says the same
  const readout = make("p", { class: "rv-found" });
  const details = tableDetails(() =>
    isComparison(state.found) ? picture.table(state.found, state.groups, looked(state.found).signal) : null,
  );
  const whole = make("div", {}, told, ...legends, scroll, signals, about, heat, readout, details.node);
  box.append(make("div", { class: "rv-compare-sides" }, one.field, other.field), notices, whole);
  walkable(signals);
  steady(readout);
  oneStop(scroll, ".rv-compare-column");

  // --- the two sides -------------------------------------------------------------------------------------------------

  // A is what the page reads. B is what was typed or chosen here; where nothing was, the same text, and by the same
  // network without a word that matters, so that there is something to see.
  const second = () => {
    const { text, model } = page.reading;
    const network = page.other?.model ?? model;
    return { model: network, text: page.other?.text ?? (network === model ? withoutOne(page.reading) : text) };
  };
  const fill = (place: Side, { model, text }: { model: string; text: string }) => {
    if (place.language !== page.language()) {
      place.language = page.language();
      place.model.replaceChildren(
        ...page.props.models
          .filter(({ problem }) => !problem)
          .map(({ name }) => make("option", { value: name }, page.titleOf(name))),
      );
    }
    place.model.value = model;
    if (document.activeElement !== place.text) place.text.value = text;
    const size = `${place.text.value} ${state.room}`;
    if (place.size !== size) grow(place.text);
    place.size = size;
  };
  const follow = () => {
    const { text, model } = page.reading;
    const right = second();
    fill(one, { text, model });
    fill(other, right);
    const half = (typed: string) => sendable(typed, 28000); // both go in one request
    const question = { model, text: half(text), other_model: right.model, other_text: half(right.text) };
    const key = JSON.stringify(question);
    if (key === state.asked) return;
    state.asked = key;
    ask(question);
  };
  // What is typed or chosen for A is typed and chosen for the page.
  const pass = (from: HTMLTextAreaElement | HTMLSelectElement, to: string, kind: string) => {
    const target = page.part<HTMLTextAreaElement | HTMLSelectElement>(to);
    target.value = from.value;
    target.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const choose = (part: { model?: string; text?: string }) => {
    page.setOther({ ...page.other, ...part });
    follow();
  };
  one.text.addEventListener("input", () => pass(one.text, "#rv-text", "input"));
  one.model.addEventListener("change", () => pass(one.model, "#rv-model", "change"));
  other.text.addEventListener("input", () => choose({ text: other.text.value }));
  other.model.addEventListener("change", () => choose({ model: other.model.value }));

  // --- answers -------------------------------------------------------------------------------------------------------

  const notice = (sentence: string, kind: string | null = null) =>
    notices.replaceChildren(make("p", { class: kind }, sentence));
  const ask = page.asker("compare", {
    again: true,
    use: (answer) => {
      state.found = answer.error !== undefined || answer.empty !== undefined ? answer : new Comparison(answer);
      state.bring = true;
      draw();
      page.mark();
      countUp(box);
    },
    fail: () => notice(page.say("offline"), "rv-alert"),
    wait: () => notice(page.say("waiting")),
  });
  const comparedNotes = (found: Comparison) => {
    const notes = page.holds.length ? [page.say("read_unheld")] : [];
    return found.long ? [...notes, page.say("compare_long", { count: found.left.size })] : notes;
  };
  const notesOn = (found: Found) => {
    if (found instanceof Comparison) return comparedNotes(found);
    if (found.error !== undefined) return [page.objection(found)];
    return [page.say(`compare_empty_${found.empty}`)];
  };

  // The signal and the layers and directions that are looked at, as far as what is compared has them.
  const looked = ({ left }: Comparison) => {
    const clipped = page.blocks().map(({ layer, direction }) => ({
      layer: Math.min(layer, left.layers - 1),
      direction: Math.min(direction, left.directions - 1),
    }));
    const places = [...new Map(clipped.map((place) => [JSON.stringify(place), place])).values()];
    return { signal: left.find(page.view.signal) ?? left.signal(left.memory), places };
  };
  // A network that reads both ways gives its answers and its units in two readings.
  const which = ({ left, right }: Comparison, ...keys: string[]) =>
    left.directions > 1 || right.directions > 1 ? keys.map((key) => page.say(key)) : [];
  const listed = (labels: string[]) => page.list(labels.slice(0, 8).map(page.classOf));
  const story = (found: Comparison) => {
    const { left, right, pairs, first, apart } = found;
    if (!found.sameClasses)
      return page.say("compare_classes", { one: listed(left.labels), other: listed(right.labels) });
    if (!first && found.sameNetwork) return page.say("compare_same");
    if (!apart) return page.say("compare_nothing");
    if (apart.size < ALIKE) return page.say("compare_alike");
    const { column, label } = apart;
    const pair = pairs[column];
    if (!isWhole(pair)) return page.say("compare_nothing");
    const [l, r] = pair;
    const values = {
      word: found.word(pairs[column]),
      label: page.classOf(left.labels[label]),
      one: page.share(left.verdicts[l][label]),
      other: page.share(right.verdicts[r][label]),
    };
    const said = first
      ? page.say("compare_parted", { ...values, first: found.word(first) })
      : page.say("compare_apart", values);
    if (!found.sameNetwork || left.model !== page.reading.model) return said;
    const { signal, places } = looked(found);
    const most = places.map((place) => ({ place, ...found.unitAt(column, signal.name, place) }));
    const { place, unit, before, after } = most[argmax(most.map((one) => Math.abs(one.after - one.before)))];
    const ofUnit = { unit: page.unitOf({ unit, ...place }), signal: page.nameOf(signal) };
    const changes = { one: page.signed(before), other: page.signed(after) };
    return `${said} ${page.say("compare_unit", { ...ofUnit, ...changes })}`;
  };

  const drawUnits = (found: Comparison) => {
    const { signal, places } = looked(found);
    const { unit, layer, direction } = page.pinned;
    const pinned = (place: Block) =>
      unit !== null && layer === place.layer && direction === place.direction && unit < found.left.units ? [unit] : [];
    state.groups = places.map((place) => {
      const most = found.unitsApart(signal.name, place, MOST_UNITS);
      return { place, most, units: [...new Set([...most, ...pinned(place)])] };
    });
    state.pinned = unit;
    const { low, high, beyond } = found.limits(signal.name);
    const [lowest, highest] = [(beyond ? "≤ " : "") + page.signed(low), (beyond ? "≥ " : "") + page.signed(high)];
    const far = Math.max(...state.groups.map(({ units, place }) => found.furthest(units, signal.name, place)));
    const also = state.groups.some(({ units, most }) => units.length > most.length)
      ? page.say("compare_pinned", { unit })
      : "";
    const units = page.say("compare_units", {
      signal: page.nameOf(signal),
      count: state.groups[0].most.length,
      units: found.left.units,
      pinned: also,
      low: lowest,
      high: highest,
      change: page.signed(far),
    });
    about.textContent = [units, ...which(found, "both_answers", "both_units")].join(" ");
    const { signals: all } = page.reading;
    choices(
      signals,
      all.map(page.nameOf),
      all.findIndex(({ name }) => name === signal.name),
      (chosen) => page.choose({ signal: all[chosen].name }),
    );
    heat.replaceChildren(
      ...state.groups.map((group) => picture.units(found, group, far, signal.name, state.edges, state.room)),
    );
    details.draw();
  };
  const draw = () => {
    page.translate(box);
    if (!page.shown) return;
    follow();
    const { found } = state;
    if (found) notices.replaceChildren(...notesOn(found).map((note) => make("p", {}, note)));
    whole.hidden = !isComparison(found);
    if (!isComparison(found) || !state.room) return;
    told.textContent = story(found);
    state.edges = picture.edgesOf(found, state.room);
    scroll.replaceChildren(picture.answers(found, state.edges));
    legends[1].hidden = found.sameClasses;
    for (const [n, reading] of [found.left, found.right].entries()) {
      const name = found.sameClasses ? "" : make("b", {}, SIDES[n].toUpperCase());
      legends[n].replaceChildren(name, ...picture.legend(reading));
    }
    const shown = found.sameNetwork && found.first !== null && found.left.model === page.reading.model;
    for (const part of [signals, heat, details.node]) part.hidden = !shown;
    if (shown) drawUnits(found);
    else
      about.textContent = [
        ...(found.sameClasses && !found.sameNetwork ? [page.say("compare_alone")] : []),
        ...which(found, "both_answers"),
      ].join(" ");
    state.at = null;
  };

  // --- the selected word and unit ------------------------------------------------------------------------------------

  // A's words have the same places here as in the page, as long as the page shows the text from its first word on.
  const linked = () =>
    page.reading.start === 0 && isComparison(state.found) && state.found.left.model === page.reading.model;
  const readAt = (found: Comparison, at: number, row: Unit | null) => {
    if (row === null) return picture.says(found, found.pairs[at]);
    const { signal } = looked(found);
    const { unit, ...place } = row;
    const [before, after] = found.values(at, unit, signal.name, place);
    const number = (value: number | null) => (value === null ? page.say("compare_gap") : page.signed(value));
    return page.say("compare_at", {
      word: found.word(found.pairs[at]),
      unit: page.unitOf({ unit, ...place }),
      signal: page.nameOf(signal),
      one: number(before),
      other: number(after),
      change: number(before === null || after === null ? null : apart(before, after)),
    });
  };
  const columnHere = (found: Comparison, token: number) =>
    state.over ?? (linked() ? found.pairs.findIndex(([l]) => l === token) : -1);
  const mark = () => {
    const { found } = state;
    if (!isComparison(found) || whole.hidden || !state.room) return;
    const here = page.here();
    const at = columnHere(found, here.token);
    const key = `${at} ${here.unit} ${here.layer} ${here.direction} ${page.pinned.unit}`;
    if (state.at === key) return;
    state.at = key;
    if (!heat.hidden && page.pinned.unit !== state.pinned) drawUnits(found);
    markColumn(found, at, here);
    state.bring = false;
  };
  const markColumn = (found: Comparison, at: number, here: Here) => {
    const { edges, bring, room } = state;
    const isThere = at >= 0 && at < found.pairs.length;
    if (isThere && bring) for (const part of [scroll, heat]) intoView(part, edges, at, room);
    for (const node of all(scroll, ".rv-compare-column"))
      node.classList.toggle("rv-at", Number(node.dataset.column) === at);
    const row = heat.hidden ? null : rowAt(here);
    readout.textContent = isThere ? readAt(found, at, row) : "";
    if (!heat.hidden) markUnits(isThere ? [edges[at], edges[at + 1]] : null, row);
  };
  /** The row of the unit that the page looks at, if it is shown. */
  const rowAt = ({ unit, layer, direction }: Here): Unit | null => {
    const own = state.groups.find(({ place, units }) => sameBlock(place, { layer, direction }) && units.includes(unit));
    return own ? { unit, ...own.place } : null;
  };
  const markUnits = (column: [left: number, right: number] | null, row: Unit | null) => {
    for (const band of all(heat, ".rv-heat-here")) {
      band.hidden = !column;
      span(band, ...(column ?? [0, 0]));
    }
    for (const node of all(heat, ".rv-heat-row"))
      node.classList.toggle("rv-at", JSON.stringify(placeOf(node)) === JSON.stringify(row));
  };

  const placeOf = ({ dataset }: HTMLElement) => ({
    unit: Number(dataset.unit),
    layer: Number(dataset.layer),
    direction: Number(dataset.direction),
  });
  // The column at a pointer, and the place in the page that it stands for.
  const placeAt = (event: MouseEvent, part: HTMLElement): Under => {
    const { found, edges } = state;
    const named = closest(event, ".rv-compare-column"); // also for a key, whose click is at no place
    const x = event.clientX - part.getBoundingClientRect().left + part.scrollLeft;
    const at = named ? Number(named.dataset.column) : columnAt(edges, x);
    const row = closest(event, ".rv-heat-row");
    const token = at === null || !linked() || !isComparison(found) ? null : found.pairs[at][0];
    return { at, place: row ? { token, ...placeOf(row) } : wordAlone(token) };
  };
  const placeOfColumn = (at: number): Under => {
    const token = linked() && isComparison(state.found) ? state.found.pairs[at][0] : null;
    return { at, place: wordAlone(token) };
  };
  const point = ({ at, place }: Under) => {
    state.over = place.token === null ? at : null; // a column without a word of A is selected here alone
    page.hover(place.token === null && place.unit === null ? null : place);
  };
  const leave = () => {
    state.over = null;
    page.hover(null);
  };
  const pin = (event: MouseEvent, part: HTMLElement) => {
    const { at, place } = placeAt(event, part);
    state.over = place.token === null ? at : null;
    page.leave();
    if (place.unit !== null) page.pin({ ...place, token: place.token ?? page.pinned.token });
    else if (place.token !== null) page.pin({ ...page.pinned, token: place.token });
    else page.mark();
  };
  for (const part of [scroll, heat]) {
    part.addEventListener(
      "pointermove",
      (event) => event.pointerType !== "touch" && isComparison(state.found) && point(placeAt(event, part)),
    );
    part.addEventListener("pointerleave", leave);
    part.addEventListener("click", (event) => isComparison(state.found) && pin(event, part));
  }
  scroll.addEventListener("focusin", (event) => {
    const column = targetOf(event).matches(":focus-visible") ? closest(event, ".rv-compare-column") : null;
    if (column) point(placeOfColumn(Number(column.dataset.column)));
  });
  scroll.addEventListener("focusout", leave);
  scroll.addEventListener("scroll", () => {
    heat.scrollLeft = scroll.scrollLeft;
  });
  heat.addEventListener("scroll", () => {
    scroll.scrollLeft = heat.scrollLeft;
  });
  onWidth(scroll, () => {
    state.room = scroll.clientWidth; // asked here alone, for the browser then lays the whole page out
    state.bring = true;
    draw();
    page.mark();
  });
  return { draw, mark };
};
