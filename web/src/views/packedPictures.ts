// The pictures of one batch, in SVG, and the same as a table. A word only ever becomes a text node.

import { html, nothing, svg, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Batch } from "../client/contract";
import { TINTS } from "../model/colours";
import { sum } from "../model/numbers";
import { type Cell, dataCells, paddedCells, placesOf, stepCells } from "../model/packedCells";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import type { TableContent } from "../ui/table";
import { fitted, widthOf } from "../ui/textWidth";

const TALL = 30;
const GAP = 3;
const [LEAST, READABLE] = [34, 64]; // the narrowest cell that can be pointed at, and in which a word can be read
const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";

/** What is marked in the pictures: a token or a padding by its key, and while it plays, the network's step. */
export interface Marked {
  here: string | null;
  step: number | null;
}

const classesOf = ({ key, step, word }: DrawnCell, { here, step: now }: Marked): string =>
  [
    "rv-cell",
    word === null ? "rv-filler" : "",
    key === here ? "rv-here" : "",
    now !== null && step > now ? "rv-later" : "",
    step === now ? "rv-now" : "",
  ]
    .filter(Boolean)
    .join(" ");

/** A cell as it is drawn. */
interface DrawnCell extends Cell {
  /** What is said of it. */
  label: string;
  /** What is written in it; null in a cell of padding. */
  word: string | null;
}
/** One picture: its cells, and what is written under them. */
export interface Picture {
  cells: DrawnCell[];
  /** How wide a cell is. */
  wide: number;
  width: number;
  height: number;
  under: TemplateResult<2>[];
  /** The cell to which the Tab key leads, as column,row. */
  stop: string;
}

class PackedPictures {
  private readonly page: Page;
  private readonly layout: Batch;
  /** Where each token lies in the packed data, by the key of its cell. */
  private readonly places: Map<string, number>;

  constructor(page: Page, layout: Batch) {
    this.page = page;
    this.layout = layout;
    this.places = placesOf(layout);
  }

  // --- the three pictures, in a room so wide -------------------------------------------------------------------------

  padded(room: number): Picture {
    const { texts, rows } = this.layout;
    const wide = this.widthOfCells(rows.length, room);
    return this.picture(paddedCells(this.layout), wide, rows.length * wide, texts.length * TALL, []);
  }
  steps(room: number): Picture {
    const { rows, batch_sizes } = this.layout;
    const wide = this.widthOfCells(rows.length, room);
    const tall = batch_sizes[0] * TALL;
    const sizes = batch_sizes.map((size, step) => sizeText((step + 0.5) * wide, tall + 16, this.page.count(size)));
    return this.picture(stepCells(this.layout), wide, rows.length * wide, tall + 20, sizes);
  }
  data(room: number): Picture {
    const { batch_sizes, steps_packed } = this.layout;
    const wide = this.widthOfCells(steps_packed, room);
    const under = batch_sizes.map((size, step) => {
      const from = sum(batch_sizes.slice(0, step));
      return this.brace(step, from * wide, (from + size) * wide);
    });
    return this.picture(dataCells(this.layout), wide, steps_packed * wide, TALL + 28, under);
  }
  private picture(cells: Cell[], wide: number, width: number, height: number, under: TemplateResult<2>[]): Picture {
    const drawn = (cell: Cell) => {
      const token = this.layout.texts[cell.text][cell.step];
      return {
        ...cell,
        label: this.told(cell.key),
        word: token === undefined ? null : fitted(visible(token), wide - 7, FONT),
      };
    };
    return { cells: cells.map(drawn), wide, width, height, under, stop: "0,0" };
  }
  /** Which cells of the packed data one step of the network reads. */
  private brace(step: number, left: number, right: number): TemplateResult<2> {
    const { page } = this;
    const name = right - left > 62 ? page.say("packed_step", { step: step + 1 }) : page.count(step + 1);
    const path = `M${left + 3} ${TALL + 4}v5H${right - 1}v-5`;
    return svg`<path class="rv-brace" d=${path} />${sizeText((left + right) / 2, TALL + 23, name)}`;
  }

  /** As wide as the longest word wants. */
  natural(): number {
    const longest = Math.max(...this.layout.texts.flat().map((token) => widthOf(visible(token), FONT)));
    return Math.min(92, Math.max(42, longest + 16));
  }
  /** So wide that a row of so many cells fits into the room, as long as they can be pointed at.
   *
   * Where the row has to be scrolled anyway, its words can be read.
   */
  private widthOfCells(cells: number, room: number): number {
    const share = (room - 6) / cells;
    return Math.min(this.natural(), share < LEAST ? READABLE : share);
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  /** What is said of a cell, by its key. */
  told(key: string): string {
    const { page, layout, places } = this;
    const [text, step] = key.split("-").map(Number);
    const token = layout.texts[text][step];
    if (token === undefined) return page.say("packed_filler", { text: text + 1 });
    const where = { text: text + 1, position: step + 1, place: places.get(key), step: step + 1 };
    return page.say("packed_cell", { token: isolated(token), ...where });
  }

  table(): TableContent {
    const { page, places } = this;
    const { texts, batch_sizes } = this.layout;
    const cell = (token: string | undefined, key: string) =>
      token === undefined
        ? page.say("padding")
        : page.say("packed_place", { token: isolated(token), place: places.get(key) });
    return {
      heads: [null, ...batch_sizes.map((_, step) => page.say("packed_step", { step: step + 1 }))],
      rows: texts.map((tokens, text) => [
        page.say("packed_line", { number: text + 1 }),
        ...batch_sizes.map((_, step) => cell(tokens[step], `${text}-${step}`)),
      ]),
    };
  }

  // --- drawing -------------------------------------------------------------------------------------------------------

  template({ cells, wide, width, height, under, stop }: Picture, marked: Marked): TemplateResult {
    const label = this.page.say("packed_picture", { texts: this.layout.texts.length });
    const draw = (cell: DrawnCell) => {
      const classes = classesOf(cell, marked);
      const isStop = stop === `${cell.column},${cell.row}`;
      return guard([cell, classes, isStop], () => cellTemplate(cell, wide, classes, isStop));
    };
    return html`<svg width=${width + 4} height=${height + 4} role="group" aria-label=${label}>${cells.map(
      draw,
    )}${under}</svg>`;
  }
}

const sizeText = (x: number, y: number, said: string) => svg`<text class="rv-size" x=${x} y=${y}>${said}</text>`;

const cellTemplate = (cell: DrawnCell, wide: number, classes: string, isStop: boolean): TemplateResult<2> => {
  const { column, row, text, step, key, label, word } = cell;
  const [x, y, width] = [column * wide + 2, row * TALL + 2, wide - GAP];
  const name = svg`<text x=${x + width / 2} y=${y + TALL / 2 - 1}>${word}</text>`;
  return svg`<g
    class=${classes}
    role="img"
    aria-label=${label}
    tabindex=${isStop ? 0 : -1}
    data-key=${key}
    data-step=${step}
    data-at=${`${column},${row}`}
  ><rect x=${x} y=${y} width=${width} height=${TALL - GAP} rx="4" fill=${word === null ? nothing : TINTS[text]} />${
    word === null ? nothing : name
  }</g>`;
};

export const packedPictures = (page: Page, layout: Batch): PackedPictures => new PackedPictures(page, layout);
