// The heatmap as a table: the same words, units and numbers, for who reads or hears them. Built only while it is shown.

import { html, nothing, render } from "lit-html";
import { FULL } from "../model/base64";
import type { Value } from "../model/csv";
import type { ViewData } from "../model/viewData";
import type { Page, Panel } from "../state/page";
import { elementOf } from "../ui/element";
import { type Savable, saveButtons } from "../ui/saveData";
import { drawTable, type TableContent } from "../ui/table";

const LATER_MS = 200; // while the reader types, the picture goes first

const skeleton = html`<div class="rv-table rv-units-table" id="rv-units-table" role="group" tabindex="0" hidden></div>`;

class HeatmapTablePanel implements Panel {
  private readonly page: Page;
  private readonly control: HTMLElement;
  private readonly box: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Of which units the table is. */
  private shownUnits = "";

  constructor(page: Page) {
    this.page = page;
    this.control = page.part(".rv-as-table");
    this.box = elementOf(skeleton);
    page.part("[data-panel=heatmap]").append(this.box);
    this.control.setAttribute("aria-controls", this.box.id);
    this.control.addEventListener("click", () => this.toggle());
  }

  draw(): void {
    render(
      saveButtons(this.page, "heatmap", () => this.savable()),
      this.page.part(".rv-heatmap-saves"),
    );
    clearTimeout(this.timer);
    if (this.page.shown && !this.box.hidden) this.timer = setTimeout(() => this.show(), LATER_MS);
  }

  /** Another word may have another unit to tell of, and so another row in the picture. */
  mark(): void {
    if (this.page.shown && !this.box.hidden && this.shownUnits !== this.unitsKey()) this.show();
  }
  private unitsKey(): string {
    return JSON.stringify(this.page.blocks());
  }

  private toggle(): void {
    const { box } = this;
    clearTimeout(this.timer);
    box.hidden = !box.hidden;
    this.control.setAttribute("aria-expanded", String(!box.hidden));
    if (box.hidden) render(nothing, box);
    else this.show();
  }
  private show(): void {
    const content = this.content();
    this.shownUnits = this.unitsKey();
    this.box.setAttribute("aria-label", content.caption);
    drawTable(content, this.box);
  }
  /** A row a word and unit that is shown. */
  private savable(): Savable | null {
    const { page } = this;
    if (!page.shown) return null;
    const { reading, holds, view } = page;
    const signal = reading.signal(view.signal);
    const units = page.blocks().flatMap(({ rows, ...block }) => rows.map((unit) => ({ ...block, unit })));
    const rows = reading.tokens.flatMap((token, t) =>
      units.map(({ unit, layer, direction }): Value[] => [
        reading.start + t + 1,
        token,
        layer,
        direction ? "backward" : "forward",
        unit,
        reading.value(signal, t, unit, layer, direction),
      ]),
    );
    const { layer, direction, all } = view;
    const data: ViewData = {
      what: "heatmap",
      networks: [reading.model],
      texts: [reading.text],
      holds,
      settings: { signal: signal.name, layer, direction, all, rounded_to: signal.scale / FULL },
      columns: ["position", "word", "layer", "direction", "unit", signal.name],
      rows,
    };
    return { data };
  }
  private content(): TableContent & { caption: string } {
    const { page } = this;
    const { reading, view } = page;
    const signal = reading.signal(view.signal);
    const units = page
      .blocks()
      .flatMap(({ layer, direction, rows }) => rows.map((unit) => ({ layer, direction, unit })));
    const size = { rows: units.length, columns: reading.tokens.length };
    const caption = page.say("heatmap", { signal: page.nameOf(signal), ...size });
    const heads = [page.say("word"), ...units.map((place) => page.say("unit", { unit: page.unitOf(place) }))];
    const rows = reading.tokens.map((_, t) => [
      page.token(t),
      ...units.map(({ unit, layer, direction }) => page.signed(reading.value(signal, t, unit, layer, direction))),
    ]);
    return { caption, heads, rows };
  }
}

export const heatmapTable = (page: Page): Panel => new HeatmapTablePanel(page);
