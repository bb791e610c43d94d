// The reading as one drawing, for a paper or a slide: words, answers and the heatmap that is shown, as SVG.

import { html, svg, type TemplateResult } from "lit-html";
import type { ReadSignal } from "../client/contract";
import { colourOf, css, OTHER } from "../model/colours";
import { described } from "../model/described";
import { counting } from "../model/numbers";
import type { Rows } from "../model/place";
import { type Sign, signsOf } from "../model/signs";
import { cutTo, visible } from "../model/text";
import type { Provenance } from "../model/viewData";
import type { Page } from "../state/page";
import { FONT, pureSvg, rectangle, text } from "../ui/drawing";
import { describe } from "../ui/pictureFile";
import { widthOf } from "../ui/textWidth";

const [NAMES, ROW, TOP, BARS] = [76, 20, 64, 60];
const [OF_WORDS, OF_LETTERS] = [66, 24]; // how wide a column is
const [SCALE, STEPS] = [160, 40]; // how wide the scale of the colours is, and of how many steps it is made
const MARGIN = 12;
const LETTERS = Math.floor(OF_WORDS / 7); // the longest word that a column shows whole
const MOST_PIXELS = 16_000; // browsers refuse larger canvases

export interface ReadingPicture {
  svg(about: Provenance): Blob;
  png(about: Provenance): Promise<Blob | null>;
}

/** Where a line of text ends that begins at the left. */
const endOf = (words: string, font: string) => MARGIN + Math.ceil(widthOf(words, `${font} ${FONT}`));

interface Drawing {
  width: number;
  height: number;
  element: SVGSVGElement;
}
/** Some parts, and where the next ones may begin. */
interface Placed {
  parts: TemplateResult[];
  bottom: number;
}

class Picture implements ReadingPicture {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  svg(about: Provenance): Blob {
    const { element } = this.draw();
    describe(element, about);
    return new Blob([new XMLSerializer().serializeToString(element)], { type: "image/svg+xml" });
  }

  async png(about: Provenance): Promise<Blob | null> {
    const { width, height } = this.draw();
    const dense = Math.min(2, MOST_PIXELS / Math.max(width, height));
    const image = new Image();
    image.src = URL.createObjectURL(this.svg(about));
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (!picture) return null;
    const file = new Uint8Array(await picture.arrayBuffer());
    return new Blob([described.png(file, about) as BlobPart], { type: "image/png" });
  }

