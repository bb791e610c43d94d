// What padding does: one text of the batch, read alone and filled up, by a network that reads its padding. Its answer
// and its state go on changing; packed, they stand still. One question holds every length of padding, so stepping asks
// nothing.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Drift } from "../client/contract";
import type { Reply } from "../client/types";
import { paddingSentence } from "../i18n/paddingSentence";
import { isDark, TINTS } from "../model/colours";
import type { Value } from "../model/csv";
import { clamp, counting } from "../model/numbers";
import { chosenText, MOST_FILLED, type Moved, mostMoved } from "../model/padding";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { closest, onWidth } from "../ui/dom";
import type { Savable } from "../ui/saveData";
import { stepper } from "../ui/stepper";
import { type TableContent, tableDetails } from "../ui/table";
import { paddingPlot } from "./paddingPlot";

const STEP_MS = 250;
const FADE = 40; // pixels at the right where a picture that runs on fades, as in the style sheet
const SHOWN_UNITS = 4;

class PaddingPanel {
  private readonly place: HTMLElement;
  private readonly page: Page;
  private readonly scroll: HTMLElement;
  private readonly details = tableDetails(() => this.table());
  private readonly ask: (question: { text: string; pad_to: number }) => void;
  private readonly player = stepper(
    STEP_MS,
    () => this.playStep(),
    () => this.render(),
  );
  private texts: string[][] = [];
  /** Which of the texts is filled up. */
  private chosen = 0;
  private found: Drift | null = null;
  private hidden = true;
  /** The text that was asked about last, and the one that is shown. */
  private asked: string | null = null;
  private text: string | null = null;
  /** How many tokens it is filled up to, and whether the reader has changed that. */
  private length = 0;
  private stepped = false;
  /** Up to where it is filled up while it plays. */
  private playedTo = 0;
  private plot: ReturnType<typeof paddingPlot> | null = null;
  /** Of what the picture was drawn last. */
  private drawn: unknown[] = [];
  /** Whether a visitor has come near. */
  private seen = false;

  constructor(place: HTMLElement, page: Page) {
    this.place = place;
    this.page = page;
    this.ask = page.asker("padding_drift", {
      again: true,
      use: (found: Reply<"padding_drift">, { text }: { text: string; pad_to: number }) => this.use(found, text),
    });
    this.render();
    this.scroll = this.part(".rv-columns");
    walkable(this.part(".rv-tabs"));
    onWidth(place, () => this.draw());
    this.awaitVisitor();
  }
  private part(selector: string): HTMLElement {
    return there(this.place.querySelector<HTMLElement>(selector));
  }

  stop(): void {
    this.player.stop();
  }

  /** Show another batch. */
  batch(texts: string[][]): void {
    this.stop();
    this.chosen = chosenText(texts, this.texts, this.chosen);
    this.texts = texts;
    this.asked = null;
    if (!texts.length) this.hidden = true;
    this.render();
    this.follow();
  }

  draw(): void {
    const { page, scroll, found, texts, chosen } = this;
    if (this.hidden || !scroll.clientWidth || !found) return;
    const drawn = [found, texts, chosen, scroll.clientWidth, isDark(), page.dictionary()];
    if (drawn.every((one, n) => one === this.drawn[n])) return;
    this.drawn = drawn;
    page.translate(this.place);
    const names = texts.map((words) => words.map(isolated).join(" "));
    choices(this.part(".rv-tabs"), names, chosen, (place) => this.choose(place));
    this.show();
  }

  // --- which text, and the question ----------------------------------------------------------------------------------

