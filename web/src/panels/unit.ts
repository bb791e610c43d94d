// The card of the pinned unit: the text in the colours of its memory, and what it did over the training texts.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { LayerSummary } from "../client/contract";
import type { Known } from "../client/types";
import { colourOf, css, inkOn, type Rgb } from "../model/colours";
import type { Unit } from "../model/place";
import { visible } from "../model/text";
import type { Page, Panel } from "../state/page";
import { tell } from "../ui/dom";
import { scrolling } from "../ui/scrolling";

const NEVER = 100; // a half-life in words, longer than most texts
const TINT = 0.42; // of the colour law, where ink can be read in light and dark
const WAY_NAMES = ["forward", "backward"] as const;

type Shares = Record<"shut" | "open", number>;

const tinted = (word: string, colour: Rgb) =>
  html`<bdi .style=${`background: ${css(colour)}; color: ${inkOn(colour)}`}>${visible(word)}</bdi>`;

/** How often a gate is nearly shut, in between, and wide open: three parts of a bar. */
const thirds = ({ shut, open }: Shares) => {
  const part = (share: number, value: number) =>
    html`<span .style=${`width: ${100 * share}%; background: ${css(colourOf(value, 0, 1))}`}></span>`;
  return html`<span class="rv-thirds" aria-hidden="true"
    >${part(shut, 0.08)}${part(Math.max(0, 1 - shut - open), 0.45)}${part(open, 0.95)}</span>`;
};

