// Gates: how often each unit's gates are nearly shut and nearly open, a dot a unit and gate; and what the numbers say
// of "gates are bit masks" and "the memory is made of flags".

import type { FlagsClaim, GateClaim, MasksClaim, ReadSignal } from "../client/contract";
import type { Known, Verdict } from "../client/types";
import { WAYS } from "../model/colours";
import { counting } from "../model/numbers";
import type { Block, Unit } from "../model/place";
import type { TypedReading } from "../model/reading";
import { isolated } from "../model/text";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { type Attributes, button, countUp, make, steady, svgMake } from "../ui/dom";
import { legendMark, markOf } from "../ui/marks";
import { type TableContent, tableDetails } from "../ui/table";

/** A gate of a unit, and how often it is nearly shut and nearly open. */
interface Dot extends Unit {
  gate: number;
  shut: number;
  open: number;
}
interface State {
  about: Known | null;
  /** The network that this is about. */
  model: string | null;
  /** Whether the shares are those of the sentence, not of the training texts. */
  sentence: boolean;
  dots: Dot[];
  /** The unit that is marked. */
  at: string | undefined;
}

export const gates = (box: HTMLElement, page: Page) => {
  const SIDE = 330;
  const PAD = { left: 58, top: 26, right: 24, bottom: 46 };
  const SHUT = 0.1;
  const OPEN = 0.9;
  const NEAR = 16; // pixels within which a dot is meant
  const KEYS: Partial<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
  const state: State = { about: null, model: null, sentence: false, dots: [], at: undefined };

  box.classList.add("rv-gates");
  box.dataset.seq = "0";
  const switcher = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "gates_over" });
  const told = make("p", { class: "rv-said", "aria-live": "polite" });
  const title = make("h3", { class: "rv-heading" });
  const legend = make("ul", { class: "rv-reach-legend" });
  const picture = make("div", { class: "rv-gates-picture" });
  const readout = make("p", { class: "rv-found" });
  const details = tableDetails(() => tableContent());
  const verdicts = make("div", { class: "rv-verdicts" });
  const scatter = make("div", { class: "rv-gates-scatter" }, switcher, title, legend, picture, readout, details.node);
  box.append(told, make("div", { class: "rv-gates-whole" }, scatter, verdicts));
  walkable(switcher);
  steady(readout);

  const WAYS_BY_NAME = ["forward", "backward"] as const;
  const signalsOf = (reading: TypedReading) => reading.signals.filter(({ low }) => low === 0);
  const placeOf = ({ layer, direction }: Block) => state.about?.places?.[layer]?.[WAYS_BY_NAME[direction]];
  const part = (share: number) => page.share(share, { maximumSignificantDigits: 2 });

  // --- the numbers ---------------------------------------------------------------------------------------------------

  const inSentence = (signal: ReadSignal, { layer, direction }: Block) => {
    const { tokens, units, value } = page.reading;
    const share = (test: (gate: number) => boolean) =>
      counting(units).map(
        (unit) =>
          tokens.reduce((sum, _, t) => sum + Number(test(value(signal, t, unit, layer, direction))), 0) / tokens.length,
      );
    return { shut: share((gate) => gate < SHUT), open: share((gate) => gate > OPEN) };
  };
  // Every dot: which gate (a place in the list of gates) of which unit, and its two shares.
  const dotsOf = (): Dot[] =>
    page.blocks().flatMap(({ layer, direction }) =>
      signalsOf(page.reading).flatMap((signal, gate) => {
        const shares = state.sentence
          ? inSentence(signal, { layer, direction })
          : placeOf({ layer, direction })?.saturation?.[signal.name];
        if (!shares) return [];
        return shares.shut.map((shut, unit) => ({ gate, unit, layer, direction, shut, open: shares.open[unit] }));
      }),
    );

  // --- the scatter ---------------------------------------------------------------------------------------------------

  const x = (shut: number) => PAD.left + shut * SIDE;
  const y = (open: number) => PAD.top + (1 - open) * SIDE;
  const text = (key: string, left: number, top: number, more: Attributes = {}) =>
    svgMake("text", { x: left, y: top, ...more }, page.say(key));
  const frame = () => {
    const ticks = [0, 0.5, 1].flatMap((share) => [
      svgMake("text", { class: "rv-tick", x: x(share), y: y(0) + 18, "text-anchor": "middle" }, page.share(share)),
      svgMake("text", { class: "rv-tick", x: x(0) - 8, y: y(share) + 4, "text-anchor": "end" }, page.share(share)),
    ]);
    return [
      svgMake("path", { class: "rv-triangle", d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}Z` }),
      svgMake("path", { class: "rv-edge", d: `M${x(0)} ${y(1)}L${x(1)} ${y(0)}` }),
      ...ticks,
      text("gates_shut", x(0.5), y(0) + 38, { class: "rv-axis-name", "text-anchor": "middle" }),
      text("gates_open", 0, 0, {
        class: "rv-axis-name",
        "text-anchor": "middle",
        transform: `translate(14 ${y(0.5)}) rotate(-90)`,
      }),
      text("gates_edge", 0, 0, {
        class: "rv-corner",
        "text-anchor": "middle",
        transform: `translate(${x(0.5) + 10} ${y(0.5) - 10}) rotate(45)`,
      }),
    ];
  };
  const dot = (one: Dot) =>
    markOf(one.gate, { class: "rv-dot", transform: `translate(${x(one.shut)} ${y(one.open)})` });
  const scattered = () => {
    const [width, height] = [PAD.left + SIDE + PAD.right, PAD.top + SIDE + PAD.bottom];
    const svg = svgMake("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      tabindex: 0,
      role: "slider",
      "aria-label": page.say("gates_picture"),
      "aria-valuemin": 0,
      "aria-valuemax": page.reading.units - 1,
    });
    svg.append(...frame(), ...state.dots.map(dot), svgMake("g", { class: "rv-chosen-dots" }));
    return svg;
  };

  const tableContent = (): TableContent | null => {
    if (!page.shown) return null;
    const names = signalsOf(page.reading).map(page.nameOf);
    const ends = (gate: string) => [page.say("gates_shut_of", { gate }), page.say("gates_open_of", { gate })];
    const rows = new Map<string, string[]>();
    for (const one of state.dots) {
      const key = page.unitOf(one);
      rows.set(key, [...(rows.get(key) ?? [key]), page.share(one.shut), page.share(one.open)]);
    }
    return { heads: [page.say("gates_unit"), ...names.flatMap(ends)], rows: [...rows.values()] };
  };

  // --- what is said --------------------------------------------------------------------------------------------------

  const badge = (verdict: Verdict) =>
    make("span", { class: "rv-verdict", "data-verdict": verdict }, page.say(`verdict_${verdict.replace(" ", "_")}`));
  const claim = (key: string, verdict: Verdict, ...inside: Node[]) =>
    make("section", {}, make("h3", {}, page.say(key), " ", badge(verdict)), ...inside);
  const gateName = (name: string) => page.nameOf(page.reading.find(name) ?? { name });

  // One gate over the training words: shut, between and open as the parts of a bar, with their numbers.
  const gateBar = ({ layer, direction, name, shut, open, between }: GateClaim) => {
    const { layers = 1, directions = [] } = state.about ?? {};
    const several = layers > 1 || directions.length > 1;
    const where = several
      ? page.say(layers > 1 ? "gates_layer_way" : "gates_way", {
          gate: gateName(name),
          number: layer + 1,
          arrow: WAYS[WAYS_BY_NAME.indexOf(direction)],
        })
      : gateName(name);
    const segment = (kind: string, share: number) => {
      const piece = make("span", { class: `rv-part-${kind}` });
      piece.style.width = `${100 * share}%`;
      return piece;
    };
    const shares = page.sharesOf([shut, between, open]);
    const numbers = page.say("gates_parts", { shut: shares[0], between: shares[1], open: shares[2] });
    return make(
      "li",
      {},
      make("span", { class: "rv-gate-name" }, where),
      make(
        "span",
        { class: "rv-gate-bar", "aria-hidden": "true" },
        segment("shut", shut),
        segment("between", between),
        segment("open", open),
      ),
      make("span", { class: "rv-gate-numbers" }, numbers),
    );
  };
  const masksPart = ({ gates: all, share, verdict }: MasksClaim) =>
    claim(
      "masks",
      verdict,
      make("p", {}, page.say("masks_told", { share: part(share), even: part(2 * SHUT) })),
      make("ul", { class: "rv-gate-bars" }, ...all.map(gateBar)),
    );
  const quoted = (words: string[]) =>
    page.list(words.slice(0, 4).map((word) => page.say("quoted", { word: isolated(word) })));
  const flagsPart = ({ flags, units, share, verdict, most }: FlagsClaim) => {
    const place = { layer: most.layer, direction: WAYS_BY_NAME.indexOf(most.direction), unit: most.unit };
    const name = page.unitOf(place);
    const named = most.raised_by.length && most.lowered_by.length;
    const words = named
      ? page.say("flags_most", { unit: name, raised: quoted(most.raised_by), lowered: quoted(most.lowered_by) })
      : page.say("flags_most_alone", { unit: name });
    const show = button(page.say("flags_show", { unit: name }), () => {
      page.set({ layer: place.layer, direction: place.direction });
      page.select({ ...place, token: page.pinned.token });
      page.draw();
    });
    return claim(
      "flags",
      verdict,
      make("p", {}, page.say("flags_told", { count: flags, units, share: part(share) })),
      make("p", {}, words),
      show,
    );
  };

  // Which layer and direction the picture shows, where the network has several.
  const placeName = () => page.blockOf(page.view);
  const story = () => {
    const { layers, directions, units } = page.reading;
    const names = signalsOf(page.reading);
    if (!names.length) return page.say("gates_none");
    if (!state.dots.length) return page.say("gates_unknown");
    const like = state.dots.filter(({ shut, open }) => shut + open >= OPEN).length;
    const all = names.length * units * layers * directions;
    const part =
      placeName() && state.dots.length < all
        ? `${page.say("gates_part", { place: placeName(), count: state.dots.length, all })} `
        : "";
    return (
      part +
      page.say(state.sentence ? "gates_told_sentence" : "gates_told", {
        count: like,
        all: state.dots.length,
        least: page.share(OPEN),
      })
    );
  };

  const draw = () => {
    page.translate(box);
    if (!page.shown) return;
    const { reading } = page;
    if (state.model !== reading.model) {
      const { model } = reading;
      Object.assign(state, { model, about: null });
      page.about(model).then((about) => {
        if (state.model !== model) return;
        state.about = about;
        if (!box.hidden) draw();
        page.mark();
        countUp(box);
      });
    }
    const names = signalsOf(reading);
    scatter.hidden = !names.length;
    verdicts.hidden = !state.about?.masks && !state.about?.flags;
    choices(switcher, [page.say("gates_training"), page.say("gates_sentence")], Number(state.sentence), (place) => {
      state.sentence = Boolean(place);
      draw();
      page.mark();
    });
    state.dots = names.length && (state.sentence || state.about) ? dotsOf() : [];
    told.textContent = names.length && !state.about && !state.sentence ? "" : story();
    title.textContent = placeName();
    legend.replaceChildren(...names.map((signal, gate) => make("li", {}, legendMark(gate), page.nameOf(signal))));
    picture.replaceChildren(scattered());
    const { masks, flags } = state.about ?? {};
    const parts = [masks ? masksPart(masks) : null, flags ? flagsPart(flags) : null].filter((part) => part !== null);
    verdicts.replaceChildren(
      ...parts,
      make(
        "p",
        { class: "rv-note" },
        page.say("verdict_rule", { supported: page.share(0.9), not_supported: page.share(0.5) }),
      ),
    );
    state.at = undefined;
    details.draw();
  };

  // --- the selected unit ---------------------------------------------------------------------------------------------

  const mark = () => {
    if (!page.shown || scatter.hidden) return;
    const { unit, layer, direction } = page.here();
    const key = `${unit} ${layer} ${direction}`;
    if (state.at === key) return;
    state.at = key;
    const own = state.dots.filter((one) => one.unit === unit && one.layer === layer && one.direction === direction);
    const svg = picture.querySelector("svg");
    if (!svg) return;
    // The unit's dots once more, on top of all others, joined by a line.
    const copies = own.map((one) => {
      const copy = dot(one);
      copy.classList.add("rv-at");
      return copy;
    });
    const line = svgMake("polyline", { points: own.map((one) => `${x(one.shut)},${y(one.open)}`).join(" ") });
    svg.querySelector(".rv-chosen-dots")?.replaceChildren(line, ...copies);
    const names = signalsOf(page.reading).map(page.nameOf);
    readout.replaceChildren(
      make("b", {}, page.say("unit", { unit: page.unitOf({ unit, layer, direction }) })),
      ...own.map((one) =>
        make(
          "span",
          {},
          page.say("gates_at", { gate: names[one.gate], shut: page.share(one.shut), open: page.share(one.open) }),
        ),
      ),
    );
    svg.setAttribute("aria-valuenow", String(unit));
    // biome-ignore lint/performance/useDomNodeTextContent: with the spaces and line breaks that are seen
    svg.setAttribute("aria-valuetext", readout.innerText);
  };

  const nearest = (event: MouseEvent): Unit | null => {
    const svg = picture.querySelector("svg");
    if (!svg) return null;
    const frame_ = svg.getBoundingClientRect();
    const dense = (PAD.left + SIDE + PAD.right) / frame_.width;
    const [left, top] = [(event.clientX - frame_.left) * dense, (event.clientY - frame_.top) * dense];
    const distances = state.dots.map((one) => Math.hypot(x(one.shut) - left, y(one.open) - top));
    const best = distances.indexOf(Math.min(...distances));
    if (best < 0 || distances[best] > NEAR * dense) return null;
    const { unit, layer, direction } = state.dots[best];
    return { unit, layer, direction };
  };
  const hover = (unit: Unit | null) => page.hover(unit && { ...unit, token: null });
  picture.addEventListener("pointermove", (event) => event.pointerType !== "touch" && hover(nearest(event)));
  picture.addEventListener("pointerleave", () => page.hover(null));
  picture.addEventListener("click", (event) => {
    const place = nearest(event);
    if (!place) return;
    page.leave();
    page.pin({ ...place, token: page.pinned.token });
  });
  picture.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || !page.shown) return;
    event.preventDefault();
    const { unit, layer, direction } = page.here();
    const { units } = page.reading;
    page.select({ token: page.pinned.token, unit: (unit + step + units) % units, layer, direction });
  });
  return { draw, mark };
};