  /** Nothing is asked before a visitor comes near. */
  private awaitVisitor(): void {
    const near = new IntersectionObserver(
      (found) => {
        if (!found.some(({ isIntersecting }) => isIntersecting)) return;
        near.disconnect();
        this.seen = true;
        this.follow();
      },
      { rootMargin: "400px" },
    );
    near.observe(this.place);
  }
  private follow(): void {
    const text = this.texts[this.chosen]?.join(" ");
    if (!this.seen || !text || text === this.asked) return;
    this.asked = text;
    this.ask({ text, pad_to: MOST_FILLED });
  }
  private use(found: Reply<"padding_drift">, text: string): void {
    if (text !== this.asked) return; // another text has been asked about since
    this.found = found.tokens ? found : null; // no such network, or no such words
    this.hidden = !found.tokens || !this.texts.length;
    if (found.tokens && !this.hidden) {
      this.stepped = false;
      this.scroll.scrollLeft = 0;
      const longest = Math.max(found.tokens.length, ...this.texts.map((words) => words.length));
      this.length = Math.min(longest, found.padded_to);
      this.text = text;
    }
    this.render();
    this.draw();
  }
  private choose(place: number): void {
    this.stop();
    this.chosen = place;
    this.follow();
    this.draw();
  }

  // --- how long the padding is ---------------------------------------------------------------------------------------

