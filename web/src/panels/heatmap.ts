// The heatmaps: units in rows, words in columns exactly under the strip. Only what is in view is drawn.

import type { Hold, ReadSignal } from "../client/contract";
import { colourOf, css, inkOn, isDark } from "../model/colours";
import { columnAt } from "../model/columns";
import { last, sum } from "../model/numbers";
import { type Here, type Place, type Rows, sameBlock } from "../model/place";
import { hasUnit } from "../model/units";
import type { Page, Panel } from "../state/page";

const ROW = 22;
const HEAD = 24; // the title of a block, where there is more than one

/** A block of rows with its top edge. */
interface PlacedRows extends Rows {
  top: number;
  height: number;
}
interface Sight {
  width: number;
  gutter: number;
  ink: string;
  muted: string;
  accent: string;
}

const laidOut = (blocks: Rows[]): { blocks: PlacedRows[]; height: number; head: number } => {
  const head = blocks.length > 1 ? HEAD : 0;
  let top = 0;
  const placed = blocks.map((block) => {
    const found = { ...block, top: top + head, height: block.rows.length * ROW };
    top += head + found.height + (head ? 6 : 0);
    return found;
  });
  return { blocks: placed, height: top + 1, head };
};

class HeatmapPanel implements Panel {
  private readonly page: Page;
  private readonly canvas: HTMLCanvasElement;
  private readonly scroll: HTMLElement;
  private readonly brush: CanvasRenderingContext2D;
  private scrolled = 0; // kept, since asking makes the browser lay the page out
  private readonly tints = new Map<string, string>();

  constructor(page: Page) {
    this.page = page;
    this.canvas = page.part(".rv-field-of-units canvas");
    this.scroll = page.part(".rv-scroll");
    this.brush = this.canvas.getContext("2d") as CanvasRenderingContext2D;
    this.listen();
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    page.part(".rv-field-of-units").style.width = `${last(page.edges) + 1}px`;
    const rows = sum(page.blocks().map((block) => block.rows.length));
    const signal = page.nameOf(page.reading.signal(page.view.signal));
    const columns = page.reading.tokens.length;
    this.canvas.setAttribute("aria-label", page.say("heatmap", { signal, rows, columns }));
  }

  mark(): void {
    const { page, brush } = this;
    const { width } = page;
    if (!width || !page.shown) return;
    const { blocks, height, head } = laidOut(page.blocks());
    this.fit(width, height);
    const [ink, muted, accent] = ["--rv-ink", "--rv-muted", "--rv-accent"].map((name) => this.tint(name));
    const sight = { width, gutter: page.edges[0], ink, muted, accent };
    const here = page.here();
    const signal = page.reading.signal(page.view.signal);
    brush.textBaseline = "middle";
    for (const block of blocks) {
      this.beside(sight, height, () => {
        brush.font = "11px ui-monospace, Menlo, Consolas, monospace";
        brush.textAlign = "center";
        this.cells(block, signal, sight);
        this.held(block, signal, sight);
      });
      this.names(block, here, sight);
      if (head) this.title(block);
    }
    this.beside(sight, height, () => this.outline(blocks, here, sight));
  }

  /** Paint what may not reach into the names of the units. */
  private beside({ gutter, width }: Sight, height: number, paint: () => void): void {
    this.brush.save();
    this.brush.beginPath();
    this.brush.rect(gutter, 0, width - gutter, height);
    this.brush.clip();
    paint();
    this.brush.restore();
  }

  private cells(block: PlacedRows, signal: ReadSignal, sight: Sight): void {
    const { page, brush } = this;
    const { tokens } = page.reading;
    for (let t = 0; t < tokens.length; t += 1) {
      const left = page.edges[t] - this.scrolled;
      const wide = page.edges[t + 1] - page.edges[t];
      if (left + wide < sight.gutter || left > sight.width) continue;
      brush.globalAlpha = page.toCome({ token: t, ...block }) ? 0.12 : 1;
      this.column(block, signal, t, left, wide);
    }
    brush.globalAlpha = 1;
  }
  private column(block: PlacedRows, signal: ReadSignal, t: number, left: number, wide: number): void {
    const { page, brush } = this;
    const { reading } = page;
    block.rows.forEach((unit, row) => {
      const value = reading.value(signal, t, unit, block.layer, block.direction);
      const colour = colourOf(value, signal.low, signal.high);
      const top = block.top + row * ROW;
      brush.fillStyle = css(colour);
      brush.fillRect(left + 0.5, top + 0.5, wide - 1, ROW - 1);
      if (!page.view.numbers || wide < 36) return;
      brush.fillStyle = inkOn(colour);
      brush.fillText(page.signed(value), left + wide / 2, top + ROW / 2 + 1);
    });
  }

