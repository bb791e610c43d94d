// The matrix of the view Groups: units in rows, words in columns, group after group. Only the canvas is drawn here.

import type { FoundGroups } from "../client/contract";
import { colourOf, css, isDark } from "../model/colours";
import { type Band, bandsOf, type Cell, columnsIn, limitOf, type Sizes, sizesOf } from "../model/groups";
import { visible } from "../model/text";
import type { Page } from "../state/page";

const GUTTER = 44; // the units' numbers
const HEAD = 92; // the words of the text, upright
const RIM = 8; // half of an upright word, beside the last column
const APART = 13; // from one upright word to the next
const NAMED_ROW = 11; // the lowest row in which a number fits
const FONT = "system-ui, sans-serif";

class GroupsPicture {
  readonly sizes: Sizes;
  readonly limit: number;
  private readonly page: Page;
  private readonly found: FoundGroups;
  private readonly canvas: HTMLCanvasElement;
  private readonly brush: CanvasRenderingContext2D;
  private painted: { key: string; cells: HTMLCanvasElement } | null = null;

  constructor(page: Page, found: FoundGroups, canvas: HTMLCanvasElement, room: number) {
    this.page = page;
    this.found = found;
    this.canvas = canvas;
    this.brush = canvas.getContext("2d") as CanvasRenderingContext2D;
    this.limit = limitOf(found.responses);
    this.sizes = sizesOf(found, Math.max(0, room - GUTTER - RIM));
  }

  /** Draw it with a cell and the row of the chosen unit marked. */
  draw(at: Cell | null, chosen: number): void {
    this.canvas.style.width = `${this.width()}px`;
    this.canvas.style.height = `${this.height()}px`;
    this.fit(this.canvas);
    this.cells();
    this.borders();
    this.names(chosen);
    this.words(at);
    this.marks(at, chosen);
  }
  /** Which cell lies at a place of the canvas. */
  under(x: number, y: number): Cell | null {
    const { column, row } = this.sizes;
    const cell = { row: Math.floor((y - HEAD) / row), column: Math.floor((x - GUTTER) / column) };
    const { units, words } = this.found;
    const isInside = cell.row >= 0 && cell.row < units.length && cell.column >= 0 && cell.column < words.length;
    return isInside ? cell : null;
  }