  /** The drawing is on white whatever the page is on, since it leaves the page. */
  private draw(): Drawing {
    const { page } = this;
    const { reading, view } = page;
    const signal = reading.signal(view.signal);
    const title = `${page.titleOf(reading.model)} · ${page.part(".rv-answer").textContent}`;
    const free = this.answerWithoutHolds();
    const notes = this.notes();
    const width = this.width(title, free, notes, signal);
    const blocks = this.blocks(signal, TOP + BARS + 30);
    const legend = this.legend(blocks.bottom, width, signal);
    const height = legend.bottom + 4 + 16 * notes.length;
    const element = pureSvg(html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}"
      font-family=${FONT}><rect width=${width} height=${height} fill="#ffffff"></rect
      >${text(MARGIN, 22, title, { anchor: "start", size: 15, weight: 700 })}${text(MARGIN, 40, free, {
        anchor: "start",
      })}${this.names()}${reading.tokens.map((_, t) => this.bars(t))}${blocks.parts}${
        legend.parts
      }${notes.map((note, line) => text(MARGIN, legend.bottom + 12 + 16 * line, note, { anchor: "start" }))}</svg>`);
    return { width, height, element };
  }
  private width(title: string, free: string, notes: string[], signal: ReadSignal): number {
    const { page } = this;
    const { reading } = page;
    const titles = page.blocks().map((block) => this.blockTitle(block, signal));
    const ends = [
      NAMES + reading.tokens.length * this.column,
      NAMES + SCALE,
      endOf(title, "700 15px"),
      ...[free, ...notes].map((line) => endOf(line, "12px")),
      ...titles.map((line) => endOf(line, "600 12px")),
      ...reading.classes.shown
        .map((place) => reading.labels[place])
        .map((label) => NAMES + 16 + endOf(page.classOf(label), "12px")),
    ];
    return Math.max(...ends) + MARGIN;
  }

  /** That something is held, and what the network answers while nothing is. */
  private answerWithoutHolds(): string {
    const { page } = this;
    const { ghost, labels } = page.reading;
    if (!ghost) return "";
    const { winner, answer } = ghost;
    const [label, share] = [page.classOf(labels[winner]), page.share(answer[winner])];
    return page.say("held_free", { count: page.holds.length, label, share });
  }
  /** In a network that reads both ways the bars and the cells are of two readings. */
  private notes(): string[] {
    const { page } = this;
    return page.reading.directions > 1 ? ["both_answers", "both_units"].map((key) => page.say(key)) : [];
  }

  private get kind() {
    return this.page.kindOf(this.page.reading.model);
  }
  private get column(): number {
    return this.kind.tokens === "letters" ? OF_LETTERS : OF_WORDS;
  }
  /** The words; of letters, the signs that they make up. */
  private names(): TemplateResult[] {
    const { tokens, unknown } = this.page.reading;
    const signs = this.kind.tokens === "letters" ? signsOf(tokens) : tokens.map((_, t): Sign => [t, t + 1]);
    return signs.map(([from, to]) => {
      const middle = NAMES + ((from + to) / 2) * this.column;
      const name = cutTo(visible(tokens.slice(from, to).join("")), LETTERS);
      return text(middle, TOP - 8, name, { unknown: unknown[from] });
    });
  }
  private bars(t: number): TemplateResult[] {
    const { page, column, kind } = this;
    const { classes, verdicts, winners, labels } = page.reading;
    const left = NAMES + t * column;
    const middle = left + column / 2;
    const margin = column / 8;
    let bottom = TOP + BARS;
    const bars = classes.stacking.map((place) => {
      const height = BARS * verdicts[t][place];
      bottom -= height;
      return rectangle(left + margin, bottom, column - 2 * margin, height, classes.colour(place, false));
    });
    if (kind.tokens === "letters" && kind.task === "classify") return bars; // there is no room for shares
    const under = kind.task === "next" ? visible(labels[winners[t]]) : page.share(verdicts[t][winners[t]]);
    return [...bars, text(middle, TOP + BARS + 14, under, { size: 11 })];
  }

  // --- the heatmap ---------------------------------------------------------------------------------------------------

  private blocks(signal: ReadSignal, top: number): Placed {
    let bottom = top;
    const parts = this.page.blocks().flatMap((block) => {
      const title = this.blockTitle(block, signal);
      const head = text(MARGIN, bottom + 12, title, { anchor: "start", weight: 600 });
      const rows = block.rows.flatMap((unit, row) => this.row(block, unit, signal, bottom + 20 + row * ROW));
      bottom += 20 + block.rows.length * ROW + 14;
      return [head, ...rows];
    });
    return { parts, bottom };
  }
  private blockTitle(block: Rows, signal: ReadSignal): string {
    const { page } = this;
    return [`${page.nameOf(signal)} ${signal.symbol}`, page.blockOf(block)].filter(Boolean).join(" · ");
  }
  private row({ layer, direction }: Rows, unit: number, signal: ReadSignal, top: number): TemplateResult[] {
    const { page, column } = this;
    const { reading } = page;
    const { low, high } = signal;
    const cell = (t: number) => {
      const fill = css(colourOf(reading.value(signal, t, unit, layer, direction), low, high, false));
      return svg`<rect x=${NAMES + t * column} y=${top} width=${column - 1} height=${ROW - 1} fill=${fill}
        stroke="#dbe1e9" stroke-width="0.5"></rect>`;
    };
    const name = text(NAMES - 8, top + 14, page.say("unit", { unit }), { anchor: "end", size: 11 });
    return [name, ...reading.tokens.map((_, t) => cell(t))];
  }

  // --- what the colours mean -----------------------------------------------------------------------------------------

  private legend(top: number, width: number, signal: ReadSignal): Placed {
    const { parts, bottom } = this.classes(top + 40, width);
    return { parts: [...this.scale(top, signal), ...parts], bottom };
  }
  private scale(top: number, signal: ReadSignal): TemplateResult[] {
    const { low, high } = signal;
    const step = SCALE / STEPS;
    const shade = (place: number) => css(colourOf(low + ((high - low) * place) / (STEPS - 1), low, high, false));
    const anchors = ["start", "middle", "end"] as const;
    return [
      ...counting(STEPS).map((place) => rectangle(NAMES + place * step, top, step + 0.5, 10, shade(place))),
      ...this.page.scaleOf(signal).map((says, place) => {
        const look = { size: 11, anchor: anchors[place] };
        return text(NAMES + (place * SCALE) / 2, top + 24, says, look);
      }),
    ];
  }
  /** The classes' colours, in as many lines as they need. */
  private classes(top: number, width: number): Placed {
    const { page } = this;
    const { classes, labels } = page.reading;
    const named = classes.shown.map((place) => [page.classOf(labels[place]), classes.colour(place, false)]);
    const count = labels.length - classes.shown.length;
    if (count) named.push([page.say("other_classes", { count }), OTHER]);
    let [left, line] = [NAMES, top];
    const parts = named.flatMap(([label, colour]) => {
      const wide = 16 + widthOf(label, `12px ${FONT}`) + 18;
      if (left > NAMES && left + wide > width) [left, line] = [NAMES, line + 18];
      const mark = svg`<rect x=${left} y=${line} width="11" height="11" rx="3" fill=${colour}></rect>`;
      const name = text(left + 16, line + 10, label, { anchor: "start" });
      left += wide;
      return [mark, name];
    });
    return { parts, bottom: line + 18 };
  }
}

export const readingPicture = (page: Page): ReadingPicture => new Picture(page);