class UnitPanel implements Panel {
  private readonly page: Page;
  private readonly box: HTMLElement;
  private readonly hint: HTMLElement;
  /** The way to the card from the heatmap, below which it may be out of sight. */
  private readonly toCard: HTMLElement;
  /** The network and the unit of the card; null before they are drawn. */
  private shown: string | null = null;
  private known: { model: string; about: Known } | null = null;

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-about-unit");
    this.hint = page.part(".rv-unit-card .rv-hint");
    this.toCard = page.part(".rv-to-unit");
    this.toCard.addEventListener("click", () => this.goToCard());
  }

  draw(): void {
    tell(this.hint, this.page.say("unit_hint"));
    this.shown = null; // a new text, or another language: mark draws it again
  }

  mark(): void {
    const { page, toCard } = this;
    const { pinned, reading } = page;
    const key = pinned.unit === null ? "" : [reading.model, pinned.unit, pinned.layer, pinned.direction].join();
    if (key === this.shown) return;
    this.shown = key;
    this.hint.hidden = key !== "";
    this.box.hidden = key === "";
    if (!key && document.activeElement === toCard) this.focusPicture();
    toCard.hidden = key === "" || page.hiddenPanels.has("unit");
    if (pinned.unit === null) {
      render(nothing, this.box);
      return;
    }
    tell(toCard, `${page.say("unit_more", { unit: pinned.unit })} ↓`);
    this.show(pinned, key);
  }

  private async show(pinned: Unit, key: string): Promise<void> {
    const { page, known } = this;
    const { model } = page.reading;
    render(this.card(pinned, known?.model === model ? known.about : null), this.box);
    const about = await page.about(model);
    if (key !== this.shown) return;
    this.known = { model, about };
    render(this.card(pinned, about), this.box);
  }

  private focusPicture(): void {
    this.page.part(".rv-scroll").focus({ preventScroll: true });
  }
  private goToCard(): void {
    this.box.parentElement?.scrollIntoView({ block: "nearest", behavior: scrolling() });
    this.page.part(".rv-about-unit .rv-close").focus({ preventScroll: true });
  }
  private close(): void {
    this.page.letGo();
    this.focusPicture();
  }

  private card(pinned: Unit, about: Known | null): TemplateResult {
    const { page } = this;
    const title = page.say("unit_title", { unit: page.unitOf(pinned) });
    const close = () => this.close();
    return html`<header><h3 class="rv-heading">${title}</h3
      ><button type="button" class="rv-button rv-close" aria-label=${page.say("unit_close")} @click=${close}
      >×</button></header
      >${this.text(pinned)}<div>${about ? this.summary(about, pinned) : nothing}</div>`;
  }
  private text({ unit, layer, direction }: Unit): TemplateResult {
    const { page } = this;
    const { reading } = page;
    const memory = reading.signal(reading.memory);
    const colour = (t: number) => colourOf(reading.value(memory, t, unit, layer, direction), memory.low, memory.high);
    const words = reading.tokens.map((token, t) => html`${tinted(token, colour(t))} `);
    return html`<p class="rv-tinted" aria-label=${page.say("unit_text")}>${words}</p>`;
  }

  // --- over the training texts -------------------------------------------------------------------------------------

  /** What is known of a unit: a checkpoint may have come without it. Where nobody answers, nothing is said. */
  private summary(about: Known, { unit, layer, direction }: Unit): unknown {
    const { page } = this;
    const own: LayerSummary = about.places?.[layer]?.[WAY_NAMES[direction]] ?? {};
    const parts = this.partsOf(own, unit, about.words ?? []).filter((part) => part !== null);
    if (parts.length) return [html`<h3 class="rv-heading">${page.say("unit_training")}</h3>`, ...parts];
    return about.name ? html`<p class="rv-fine">${page.say("unit_unknown")}</p>` : nothing;
  }
  private partsOf(own: LayerSummary, unit: number, words: string[]): (TemplateResult | null)[] {
    const { half_life, bimodality, two_valued } = own;
    const wordsOf = (name: "raised_by" | "lowered_by") => (own[name]?.[unit] ?? []).map((one) => words[one] ?? "");
    return [
      this.chips("unit_raised", wordsOf("raised_by"), TINT),
      this.chips("unit_lowered", wordsOf("lowered_by"), -TINT),
      half_life ? html`<p class="rv-half">${this.halfLife(half_life[unit])}</p>` : null,
      bimodality && two_valued ? html`<p class="rv-like">${this.flag(own, unit)}</p>` : null,
      this.gates(own.saturation ?? {}, unit),
    ];
  }
  private chips(key: string, words: string[], value: number): TemplateResult | null {
    if (!words.length) return null;
    const colour = colourOf(value, -1, 1);
    return html`<div class="rv-swayed"><h4>${this.page.say(key)}</h4
      ><ul>${words.map((word) => html`<li>${tinted(word, colour)}</li>`)}</ul></div>`;
  }
  private halfLife(value: number): string {
    const { page } = this;
    if (value < 1) return page.say("unit_half_quick");
    const [factor, digits] = value < 10 ? [10, 1] : [1, 0];
    const words = page.written(value, { maximumFractionDigits: digits });
    return page.say(value < NEVER ? "unit_half" : "unit_half_never", {
      count: Math.round(value * factor) / factor,
      words,
    });
  }
  private flag({ bimodality, two_valued }: LayerSummary, unit: number): string {
    if (bimodality?.[unit] === null) return this.page.say("unit_never_moves");
    return this.page.say(two_valued?.includes(unit) ? "unit_flag" : "unit_no_flag");
  }
  private gates(saturation: NonNullable<LayerSummary["saturation"]>, unit: number): TemplateResult | null {
    const { page } = this;
    const gates = Object.entries(saturation);
    if (!gates.length) return null;
    const gate = (name: string, shares: Shares) => {
      const says = page.say("unit_gate", { shut: page.share(shares.shut), open: page.share(shares.open) });
      return html`<li><span>${page.nameOf({ name })}</span>${thirds(shares)}<small>${says}</small></li>`;
    };
    const items = gates.map(([name, { shut, open }]) => gate(name, { shut: shut[unit], open: open[unit] }));
    return html`<ul class="rv-saturation" aria-label=${page.say("unit_gates")}>${items}</ul>`;
  }
}

export const unit = (page: Page): Panel => new UnitPanel(page);
