// Compare: two sentences by one network, or one sentence by two, word beside word; A, B, and how far B is from A.

import { comparison } from "../model/comparison";
import { argmax, withoutOne } from "../model/reading";
import { sendable } from "../model/text";
import { NOWHERE } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { grow, make, onWidth, steady } from "../ui/dom";
import { intoView } from "../ui/scrolling";
import { comparePlot } from "./comparePlot";

export const compare = (box, page) => {
  const MOST_UNITS = 4;
  const ALIKE = 0.005; // answers that never differ by more are called alike
  const SIDES = ["a", "b"];
  const state = {
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
  box.dataset.seq = 0;
  const side = (name) => {
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
  const table = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const details = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), table);
  const whole = make("div", {}, told, ...legends, scroll, signals, about, heat, readout, details);
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
  const fill = (place, { model, text }) => {
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
    const half = (typed) => sendable(typed, 28000); // both go in one request
    const question = { model, text: half(text), other_model: right.model, other_text: half(right.text) };
    const key = JSON.stringify(question);
    if (key === state.asked) return;
    state.asked = key;
    ask(question);
  };
  // What is typed or chosen for A is typed and chosen for the page.
  const pass = (from, to, kind) => {
    const target = page.part(to);
    target.value = from.value;
    target.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const choose = (part) => {
    page.other = { ...page.other, ...part };
    follow();
  };
  one.text.addEventListener("input", () => pass(one.text, "#rv-text", "input"));
  one.model.addEventListener("change", () => pass(one.model, "#rv-model", "change"));
  other.text.addEventListener("input", () => choose({ text: other.text.value }));
  other.model.addEventListener("change", () => choose({ model: other.model.value }));

  // --- answers -------------------------------------------------------------------------------------------------------

  const notice = (sentence, kind = null) => notices.replaceChildren(make("p", { class: kind }, sentence));
  const ask = page.asker("compare", {
    again: true,
    use: (answer) => {
      state.found = answer.error || answer.empty ? answer : comparison(answer);
      state.bring = true;
      draw();
      page.mark();
      box.dataset.seq = Number(box.dataset.seq) + 1;
    },
    fail: () => notice(page.say("offline"), "rv-alert"),
    wait: () => notice(page.say("waiting")),
  });
  const notesOn = (found) => {
    if (found.error) return [page.objection(found)];
    if (found.empty) return [page.say(`compare_empty_${found.empty}`)];
    const notes = page.holds.length ? [page.say("read_unheld")] : [];
    return found.long ? [...notes, page.say("compare_long", { count: found.left.size })] : notes;
  };

  // The signal and the layers and directions that are looked at, as far as what is compared has them.
  const looked = ({ left }) => {
    const clipped = page.blocks().map(({ layer, direction }) => ({
      layer: Math.min(layer, left.layers - 1),
      direction: Math.min(direction, left.directions - 1),
    }));
    const places = [...new Map(clipped.map((place) => [JSON.stringify(place), place])).values()];
    return { signal: left.signal(page.view.signal) ?? left.signal(left.memory), places };
  };
  // A network that reads both ways gives its answers and its units in two readings.
  const which = ({ left, right }, ...keys) =>
    left.directions > 1 || right.directions > 1 ? keys.map((key) => page.say(key)) : [];
  const listed = (labels) => page.list(labels.slice(0, 8).map(page.classOf));
  const story = (found) => {
    const { left, right, pairs, first, apart } = found;
    if (!found.sameClasses)
      return page.say("compare_classes", { one: listed(left.labels), other: listed(right.labels) });
    if (!first && found.sameNetwork) return page.say("compare_same");
    if (!apart) return page.say("compare_nothing");
    if (apart.size < ALIKE) return page.say("compare_alike");
    const { column, label } = apart;
    const [l, r] = pairs[column];
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
    return `${said} ${page.say("compare_unit", { unit: page.unitOf({ unit, ...place }), signal: page.nameOf(signal), one: page.signed(before), other: page.signed(after) })}`;
  };

  const drawUnits = (found) => {
    const { signal, places } = looked(found);
    const { unit, layer, direction } = page.pinned;
    const pinned = (place) =>
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
    fillTable();
  };
  const fillTable = () => {
    if (details.open && state.found?.pairs)
      table.replaceChildren(picture.table(state.found, state.groups, looked(state.found).signal));
  };
  const draw = () => {
    page.translate(box);
    if (!page.reading) return;
    follow();
    const { found } = state;
    if (found) notices.replaceChildren(...notesOn(found).map((note) => make("p", {}, note)));
    whole.hidden = !found?.pairs;
    if (whole.hidden || !state.room) return;
    told.textContent = story(found);
    state.edges = picture.edgesOf(found, state.room);
    scroll.replaceChildren(picture.answers(found, state.edges));
    legends[1].hidden = found.sameClasses;
    [found.left, found.right].forEach((reading, n) =>
      legends[n].replaceChildren(
        found.sameClasses ? "" : make("b", {}, SIDES[n].toUpperCase()),
        ...picture.legend(reading),
      ),
    );
    const shown = found.sameNetwork && found.first !== null && found.left.model === page.reading.model;
    for (const part of [signals, heat, details]) part.hidden = !shown;
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
  const linked = () => page.reading.start === 0 && state.found.left.model === page.reading.model;
  const readAt = (found, at, row) => {
    if (row === null) return picture.says(found, found.pairs[at]);
    const { signal } = looked(found);
    const { unit, ...place } = row;
    const [before, after] = found.values(at, unit, signal.name, place);
    const number = (value) => (value === null ? page.say("compare_gap") : page.signed(value));
    return page.say("compare_at", {
      word: found.word(found.pairs[at]),
      unit: page.unitOf({ unit, ...place }),
      signal: page.nameOf(signal),
      one: number(before),
      other: number(after),
      change: number(before === null || after === null ? null : page.apart(before, after)),
    });
  };
  const mark = () => {
    const { found, edges } = state;
    if (!found?.pairs || whole.hidden || !state.room) return;
    const { token, unit, layer, direction } = page.here();
    const at = state.over ?? (linked() ? found.pairs.findIndex(([l]) => l === token) : -1);
    const key = `${at} ${unit} ${layer} ${direction} ${page.pinned.unit}`;
    if (state.at === key) return;
    state.at = key;
    if (!heat.hidden && page.pinned.unit !== state.pinned) drawUnits(found);
    const there = at >= 0 && at < found.pairs.length;
    if (there && state.bring) for (const part of [scroll, heat]) intoView(part, edges, at, state.room);
    state.bring = false;
    for (const node of scroll.querySelectorAll(".rv-compare-column"))
      node.classList.toggle("rv-at", Number(node.dataset.column) === at);
    const own = state.groups.find(
      ({ place, units }) => place.layer === layer && place.direction === direction && units.includes(unit),
    );
    const row = !heat.hidden && own ? { unit, ...own.place } : null;
    readout.textContent = there ? readAt(found, at, row) : "";
    if (heat.hidden) return;
    for (const band of heat.querySelectorAll(".rv-heat-here")) {
      band.hidden = !there;
      band.style.left = there ? `${edges[at]}px` : "0";
      band.style.width = there ? `${edges[at + 1] - edges[at]}px` : "0";
    }
    for (const node of heat.querySelectorAll(".rv-heat-row"))
      node.classList.toggle("rv-at", JSON.stringify(placeOf(node)) === JSON.stringify(row));
  };

  const placeOf = ({ dataset }) => ({
    unit: Number(dataset.unit),
    layer: Number(dataset.layer),
    direction: Number(dataset.direction),
  });
  // The column at a pointer, and the place in the page that it stands for.
  const placeAt = (event, part) => {
    const { found, edges } = state;
    const named = event.target.closest(".rv-compare-column"); // also for a key, whose click is at no place
    const x = event.clientX - part.getBoundingClientRect().left + part.scrollLeft;
    const at = named ? Number(named.dataset.column) : edges.findIndex((edge, n) => x >= edge && x < edges[n + 1]);
    const row = event.target.closest(".rv-heat-row");
    const token = at < 0 || !linked() ? null : found.pairs[at][0];
    return { at: at < 0 ? null : at, place: row ? { token, ...placeOf(row) } : { ...NOWHERE, token } };
  };
  const point = (event, part) => {
    const { at, place } = placeAt(event, part);
    state.over = place.token === null ? at : null; // a column without a word of A is selected here alone
    page.hover(place.token === null && place.unit === null ? null : place);
  };
  const leave = () => {
    state.over = null;
    page.hover(null);
  };
  const pin = (event, part) => {
    const { at, place } = placeAt(event, part);
    state.over = place.token === null ? at : null;
    page.hovered = NOWHERE;
    if (place.unit !== null) page.pin({ ...place, token: place.token ?? page.pinned.token });
    else if (place.token !== null) page.pin({ ...page.pinned, token: place.token });
    else page.mark();
  };
  for (const part of [scroll, heat]) {
    part.addEventListener(
      "pointermove",
      (event) => event.pointerType !== "touch" && state.found?.pairs && point(event, part),
    );
    part.addEventListener("pointerleave", leave);
    part.addEventListener("click", (event) => state.found?.pairs && pin(event, part));
  }
  details.addEventListener("toggle", fillTable);
  scroll.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && point(event, scroll));
  scroll.addEventListener("focusout", leave);
  scroll.addEventListener("scroll", () => (heat.scrollLeft = scroll.scrollLeft));
  heat.addEventListener("scroll", () => (scroll.scrollLeft = heat.scrollLeft));
  onWidth(scroll, () => {
    state.room = scroll.clientWidth; // asked here alone, for the browser then lays the whole page out
    state.bring = true;
    draw();
    page.mark();
  });
  return { draw, mark };
};
