// The packed batch: one batch three times, as the padded rectangle, as packed columns, as the data in memory. A cell
// pointed at in one picture, or gone to by the arrow keys, is found in all. A table holds the same in words.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Batch } from "../client/contract";
import type { Reply } from "../client/types";
import type { Value } from "../model/csv";
import { sendable } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { all, closest, countUp, goesInto, grow, onWidth } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { stepper } from "../ui/stepper";
import { tableDetails } from "../ui/table";
import { type Picture, packedPictures } from "./packedPictures";
import { padding } from "./padding";
import type { View } from "./views";

const STEP_MS = 500;
const ARROWS: Partial<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type Packed = Reply<"pack_sentences">;
type Side = "padded" | "steps" | "data";

/** With fewer than two texts, there is no layout. */
const isLayout = (reply: Packed): reply is Extract<Packed, Batch> => (reply.texts?.length ?? 0) >= 2;

class PackedView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly batch: HTMLTextAreaElement;
  private readonly below: ReturnType<typeof padding>;
  private readonly details = tableDetails(() => this.drawing?.table() ?? null);
  private readonly ask: (text: string) => void;
  private readonly player = stepper(
    STEP_MS,
    () => this.step(),
    () => this.reveal(null),
  );
  private layout: Batch | null = null;
  /** The last answer, which may have no layout. */
  private last: Packed | null = null;
  /** What is said of a question without an answer. */
  private notice: TemplateResult | null = null;
  private drawing: ReturnType<typeof packedPictures> | null = null;
  private pictures: Record<Side, Picture> | null = null;
  /** While it plays, the step of the network that is shown, and the next one. */
  private now: number | null = null;
  private next = 0;
  /** The cell that is pointed at. */
  private key: string | null = null;
  /** Of what the pictures were drawn last. */
  private drawn: unknown[] = [];
  private room = 0;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-packed");
    box.dataset.seq = "0";
    this.ask = page.asker("pack_sentences", {
      again: true,
      use: (reply) => this.show(reply),
      fail: () => this.say(html`<p class="rv-alert">${page.offline()}</p>`),
      wait: () => this.say(html`<p>${page.say("waiting")}</p>`),
    });
    this.render();
    this.batch = this.part<HTMLTextAreaElement>("#rv-batch");
    this.below = padding(this.part(".rv-filling"), page);
    this.batch.value = page.props.batch.lines;
    this.show(page.props.batch);
    const lane = this.part(".rv-data");
    onWidth(lane, () => {
      this.room = lane.clientWidth;
      this.draw();
    });
  }
  readonly saves: Saves = {
    packed: { of: () => this.savable(), hasPicture: true },
    padding: { of: () => this.below.savable(), hasPicture: true },
  };
  /** A row a cell of the packed data. */
  private savable(): Savable | null {
    const { layout } = this;
    if (!layout) return null;
    const cells = layout.rows.flatMap((texts, step) =>
      texts.map((text): Value[] => [step + 1, text + 1, layout.texts[text][step]]),
    );
    const data: ViewData = {
      what: "packed",
      networks: [],
      texts: layout.texts.map((words) => words.join(" ")),
      settings: { batch_sizes: layout.batch_sizes },
      columns: ["data", "step", "sentence", "word"],
      rows: cells.map((cell, n) => [n + 1, ...cell]),
    };
    return { data, pictures: () => [...this.box.querySelectorAll<SVGSVGElement>(".rv-lane svg")] };
  }
  private part<E extends HTMLElement = HTMLElement>(selector: string): E {
    return there(this.box.querySelector<E>(selector));
  }

  open(): void {
    const { batch, page } = this;
    if (batch.value === page.batch) return;
    batch.value = page.batch; // a place of the page that brings its own batch
    this.changed();
  }
  close(): void {
    this.player.stop();
    this.below.stop();
  }

  /** The pictures are drawn when the batch, the language or the width has changed, not with every reading. */
  draw(): void {
    const { page } = this;
    this.room ||= this.part(".rv-data").clientWidth; // asking makes the browser lay the page out, so it is kept
    const drawn = [this.last, this.room, page.language(), page.dictionary()];
    if (drawn.some((one, place) => one !== this.drawn[place])) {
      this.drawn = drawn;
      page.translate(this.box);
      if (this.layout && this.room) this.lay(this.layout);
      this.render();
      this.details.draw();
    }
    this.below.draw();
  }

  /** Lay the pictures out: side by side while both rectangles fit, else one above the other. */
  private lay(layout: Batch): void {
    const drawing = packedPictures(this.page, layout);
    const wide = layout.batch_sizes.length * drawing.natural() > this.room / 2 - 20;
    this.part(".rv-pair").classList.toggle("rv-wide", wide);
    this.drawing = drawing;
    this.pictures = {
      padded: drawing.padded(this.part(".rv-padded").clientWidth),
      steps: drawing.steps(this.part(".rv-steps").clientWidth),
      data: drawing.data(this.room),
    };
  }

  // --- a new batch ---------------------------------------------------------------------------------------------------

  private changed(): void {
    const { batch, page } = this;
    page.setBatch(batch.value);
    grow(batch);
    this.ask(sendable(batch.value));
  }
  private show(reply: Packed): void {
    this.player.halt();
    this.now = null;
    this.notice = null;
    this.last = reply;
    if (isLayout(reply)) {
      this.layout = reply;
      this.key = null;
    }
    this.render();
    countUp(this.box);
    this.below.batch(isLayout(reply) ? reply.texts : []);
    this.draw();
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page, last, layout } = this;
    const good = last !== null && isLayout(last);
    render(
      html`${this.form(good)}
        <div class="rv-notices" role="status" aria-live="polite">${this.notice ?? this.notes()}</div>
        <div
          class="rv-whole"
          ?hidden=${!good}
          @pointerover=${(event: Event) => this.pointAt(event)}
          @click=${(event: Event) => this.pointAt(event)}
          @pointerleave=${() => this.point(null)}
          @keydown=${(event: KeyboardEvent) => this.walk(event)}
          @focusin=${(event: Event) => this.enter(event)}
          @focusout=${(event: FocusEvent) => goesInto(event.currentTarget as Element, event) || this.point(null)}
        >
          <p class="rv-saved" aria-live="polite">${layout && this.saved(layout)}</p>
          <div class="rv-pair">
            ${this.figure("packed_padded", "padded")}
            ${this.figure("packed_packed", "steps", html`<p class="rv-sizes">${layout && this.sizes(layout)}</p>`)}
          </div>
          ${this.figure("packed_data", "data")}
          <p class="rv-found" role="status">${
            this.key === null || !this.drawing ? page.say("packed_hint") : this.drawing.told(this.key)
          }</p>
          ${this.details.node}
        </div>
        <div class="rv-filling"></div>`,
      this.box,
    );
  }
  private form(good: boolean): TemplateResult {
    const { page } = this;
    return html`<div class="rv-field">
        <label for="rv-batch" data-say="packed_sentences"></label>
        <textarea
          id="rv-batch"
          rows="4"
          spellcheck="false"
          autocapitalize="off"
          autocomplete="off"
          @input=${() => this.changed()}
        ></textarea>
      </div>
      <div class="rv-under">
        <div class="rv-chips" role="group" data-say-label="try"><span>${page.say("try")}</span>${this.chips()}</div>
        <button
          type="button"
          class="rv-button rv-play"
          ?disabled=${!good}
          @click=${() => this.play()}
        >${page.playLabel(this.player.running, "packed_play")}</button>
      </div>`;
  }
  private chips(): TemplateResult[] {
    const { page } = this;
    const open = (name: string, text: string) => {
      this.batch.value = name === "textbook" ? text : page.say(text);
      this.changed();
    };
    return page.props.batches.map(
      ({ name, text }) =>
        html`<button type="button" class="rv-chip" @click=${() => open(name, text)}>${page.say(
          `chip_packed_${name}`,
        )}</button>`,
    );
  }
  private figure(title: string, side: Side, more: TemplateResult | typeof nothing = nothing): TemplateResult {
    const picture = this.pictures?.[side];
    const marked = { here: this.key, step: this.now };
    return html`<figure><figcaption>${this.page.say(title)}</figcaption><div
      class=${`rv-lane rv-${side}`}
    >${picture && this.drawing ? this.drawing.template(picture, marked) : nothing}</div>${more}</figure>`;
  }
  private notes(): TemplateResult[] {
    const { page, last } = this;
    if (!last) return [];
    if (last.error !== undefined) return [html`<p>${page.objection(last)}</p>`];
    const notes: string[] = [];
    if (last.texts.length < 2) notes.push(page.say("packed_few"));
    if (last.cut_texts) notes.push(page.say("packed_most", { count: last.texts.length }));
    if (last.cut_tokens) notes.push(page.say("packed_long", { count: last.cut_tokens }));
    return notes.map((note) => html`<p>${note}</p>`);
  }
  private say(notice: TemplateResult): void {
    this.notice = notice;
    this.render();
  }
  private saved({ steps_padded: padded, steps_packed: packed, saved }: Batch): string {
    const values = { padded, packed, saved: padded - packed, share: this.page.share(saved) };
    return this.page.say(saved ? "packed_saved" : "packed_none", values);
  }
  private sizes({ batch_sizes }: Batch): string {
    return `${this.page.say("packed_sizes")} [${batch_sizes.map(this.page.count).join(", ")}]`;
  }

  // --- the cell that is pointed at -----------------------------------------------------------------------------------

  /** Mark a cell in all pictures. Where it is out of sight, bring it into sight, but not in the picture of its own. */
  private point(key: string | null, own: Element | null = null): void {
    this.key = key;
    this.render();
    for (const lane of all(this.box, ".rv-lane")) if (lane !== own) bring(lane, ".rv-here");
  }
  private pointAt(event: Event): void {
    const cell = closest(event, ".rv-cell");
    this.point(cell?.dataset.key ?? null, cell?.closest(".rv-lane"));
  }
  private walk(event: KeyboardEvent): void {
    const at = closest(event, ".rv-cell");
    const move = ARROWS[event.key];
    if (!at || !move) return;
    event.preventDefault();
    event.stopPropagation();
    const [column, row] = (at.dataset.at ?? "").split(",").map(Number);
    const [right, down] = move;
    const next = at.closest("svg")?.querySelector<SVGElement>(`[data-at="${column + right},${row + down}"]`);
    next?.focus();
  }
  private enter(event: Event): void {
    const cell = closest(event, ".rv-cell");
    const lane = cell?.closest(".rv-lane");
    if (!cell || !lane || !this.pictures) return;
    const side = (Object.keys(this.pictures) as Side[]).find((name) => lane.classList.contains(`rv-${name}`));
    if (side) this.pictures[side].stop = cell.dataset.at ?? "";
    this.point(cell.dataset.key ?? null, lane);
  }

  // --- play: the network's steps, one column of the batch at a time --------------------------------------------------

  private play(): void {
    if (this.player.running) {
      this.player.stop();
      return;
    }
    this.next = 0;
    this.player.start();
    this.render();
  }
  private step(): boolean {
    if (!this.layout || this.next >= this.layout.rows.length) return false;
    this.reveal(this.next);
    this.next += 1;
    return true;
  }
  private reveal(step: number | null): void {
    this.now = step;
    this.render();
    for (const lane of all(this.box, ".rv-lane")) bring(lane, ".rv-now");
  }
}

/** Bring the first cell of a class into sight in its lane. */
const bring = (lane: Element, selector: string): void => {
  const rect = lane.querySelector(`${selector} rect`);
  if (!rect) return;
  const [x, width] = ["x", "width"].map((name) => Number(rect.getAttribute(name)));
  if (x < lane.scrollLeft || x + width > lane.scrollLeft + lane.clientWidth) lane.scrollLeft = x - lane.clientWidth / 2;
};

export const packed = (box: HTMLElement, page: Page): View => new PackedView(box, page);
