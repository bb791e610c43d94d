// Compare: two sentences by one network, or one sentence by two, word beside word; A, B, and how far B is from A.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Comparison as Compared } from "../client/contract";
import type { Question, Reply } from "../client/types";
import { columnAt } from "../model/columns";
import { Comparison } from "../model/comparison";
import { type Place, type Unit, wordAlone } from "../model/place";
import { withoutOne } from "../model/reading";
import { sendable } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { closest, countUp, onWidth, steady } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { intoView } from "../ui/scrolling";
import { tableDetails } from "../ui/table";
import { comparePicture } from "./comparePicture";
import { comparePlot } from "./comparePlot";
import { compareSides } from "./compareSides";
import type { View } from "./views";

const MOST_BYTES = 28000; // of a text: both go in one request

/** Why there is no comparison. */
type Refusal = Exclude<Reply<"compare">, Compared>;
/** What a pointer or the focus is at: a column, and the place in the page that it stands for. */
interface Under {
  at: number | null;
  place: Place;
}

class CompareView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly sides: ReturnType<typeof compareSides>;
  private readonly scroll: HTMLElement;
  private readonly heat: HTMLElement;
  private readonly signals: HTMLElement;
  private readonly details = tableDetails(() => (this.plot?.hasUnits ? this.plot.table() : null));
  private readonly ask: (question: Question<"compare">) => void;
  private found: Comparison | Refusal | null = null;
  private asked: string | null = null;
  /** What is said of a question without an answer. */
  private notice: TemplateResult | null = null;
  private plot: ReturnType<typeof comparePlot> | null = null;
  /** The column that is pointed at here alone, as it has no word of A. */
  private over: number | null = null;
  /** What is marked. */
  private at: string | null = null;
  /** The column to which the Tab key leads. */
  private stop = 0;
  private room = 0;
  /** Whether the marked column, or where none is chosen the one told of, has yet to be brought into view. */
  private bring = true;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-compare");
    box.dataset.seq = "0";
    this.ask = page.asker("compare", {
      again: true,
      use: (answer, question: Question<"compare">) => this.use(answer, question),
      fail: () => this.say(html`<p class="rv-alert">${page.offline()}</p>`),
      wait: () => this.say(html`<p>${page.say("waiting")}</p>`),
    });
    this.render();
    this.scroll = this.part(".rv-columns");
    this.heat = this.part(".rv-heat");
    this.signals = this.part(".rv-tabs");
    this.sides = compareSides(this.part(".rv-compare-sides"), page, (part) => {
      page.setOther({ ...page.other, ...part });
      this.follow();
    });
    walkable(this.signals);
    steady(this.part(".rv-found"));
    oneStop(this.scroll, ".rv-compare-column");
    this.listen();
  }
  readonly saves: Saves = { compare: { of: () => this.savable(), hasPicture: true } };
  private savable(): Savable | null {
    const { page, plot } = this;
    if (!plot || !page.compared) return null;
    const { model, text, other_model, other_text } = page.compared.of;
    const settings = { signal: plot.hasUnits ? plot.signal : null };
    const read = { what: "compare", networks: [model, other_model], texts: [text, other_text], settings };
    return { data: { ...read, ...plot.numbers() }, pictures: () => [comparePicture(page, plot)] };
  }
  private part(selector: string): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(selector));
  }

  draw(): void {
    const { page, found, room } = this;
    page.translate(this.box);
    if (!page.shown) return;
    this.follow();
    if (found) this.notice = null;
    if (!(found instanceof Comparison)) this.plot = null;
    else if (room) this.plot = comparePlot(page, found, room);
    this.render();
    if (this.plot) this.drawSignals(this.plot);
    this.details.draw();
  }

  mark(): void {
    const { plot, page } = this;
    if (!plot || !this.room) return;
    if (this.at !== this.markKey()) {
      if (plot.hasUnits && page.pinned.unit !== plot.pinned) {
        this.plot = comparePlot(page, plot.found, this.room);
        this.details.draw();
      }
      this.render();
    }
    this.bringIntoView();
  }

  // --- questions -----------------------------------------------------------------------------------------------------

  /** A is what the page reads, B what was typed or chosen here.
   *
   * Where nothing was, B is the same text, by the same network without a word that matters: so there is something to
   * see.
   */
  private follow(): void {
    const { page } = this;
    const { text, model } = page.reading;
    const otherModel = page.other?.model ?? model;
    const between = page.kindOf(model).tokens === "letters" ? "" : " ";
    const otherText = page.other?.text ?? (otherModel === model ? withoutOne({ ...page.reading, between }) : text);
    this.sides.draw({ model, text }, { model: otherModel, text: otherText }, this.room);
    const half = (typed: string) => sendable(typed, MOST_BYTES);
    const question = { model, text: half(text), other_model: otherModel, other_text: half(otherText) };
    const key = JSON.stringify(question);
    if (key === this.asked) return;
    this.asked = key;
    this.ask(question);
  }
  private use(answer: Reply<"compare">, of: Question<"compare">): void {
    this.found = answer.error !== undefined || answer.empty !== undefined ? answer : new Comparison(answer);
    this.page.setCompared(this.found instanceof Comparison ? { of, found: this.found } : null);
    this.bring = true;
    this.draw();
    this.page.mark();
    countUp(this.box);
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { plot, found } = this;
    const at = this.columnHere();
    const row = plot && at !== null ? plot.row(this.page.here()) : null;
    this.at = plot && this.markKey();
    const hasUnits = plot?.hasUnits ?? false;
    this.details.node.hidden = !hasUnits;
    render(
      html`<div class="rv-compare-sides"></div>
        <div class="rv-notices" role="status" aria-live="polite">${this.notices()}</div>
        <div ?hidden=${!(found instanceof Comparison)}>
          <p class="rv-said" aria-live="polite">${plot?.says.story()}</p>
          ${this.legends()}
          <div class="rv-columns">${plot?.answers(at, this.stop)}</div>
          <div class="rv-tabs" role="radiogroup" data-say-label="choose_signals"></div>
          <p class="rv-note">${hasUnits ? plot?.says.aboutUnits(plot.groups, plot.far, plot.limits) : plot?.says.aboutAnswers()}</p>
          <div class="rv-columns rv-heat" aria-hidden="true" ?hidden=${!hasUnits}>${plot?.units(at, row)}</div>
          <p class="rv-found">${plot && at !== null ? this.readAt(at, row) : nothing}</p>
          ${this.details.node}
        </div>`,
      this.box,
    );
  }
  /** One legend, or where the classes are not the same, one of each side. */
  private legends(): TemplateResult {
    const { plot } = this;
    if (!plot) return html`<ul class="rv-classes"></ul><ul class="rv-classes"></ul>`;
    const { left, right, sameClasses } = plot.found;
    const side = (name: string) => (sameClasses ? nothing : html`<b>${name}</b>`);
    return html`<ul class="rv-classes">${side("A")}${plot.legend(left)}</ul><ul
      class="rv-classes"
      ?hidden=${sameClasses}
    >${side("B")}${plot.legend(right)}</ul>`;
  }
  private notices(): unknown {
    const { page, found, notice } = this;
    if (notice) return notice;
    if (!found) return nothing;
    if (found instanceof Comparison) return this.plot?.says.notes().map((note) => html`<p>${note}</p>`);
    const said = found.error === undefined ? page.say(`compare_empty_${found.empty}`) : page.objection(found);
    return html`<p>${said}</p>`;
  }
  private say(notice: TemplateResult): void {
    this.notice = notice;
    this.render();
  }
  private readAt(at: number, row: Unit | null): string | undefined {
    const { plot } = this;
    return row ? plot?.says.unit(at, row) : plot?.says.column(plot.found.pairs[at]);
  }
  private drawSignals({ hasUnits, signal }: ReturnType<typeof comparePlot>): void {
    const { page, signals } = this;
    const { signals: all } = page.reading;
    const place = all.findIndex(({ name }) => name === signal);
    choices(signals, all.map(page.nameOf), place, (chosen) => page.choose({ signal: all[chosen].name }));
    signals.hidden ||= !hasUnits;
  }

  // --- the selected word and unit ------------------------------------------------------------------------------------

  /** A's words have the same places here as in the page, as long as the page shows the text from its first word on. */
  private linked(): boolean {
    const { shown } = this.page;
    return shown?.start === 0 && this.plot?.found.left.model === shown.model;
  }
  /** A column's word of A as one of the page. */
  private tokenOf(at: number | null): number | null {
    return at !== null && this.linked() ? (this.plot?.found.pairs[at]?.[0] ?? null) : null;
  }
  /** The column where the page looks, or that is pointed at here alone. */
  private columnHere(): number | null {
    const pairs = this.plot?.found.pairs ?? [];
    if (this.over !== null) return this.over < pairs.length ? this.over : null;
    if (!this.linked()) return null;
    const { token } = this.page.here();
    const at = pairs.findIndex(([l]) => l === token);
    return at < 0 ? null : at;
  }
  private markKey(): string {
    const { unit, layer, direction } = this.page.here();
    return [this.columnHere(), unit, layer, direction, this.page.pinned.unit].join(" ");
  }
  private bringIntoView(): void {
    const { plot, room, page } = this;
    const told = page.pinned.token === null ? plot?.found.apart?.column : undefined;
    const at = this.bring ? (told ?? this.columnHere()) : null;
    this.bring = false;
    if (at === null || !plot) return;
    for (const part of [this.scroll, this.heat]) intoView(part, plot.edges, at, room);
  }

  /** The column at a pointer, and the place in the page that it stands for. */
  private under(event: MouseEvent, part: HTMLElement): Under {
    const named = closest(event, ".rv-compare-column"); // also for a key, whose click is at no place
    const x = event.clientX - part.getBoundingClientRect().left + part.scrollLeft;
    const at = named ? Number(named.dataset.column) : columnAt(this.plot?.edges ?? [], x);
    const row = closest(event, ".rv-heat-row");
    const token = this.tokenOf(at);
    return { at, place: row ? { token, ...unitOf(row) } : wordAlone(token) };
  }
  /** A column without a word of A is selected here alone. */
  private point({ at, place }: Under): void {
    this.over = place.token === null ? at : null;
    this.page.hover(place.token === null && place.unit === null ? null : place);
  }
  private leave(): void {
    this.over = null;
    this.page.hover(null);
  }
  private pin({ at, place }: Under): void {
    const { page } = this;
    this.over = place.token === null ? at : null;
    page.leave();
    if (place.unit !== null) page.pin({ ...place, token: place.token ?? page.pinned.token });
    else if (place.token !== null) page.pin({ ...page.pinned, token: place.token });
    else page.mark();
  }
  private focus(event: FocusEvent): void {
    const column = closest(event, ".rv-compare-column");
    if (!column) return;
    this.stop = Number(column.dataset.column);
    if (column.matches(":focus-visible")) this.point({ at: this.stop, place: wordAlone(this.tokenOf(this.stop)) });
  }
  private listen(): void {
    const { scroll, heat } = this;
    for (const part of [scroll, heat]) {
      part.addEventListener("pointermove", (event) => {
        if (event.pointerType !== "touch" && this.plot) this.point(this.under(event, part));
      });
      part.addEventListener("pointerleave", () => this.leave());
      part.addEventListener("click", (event) => this.plot && this.pin(this.under(event, part)));
    }
    scroll.addEventListener("focusin", (event) => this.focus(event));
    scroll.addEventListener("focusout", () => this.leave());
    scroll.addEventListener("scroll", () => {
      heat.scrollLeft = scroll.scrollLeft;
    });
    heat.addEventListener("scroll", () => {
      scroll.scrollLeft = heat.scrollLeft;
    });
    onWidth(scroll, () => {
      this.room = scroll.clientWidth; // asked here alone, for the browser then lays the whole page out
      this.bring = true;
      this.draw();
      this.page.mark();
    });
  }
}

const unitOf = ({ dataset }: HTMLElement): Unit => ({
  unit: Number(dataset.unit),
  layer: Number(dataset.layer),
  direction: Number(dataset.direction),
});

export const compare = (box: HTMLElement, page: Page): View => new CompareView(box, page);
