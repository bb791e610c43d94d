// Gates: how often each unit's gates are nearly shut and nearly open, a dot a unit and gate; and what the numbers say
// of "gates are bit masks" and "the memory is made of flags".

import { scaleLinear } from "d3-scale";
import { html, nothing, render, svg, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { FlagsClaim, GateClaim, MasksClaim } from "../client/contract";
import type { Known, Verdict } from "../client/types";
import { WAYS } from "../model/colours";
import type { Value } from "../model/csv";
import { type Dot, dotsOf, gatesOf, OPEN, SHUT, WAYS_BY_NAME } from "../model/gateDots";
import { type Here, sameBlock, type Unit } from "../model/place";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { countUp, steady } from "../ui/dom";
import { legendMark, markAt } from "../ui/marks";
import type { Savable, Saves } from "../ui/saveData";
import { type TableContent, tableDetails } from "../ui/table";
import type { View } from "./views";

const SIDE = 330;
const PAD = { left: 58, top: 26, right: 24, bottom: 46 };
const [WIDTH, HEIGHT] = [PAD.left + SIDE + PAD.right, PAD.top + SIDE + PAD.bottom];
const NEAR = 16; // pixels within which a dot is meant
const KEYS: Partial<Record<string, number>> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

const x = scaleLinear([0, 1], [PAD.left, PAD.left + SIDE]);
const y = scaleLinear([0, 1], [PAD.top + SIDE, PAD.top]);

const dotTemplate = ({ gate, shut, open }: Dot, isChosen = false) =>
  markAt({ place: gate, x: x(shut), y: y(open), classes: isChosen ? "rv-dot rv-at" : "rv-dot" });
const segment = (kind: string, share: number) =>
  html`<span class=${`rv-part-${kind}`} .style=${`width: ${100 * share}%`}></span>`;

class GatesView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly details = tableDetails(() => this.table());
  /** What is known of a network, and which network that is. */
  private about: Known | null = null;
  private model: string | null = null;
  /** Whether the shares are those of the sentence, not of the training texts. */
  private sentence = false;
  private dots: Dot[] = [];
  /** The unit that is marked. */
  private at = "";

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-gates");
    box.dataset.seq = "0";
    this.render();
    walkable(this.part(".rv-tabs"));
    steady(this.part(".rv-found"));
  }
  private part(selector: string): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(selector));
  }

  draw(): void {
    const { page } = this;
    page.translate(this.box);
    if (!page.shown) return;
    const { reading } = page;
    if (this.model !== reading.model) this.ask(reading.model);
    this.dots = dotsOf(reading, page.blocks(), this.about, this.sentence);
    this.render();
    const names = [page.say("gates_training"), page.say("gates_sentence")];
    choices(this.part(".rv-tabs"), names, Number(this.sentence), (place) => {
      this.sentence = Boolean(place);
      this.draw();
      page.mark();
    });
    this.details.draw();
  }

  mark(): void {
    if (this.page.shown && this.at !== unitKey(this.page.here())) this.render();
  }

  private ask(model: string): void {
    const { page } = this;
    this.model = model;
    this.about = null;
    page.about(model).then((about) => {
      if (this.model !== model) return;
      this.about = about;
      if (!this.box.hidden) this.draw();
      page.mark();
      countUp(this.box);
    });
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page, about } = this;
    const gates = page.shown ? gatesOf(page.shown) : [];
    if (page.shown) this.at = unitKey(page.here());
    const told = page.shown && (!gates.length || about || this.sentence) ? this.story() : "";
    const lines = gates.length ? this.readout() : [];
    const [unit, ...shares] = lines;
    render(
      html`<p class="rv-said" aria-live="polite">${told}</p>
        <div class="rv-gates-whole">
          <div class="rv-gates-scatter" ?hidden=${page.shown && !gates.length}>
            <div class="rv-tabs" role="radiogroup" data-say-label="gates_over"></div>
            <h3 class="rv-heading">${page.shown ? this.placeName() : ""}</h3>
            <ul class="rv-key rv-reach-legend">${gates.map(
              (signal, gate) => html`<li>${legendMark(gate)}${page.nameOf(signal)}</li>`,
            )}</ul>
            <div
              class="rv-gates-picture"
              @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && this.hover(this.nearest(event))}
              @pointerleave=${() => page.hover(null)}
              @click=${(event: MouseEvent) => this.pin(this.nearest(event))}
              @keydown=${(event: KeyboardEvent) => this.press(event)}
            >${page.shown ? this.picture(lines.join("\n")) : nothing}</div>
            <p class="rv-found">${
              unit === undefined ? nothing : [html`<b>${unit}</b>`, shares.map((line) => html`<span>${line}</span>`)]
            }</p>
            ${this.details.node}
          </div>
          <div class="rv-verdicts" ?hidden=${page.shown && !about?.masks && !about?.flags}>${this.verdicts()}</div>
        </div>`,
      this.box,
    );
  }

  // --- the scatter ---------------------------------------------------------------------------------------------------

  private picture(said: string): TemplateResult {
    const { page } = this;
    const own = this.chosen();
    const points = own.map(({ shut, open }) => `${x(shut)},${y(open)}`).join(" ");
    // The unit's dots once more, on top of all others, joined by a line.
    const chosen = svg`<g class="rv-chosen-dots"><polyline points=${points} />${own.map((dot) =>
      dotTemplate(dot, true),
    )}</g>`;
    return html`<svg
      viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
      width=${WIDTH}
      height=${HEIGHT}
      tabindex="0"
      role="slider"
      aria-label=${page.say("gates_picture")}
      aria-valuemin="0"
      aria-valuemax=${page.reading.units - 1}
      aria-valuenow=${page.here().unit}
      aria-valuetext=${said}
    >${this.frame()}${guard([this.dots], () => this.dots.map((dot) => dotTemplate(dot)))}${chosen}</svg>`;
  }
  private frame(): TemplateResult<2> {
    const { page } = this;
    const ticks = x.ticks(2).map(
      (share) => svg`<text class="rv-tick" x=${x(share)} y=${y(0) + 18} text-anchor="middle">${page.share(share)}</text
        ><text class="rv-tick" x=${x(0) - 8} y=${y(share) + 4} text-anchor="end">${page.share(share)}</text>`,
    );
    const name = (key: string, classes: string, left: number, top: number, turn = "") =>
      svg`<text class=${classes} x=${left} y=${top} text-anchor="middle" transform=${turn}>${page.say(key)}</text>`;
    const turned = (left: number, top: number, by: number) => `translate(${left} ${top}) rotate(${by})`;
    const [middle, half] = [x(0.5), y(0.5)];
    return svg`<path class="rv-triangle" d=${`M${x(0)} ${y(1)}V${y(0)}H${x(1)}Z`} /><path
      class="rv-edge"
      d=${`M${x(0)} ${y(1)}L${x(1)} ${y(0)}`}
    />${[
      ticks,
      name("gates_shut", "rv-axis-name", middle, y(0) + 38),
      name("gates_open", "rv-axis-name", 0, 0, turned(14, half, -90)),
      name("gates_edge", "rv-corner", 0, 0, turned(middle + 10, half - 10, 45)),
    ]}`;
  }
  private chosen(): Dot[] {
    const here = this.page.here();
    return this.dots.filter((dot) => dot.unit === here.unit && sameBlock(dot, here));
  }
  /** The unit where the page looks, and how often each of its gates is shut and open, as lines. */
  private readout(): string[] {
    const { page } = this;
    const gates = gatesOf(page.reading).map(page.nameOf);
    const line = ({ gate, shut, open }: Dot) =>
      page.say("gates_at", { gate: gates[gate], shut: page.share(shut), open: page.share(open) });
    return [page.say("unit", { unit: page.unitOf(page.here()) }), ...this.chosen().map(line)];
  }
  readonly saves: Saves = { gates: { of: () => this.savable(), hasPicture: true } };
  /** A row a unit and gate: how often it is nearly shut and nearly open. */
  private savable(): Savable | null {
    const { page } = this;
    if (!page.shown || !this.dots.length) return null;
    const { reading } = page;
    const names = gatesOf(reading).map(({ name }) => name);
    const data: ViewData = {
      what: "gates",
      networks: [reading.model],
      ...(this.sentence ? { texts: [reading.text], holds: page.holds } : {}),
      settings: { over: this.sentence ? "the sentence" : "the training texts", shut: SHUT, open: OPEN },
      columns: ["layer", "direction", "unit", "gate", "shut", "open"],
      rows: this.dots.map((dot): Value[] => [
        dot.layer,
        WAYS_BY_NAME[dot.direction],
        dot.unit,
        names[dot.gate],
        dot.shut,
        dot.open,
      ]),
    };
    return { data, pictures: () => [...this.box.querySelectorAll<SVGSVGElement>(".rv-gates-picture svg")] };
  }
  private table(): TableContent | null {
    const { page } = this;
    if (!page.shown) return null;
    const names = gatesOf(page.reading).map(page.nameOf);
    const ends = (gate: string) => [page.say("gates_shut_of", { gate }), page.say("gates_open_of", { gate })];
    const rows = new Map<string, string[]>();
    for (const dot of this.dots) {
      const key = page.unitOf(dot);
      rows.set(key, [...(rows.get(key) ?? [key]), page.share(dot.shut), page.share(dot.open)]);
    }
    return { heads: [page.say("gates_unit"), ...names.flatMap(ends)], rows: [...rows.values()] };
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  /** Which layer and direction the picture shows, where the network has several. */
  private placeName(): string {
    return this.page.blockOf(this.page.view);
  }
  private rounded(share: number): string {
    return this.page.share(share, { maximumSignificantDigits: 2 });
  }
  private story(): string {
    const { page, dots } = this;
    const { layers, directions, units } = page.reading;
    const gates = gatesOf(page.reading);
    if (!gates.length) return page.say("gates_none");
    if (!dots.length) return page.say("gates_unknown");
    const all = gates.length * units * layers * directions;
    const place = this.placeName();
    const part = place && dots.length < all ? `${page.say("gates_part", { place, count: dots.length, all })} ` : "";
    const count = dots.filter(({ shut, open }) => shut + open >= OPEN).length;
    const key = this.sentence ? "gates_told_sentence" : "gates_told";
    return part + page.say(key, { count, all: dots.length, least: page.share(OPEN) });
  }

  private verdicts(): TemplateResult[] {
    const { page } = this;
    const { masks, flags } = this.about ?? {};
    const rule = page.say("verdict_rule", { supported: page.share(0.9), not_supported: page.share(0.5) });
    return [
      ...(masks ? [this.masks(masks)] : []),
      ...(flags ? [this.flags(flags)] : []),
      html`<p class="rv-note">${rule}</p>`,
    ];
  }
  private claim(key: string, verdict: Verdict, inside: TemplateResult): TemplateResult {
    const said = this.page.say(`verdict_${verdict.replace(" ", "_")}`);
    const badge = html`<span class="rv-verdict" data-verdict=${verdict}>${said}</span>`;
    return html`<section><h3>${this.page.say(key)} ${badge}</h3>${inside}</section>`;
  }
  private masks({ gates, share, verdict }: MasksClaim): TemplateResult {
    const told = this.page.say("masks_told", { share: this.rounded(share), even: this.rounded(2 * SHUT) });
    const bars = html`<ul class="rv-gate-bars">${gates.map((gate) => this.gateBar(gate))}</ul>`;
    return this.claim("masks", verdict, html`<p>${told}</p>${bars}`);
  }
  /** One gate over the training words: shut, between and open as the parts of a bar, with their numbers. */
  private gateBar(gate: GateClaim): TemplateResult {
    const { shut, between, open } = gate;
    const shares = this.page.sharesOf([shut, between, open]);
    const numbers = this.page.say("gates_parts", { shut: shares[0], between: shares[1], open: shares[2] });
    return html`<li><span class="rv-gate-name">${this.gateName(gate)}</span><span
      class="rv-gate-bar"
      aria-hidden="true"
    >${segment("shut", shut)}${segment("between", between)}${segment("open", open)}</span><span
      class="rv-gate-numbers"
    >${numbers}</span></li>`;
  }
  private gateName({ layer, direction, name }: GateClaim): string {
    const { page } = this;
    const { layers = 1, directions = [] } = this.about ?? {};
    const gate = page.nameOf(page.reading.find(name) ?? { name });
    if (layers === 1 && directions.length <= 1) return gate;
    const values = { gate, number: layer + 1, arrow: WAYS[WAYS_BY_NAME.indexOf(direction)] };
    return page.say(layers > 1 ? "gates_layer_way" : "gates_way", values);
  }
  private flags({ flags, units, share, verdict, most }: FlagsClaim): TemplateResult {
    const { page } = this;
    const place = { layer: most.layer, direction: WAYS_BY_NAME.indexOf(most.direction), unit: most.unit };
    const unit = page.unitOf(place);
    const quoted = (words: string[]) =>
      page.list(words.slice(0, 4).map((word) => page.say("quoted", { word: isolated(word) })));
    const words =
      most.raised_by.length && most.lowered_by.length
        ? page.say("flags_most", { unit, raised: quoted(most.raised_by), lowered: quoted(most.lowered_by) })
        : page.say("flags_most_alone", { unit });
    const told = page.say("flags_told", { count: flags, units, share: this.rounded(share) });
    const show = html`<button type="button" class="rv-button" @click=${() => this.show(place)}>${page.say(
      "flags_show",
      { unit },
    )}</button>`;
    return this.claim("flags", verdict, html`<p>${told}</p><p>${words}</p>${show}`);
  }

  // --- the selected unit ---------------------------------------------------------------------------------------------

  private show(unit: Unit): void {
    const { page } = this;
    page.set({ layer: unit.layer, direction: unit.direction });
    page.select({ ...unit, token: page.pinned.token });
    page.draw();
  }
  /** The unit of the dot nearest to a pointer, if it is near. */
  private nearest(event: MouseEvent): Unit | null {
    const { left, top, width } = (event.currentTarget as Element).children[0].getBoundingClientRect();
    const dense = WIDTH / width;
    const [across, down] = [(event.clientX - left) * dense, (event.clientY - top) * dense];
    const distances = this.dots.map(({ shut, open }) => Math.hypot(x(shut) - across, y(open) - down));
    const best = distances.indexOf(Math.min(...distances));
    if (best < 0 || distances[best] > NEAR * dense) return null;
    const { unit, layer, direction } = this.dots[best];
    return { unit, layer, direction };
  }
  private hover(unit: Unit | null): void {
    this.page.hover(unit && { ...unit, token: null });
  }
  private pin(unit: Unit | null): void {
    const { page } = this;
    if (!unit) return;
    page.leave();
    page.pin({ ...unit, token: page.pinned.token });
  }
  private press(event: KeyboardEvent): void {
    const { page } = this;
    const step = KEYS[event.key];
    if (!step || !page.shown) return;
    event.preventDefault();
    const { unit, layer, direction } = page.here();
    const { units } = page.reading;
    page.select({ token: page.pinned.token, unit: (unit + step + units) % units, layer, direction });
  }
}

const unitKey = ({ unit, layer, direction }: Here): string => `${unit} ${layer} ${direction}`;

export const gates = (box: HTMLElement, page: Page): View => new GatesView(box, page);