  /** A corner of each cell in which gate surgery holds the signal that is shown. */
  private held(block: PlacedRows, signal: ReadSignal, sight: Sight): void {
    const { page, brush } = this;
    brush.fillStyle = sight.accent;
    for (const hold of page.holds) {
      if (hold.signal !== signal.name || !sameBlock(hold, block)) continue;
      block.rows.forEach((unit, row) => {
        if (hasUnit(hold.units, unit)) this.heldRow(hold, block.top + row * ROW + 3);
      });
    }
  }
  private heldRow({ tokens }: Hold, top: number): void {
    const { page, brush } = this;
    const [first, final] = tokens.map((t) => t - page.reading.start);
    for (let t = Math.max(0, first); t <= final && t < page.reading.tokens.length; t += 1) {
      const right = page.edges[t + 1] - this.scrolled - 3; // inside the outline
      brush.beginPath();
      brush.moveTo(right - 9, top);
      brush.lineTo(right, top);
      brush.lineTo(right, top + 9);
      brush.fill();
    }
  }

  private names(block: PlacedRows, here: Here, { gutter, ink, muted }: Sight): void {
    const { page, brush } = this;
    const narrow = gutter < 60;
    brush.textAlign = "right";
    block.rows.forEach((unit, row) => {
      const chosen = unit === here.unit && sameBlock(block, here);
      brush.font = `${chosen ? "600 " : ""}12px system-ui, sans-serif`;
      brush.fillStyle = chosen ? ink : muted;
      const name = narrow ? page.count(unit) : page.say("unit", { unit });
      brush.fillText(name, gutter - 10, block.top + row * ROW + ROW / 2 + 1);
    });
  }
  private title(block: PlacedRows): void {
    const { page, brush } = this;
    brush.textAlign = "left";
    brush.font = "600 12px system-ui, sans-serif";
    brush.fillStyle = this.tint(`--rv-way-${block.direction}`);
    brush.fillRect(0, block.top, 4, block.height);
    brush.fillText(page.blockOf(block), 10, block.top - HEAD / 2 + 1);
  }

  /** The selected word's column through all blocks, and in its own block the selected cell. */
  private outline(blocks: PlacedRows[], here: Here, { ink }: Sight): void {
    const { page, brush } = this;
    const left = page.edges[here.token] - this.scrolled;
    const wide = page.edges[here.token + 1] - page.edges[here.token];
    // Ink with the ground beside it, so that it is seen on dark cells too.
    const frame = (thick: number, top: number, height: number) => {
      const edge = (inset: number, colour: string) => {
        brush.strokeStyle = colour;
        brush.strokeRect(left + inset, top + inset, wide - 2 * inset, height - 2 * inset);
      };
      brush.lineWidth = thick;
      edge(1.5 * thick, this.tint("--rv-surface"));
      edge(thick / 2, ink);
    };
    for (const block of blocks) {
      frame(1.5, block.top, block.height);
      const row = block.rows.indexOf(here.unit);
      if (row >= 0 && sameBlock(block, here)) frame(2.5, block.top + row * ROW, ROW);
    }
  }

  /** The page's own colours, asked of the browser once for light and once for dark. */
  private tint(name: string): string {
    const key = `${isDark()} ${name}`;
    const found = this.tints.get(key) ?? getComputedStyle(this.canvas).getPropertyValue(name);
    this.tints.set(key, found);
    return found;
  }

  private fit(width: number, height: number): void {
    const { canvas, brush } = this;
    const dense = window.devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const [wide, tall] = [width, height].map((length) => Math.round(length * dense));
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== tall) canvas.height = tall;
    brush.setTransform(dense, 0, 0, dense, 0, 0);
    brush.clearRect(0, 0, width, height);
  }

  /** Which word and unit lie under the pointer; null beside the picture. On a unit's name there is no word. */
  private under(event: MouseEvent): Place | null {
    const { page } = this;
    if (!page.shown) return null;
    const box = this.canvas.getBoundingClientRect();
    const y = event.clientY - box.top;
    const { blocks } = laidOut(page.blocks());
    const block = blocks.find(({ top, height }) => y >= top && y < top + height);
    if (!block) return null;
    const x = event.clientX - box.left;
    const token = x < page.edges[0] ? null : columnAt(page.edges, x + this.scrolled);
    const unit = block.rows[Math.floor((y - block.top) / ROW)];
    return { token, unit, layer: block.layer, direction: block.direction };
  }
  private listen(): void {
    const { page, canvas, scroll } = this;
    canvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && page.hover(this.under(event)));
    canvas.addEventListener("pointerleave", () => page.hover(null));
    canvas.addEventListener("click", (event) => {
      const place = this.under(event);
      if (place) page.pin({ ...place, token: place.token ?? page.here().token });
    });
    scroll.addEventListener("scroll", () => {
      this.scrolled = scroll.scrollLeft;
      page.mark();
    });
  }
}

export const heatmap = (page: Page): Panel => new HeatmapPanel(page);