  private tint(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(name);
  }
  /** Make a canvas as large as the picture, empty; its brush. */
  private fit(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const dense = window.devicePixelRatio || 1;
    canvas.width = Math.round(this.width() * dense);
    canvas.height = Math.round(this.height() * dense);
    const brush = canvas.getContext("2d") as CanvasRenderingContext2D;
    brush.setTransform(dense, 0, 0, dense, 0, 0);
    return brush;
  }
  private width(): number {
    return GUTTER + this.sizes.width + RIM;
  }
  private height(): number {
    return HEAD + this.sizes.height + 2;
  }
  /** The cells are painted once for light and once for dark: there may be many, and the marks move with the pointer. */
  private cells(): void {
    const key = `${isDark()} ${window.devicePixelRatio}`;
    if (this.painted?.key !== key) this.painted = { key, cells: this.paintedCells() };
    this.brush.drawImage(this.painted.cells, 0, 0, this.width(), this.height());
  }
  private paintedCells(): HTMLCanvasElement {
    const { found, limit } = this;
    const { row, column } = this.sizes;
    const cells = document.createElement("canvas");
    const brush = this.fit(cells);
    const [gapX, gapY] = [column >= 8 ? 1 : 0, row >= 8 ? 1 : 0];
    found.responses.forEach((numbers, r) => {
      numbers.forEach((number, c) => {
        brush.fillStyle = css(colourOf(number, -limit, limit));
        const [left, right] = [GUTTER + c * column, GUTTER + (c + 1) * column];
        // Whole pixels: else the ground shines through between narrow columns.
        const [from, to] = gapX ? [left, right - gapX] : [Math.floor(left), Math.ceil(right)];
        brush.fillRect(from, HEAD + r * row, to - from, row - gapY);
      });
    });
    return cells;
  }
  /** A line wherever one group ends, and a frame around the block of each. */
  private borders(): void {
    const { brush, found, sizes } = this;
    const { row, column, width, height } = sizes;
    const [rows, columns] = [bandsOf(found.unit_groups), bandsOf(found.word_groups)];
    brush.strokeStyle = this.tint("--rv-muted");
    brush.lineWidth = 1;
    brush.strokeRect(GUTTER - 0.5, HEAD - 0.5, width + 1, height);
    brush.beginPath();
    for (const { first } of rows.slice(1)) this.line(GUTTER, HEAD + first * row - 0.5, GUTTER + width);
    for (const { first } of columns.slice(1)) this.line(GUTTER + first * column, HEAD, null, HEAD + height);
    brush.stroke();
    brush.strokeStyle = this.tint("--rv-ink");
    brush.lineWidth = 2;
    for (const [group, band] of rows.entries()) this.block(band, columns[group]);
  }
  private line(x: number, y: number, right: number | null, bottom = y): void {
    this.brush.moveTo(x, y);
    this.brush.lineTo(right ?? x, bottom);
  }
  private block(rows: Band, columns: Band): void {
    const { row, column } = this.sizes;
    this.brush.strokeRect(
      GUTTER + columns.first * column,
      HEAD + rows.first * row,
      columns.count * column,
      rows.count * row,
    );
  }
  private names(chosen: number): void {
    const { brush, found, page } = this;
    const { row } = this.sizes;
    brush.textAlign = "right";
    brush.textBaseline = "middle";
    found.units.forEach((unit, r) => {
      const isChosen = unit === chosen;
      if (row < NAMED_ROW && !isChosen) return;
      brush.font = `${isChosen ? "700 " : ""}11px ${FONT}`;
      brush.fillStyle = this.tint(isChosen ? "--rv-ink" : "--rv-muted");
      brush.fillText(page.count(unit), GUTTER - 8, HEAD + (r + 0.5) * row);
    });
  }
  /** Above their columns: the word that is pointed at, the words of the text, and others where there is room. */
  private words(at: Cell | null): void {
    const { found, page, sizes } = this;
    const own = columnsIn(found.words, page.reading.tokens);
    const wide = sizes.column >= APART ? found.words.map((_, column) => column) : [];
    const taken: number[] = [];
    for (const column of new Set([...(at ? [at.column] : []), ...own, ...wide])) {
      const isOwn = own.includes(column);
      if (isOwn) this.tick(column);
      const x = (column + 0.5) * sizes.column;
      if (taken.some((other) => Math.abs(other - x) < APART)) continue;
      taken.push(x);
      this.upright(visible(found.words[column]), GUTTER + x, isOwn || column === at?.column);
    }
  }
  private tick(column: number): void {
    const { brush, sizes } = this;
    const x = GUTTER + (column + 0.5) * sizes.column;
    brush.fillStyle = this.tint("--rv-accent");
    brush.beginPath();
    brush.moveTo(x - 4, HEAD - 8);
    brush.lineTo(x + 4, HEAD - 8);
    brush.lineTo(x, HEAD - 2);
    brush.fill();
  }
  private upright(word: string, x: number, isMarked: boolean): void {
    const { brush } = this;
    brush.save();
    brush.translate(x, HEAD - 12);
    brush.rotate(-Math.PI / 2);
    brush.textAlign = "left";
    brush.font = `${isMarked ? "600 " : ""}12px ${FONT}`;
    brush.fillStyle = this.tint(isMarked ? "--rv-ink" : "--rv-muted");
    brush.fillText(word, 0, 0, HEAD - 16);
    brush.restore();
  }
  private marks(at: Cell | null, chosen: number): void {
    const { found, sizes } = this;
    const { row, column, width, height } = sizes;
    const chosenRow = found.units.indexOf(chosen);
    if (chosenRow >= 0) this.frame(GUTTER, HEAD + chosenRow * row, width, row);
    if (!at) return;
    this.frame(GUTTER + at.column * column, HEAD, column, height);
    this.frame(GUTTER, HEAD + at.row * row, width, row);
  }
  /** Ink with the ground beside it, so that it is seen on dark cells too. */
  private frame(x: number, y: number, width: number, height: number): void {
    const { brush } = this;
    brush.lineWidth = 1;
    brush.strokeStyle = this.tint("--rv-surface");
    brush.strokeRect(x - 1.5, y - 1.5, width + 3, height + 3);
    brush.strokeStyle = this.tint("--rv-ink");
    brush.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
  }
}

export type { GroupsPicture };
export const groupsPicture = (page: Page, found: FoundGroups, canvas: HTMLCanvasElement, room: number): GroupsPicture =>
  new GroupsPicture(page, found, canvas, room);