  private cells(): number {
    return this.length - (this.found?.tokens.length ?? this.length);
  }
  private goTo(wanted: number): void {
    const { tokens, padded_to } = there(this.found);
    this.length = clamp(wanted, tokens.length, padded_to);
    this.stepped = true;
    this.show();
  }
  private stepTo(wanted: number): void {
    this.stop();
    this.goTo(wanted);
  }
  private play(): void {
    const { tokens, padded_to } = there(this.found);
    if (this.player.running) {
      this.stop();
      return;
    }
    this.playedTo = this.cells() ? this.length : padded_to;
    this.player.start(false);
    this.goTo(tokens.length);
  }
  private playStep(): boolean {
    if (this.length >= this.playedTo) return false;
    this.goTo(this.length + 1);
    return true;
  }
  /** Show the padding as long as it is now: a text from its first word on, and to who steps, where the padding ends. */
  private show(): void {
    const { page, scroll, stepped } = this;
    const { scrollLeft, clientWidth } = scroll;
    this.plot = paddingPlot(page, this.moved(), this.length, clientWidth, TINTS[this.chosen]);
    this.render();
    const { end } = this.plot;
    const most = Math.max(0, end - clientWidth / 2);
    if (stepped) scroll.scrollLeft = Math.max(Math.min(scrollLeft, most), end + FADE - clientWidth);
    this.details.draw();
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page, found } = this;
    render(
      html`<section
        class="rv-drift"
        data-text=${this.text ?? nothing}
        data-length=${this.plot ? this.length : nothing}
        ?hidden=${this.hidden}
      >
        <h3 class="rv-heading" data-say="drift"></h3>
        <p class="rv-note">${found && page.say("drift_intro", { model: page.titleOf(found.model) })}</p>
        <div class="rv-tabs rv-drift-texts" role="radiogroup" data-say-label="drift_texts"></div>
        <div class="rv-drift-whole">
          ${this.tools()}
          <p class="rv-said" role="status" aria-live="polite">${found && paddingSentence(page, found, this.length)}</p>
          <ul class="rv-key rv-drift-legend">
            <li class="rv-drift-padded" data-say="drift_padded"></li>
            <li class="rv-drift-packed" data-say="drift_packed"></li>
          </ul>
          <div
            class="rv-columns"
            role="group"
            tabindex="0"
            data-say-label="drift_answers"
            @click=${(event: MouseEvent) => this.press(event)}
          >${this.plot?.template() ?? nothing}</div>
          <p class="rv-drift-moved">${found && this.movement(this.moved())}</p>
          <p class="rv-note">${found && this.measurement(found)}</p>
          ${this.details.node}
        </div>
      </section>`,
      this.place,
    );
  }
  private tools(): TemplateResult {
    const { page, found, length } = this;
    const [least, most] = [found?.tokens.length ?? 1, found?.padded_to ?? MOST_FILLED];
    const filled = page.say("drift_filled", { count: this.cells(), length });
    return html`<div class="rv-drift-tools">
      <button
        type="button"
        class="rv-button rv-drift-play"
        ?disabled=${least === most}
        @click=${() => this.play()}
      >${page.playLabel(this.player.running, "drift_play")}</button>
      <div class="rv-drift-fill">
        <label for="rv-drift-length" data-say="drift_length"></label>
        <button
          type="button"
          class="rv-button rv-drift-step"
          data-say-label="drift_less"
          ?disabled=${length === least}
          @click=${() => this.stepTo(this.length - 1)}
        >−</button>
        <input
          type="range"
          id="rv-drift-length"
          step="1"
          min=${least}
          max=${most}
          .value=${live(String(length))}
          aria-valuetext=${filled}
          ?disabled=${least === most}
          @input=${(event: Event) => this.stepTo(Number((event.target as HTMLInputElement).value))}
        />
        <button
          type="button"
          class="rv-button rv-drift-step"
          data-say-label="drift_more"
          ?disabled=${length === most}
          @click=${() => this.stepTo(this.length + 1)}
        >+</button>
        <output for="rv-drift-length">${filled}</output>
      </div>
    </div>`;
  }
  private press(event: MouseEvent): void {
    const cell = closest(event, "[data-token]");
    if (cell) this.stepTo(Number(cell.dataset.token) + 1);
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private moved(): Moved {
    return mostMoved(there(this.found), this.length, SHOWN_UNITS);
  }
  /** Of the unit that was moved most. */
  private movement({ units: [unit], states: [values], alone }: Moved): string {
    const [before, after] = [alone.states[0], values[this.length - 1]].map((value) => this.page.signed(value));
    return before === after ? "" : this.page.say("drift_state", { unit, before, after });
  }
  /** What the checkpoint has measured over the test texts. */
  private measurement({ padding, accuracy }: Drift): string {
    const { page } = this;
    if (!padding || !accuracy) return "";
    const fine = (share: number) => page.share(share, { minimumFractionDigits: 2 });
    const said = [page.say("drift_measured", { count: padding.changed, texts: padding.n })];
    if (padding.changed)
      said.push(page.say("drift_accuracy", { alone: fine(padding.accuracy_alone), batches: fine(accuracy) }));
    return said.join(" ");
  }
  /** A row a word or token of padding, as far as the text was filled up. */
  savable(): Savable | null {
    const { found } = this;
    if (!found || this.hidden) return null;
    const { tokens, labels, verdicts, units, states } = found;
    const rows = verdicts.map((shares, t): Value[] => [
      t + 1,
      tokens[t] ?? "",
      t >= tokens.length,
      ...shares,
      ...states.map((values) => values[t]),
    ]);
    const heads = [...labels.map((label) => `p(${label})`), ...units.map((unit) => `hidden_unit_${unit}`)];
    const data: ViewData = {
      what: "padding",
      networks: [found.model],
      texts: [this.text ?? ""],
      settings: { padded_to: this.length, read_to: found.padded_to },
      columns: ["position", "word", "padding", ...heads],
      rows,
    };
    return {
      data,
      pictures: () => [...this.place.querySelectorAll<SVGSVGElement>(".rv-columns svg:not(.rv-drift-axis)")],
    };
  }
  private table(): TableContent | null {
    const { page } = this;
    if (!this.found) return null;
    const { tokens, labels, verdicts, units, states } = this.moved();
    const name = (t: number) =>
      t < tokens.length ? isolated(tokens[t]) : page.say("drift_cell", { number: t - tokens.length + 1 });
    const shares = (t: number) => verdicts[t].map((share) => page.share(share));
    const numbers = (t: number) => [...shares(t), ...states.map((values) => page.signed(values[t]))];
    return {
      heads: [page.say("word"), ...page.classesOf(labels), ...units.map((unit) => page.say("unit", { unit }))],
      rows: counting(this.length).map((t) => [name(t), ...numbers(t)]),
    };
  }
}

export const padding = (place: HTMLElement, page: Page): PaddingPanel => new PaddingPanel(place, page);
