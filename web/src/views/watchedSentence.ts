// The watched sentence while a network learns: what each unit holds after each word, and the answer.

import { html, render, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import type { Picture } from "../client/contract";
import { NO_NETWORK } from "../i18n/names";
import { FULL, numbersOf } from "../model/base64";
import { colourOf, css, type ShownClasses, shownClasses } from "../model/colours";
import { columnsOf } from "../model/columns";
import { counting, last } from "../model/numbers";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import { widthOf } from "../ui/textWidth";
import { classEntries } from "../ui/word";

const SHARES = 22; // the class probabilities, over the units
const GAP = 4;
const UNITS = 220; // all units, if each is neither too low nor too high to be seen
const NARROW = 15; // the narrowest column, in which a letter lies, and
const NARROWED = 44; // the narrowest in which a word lies even if it is cut off
const FONT = "15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

/** Where a sentence is painted, and in which colours. */
interface Layout {
  edges: readonly number[];
  classes: ShownClasses;
}

/** How high the row of a unit is. */
const rowOf = (units: number): number => Math.max(4, Math.min(14, Math.floor(UNITS / units)));

const paintShares = (brush: CanvasRenderingContext2D, { verdicts }: Picture, { edges, classes }: Layout): void => {
  for (const [t, shares] of verdicts.entries()) {
    let top = 0;
    for (const place of [...classes.stacking].reverse()) {
      brush.fillStyle = classes.colour(place);
      brush.fillRect(edges[t], top, edges[t + 1] - edges[t] - 1, shares[place] * SHARES);
      top += shares[place] * SHARES;
    }
  }
};
const paintUnits = (brush: CanvasRenderingContext2D, picture: Picture, { edges }: Layout): void => {
  const { data, signal, shape } = picture;
  const [words, units] = shape;
  const numbers = numbersOf(data);
  const row = rowOf(units);
  const tall = row > 6 ? row - 1 : row;
  for (const t of counting(words)) {
    for (const unit of counting(units)) {
      const value = (numbers[t * units + unit] * signal.scale) / FULL;
      brush.fillStyle = css(colourOf(value, signal.low, signal.high));
      brush.fillRect(edges[t], SHARES + GAP + unit * row, edges[t + 1] - edges[t] - 1, tall);
    }
  }
};
const paint = (canvas: HTMLCanvasElement, picture: Picture, layout: Layout): void => {
  const [, units] = picture.shape;
  const [width, height] = [last(layout.edges), SHARES + GAP + units * rowOf(units)];
  const dense = window.devicePixelRatio || 1;
  Object.assign(canvas, { width: width * dense, height: height * dense });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const brush = canvas.getContext("2d");
  if (!brush) return;
  brush.scale(dense, dense);
  paintShares(brush, picture, layout);
  paintUnits(brush, picture, layout);
};

/** Words are upright where one would be cut off so much that it cannot be read. */
const areUpright = (tokens: string[], edges: readonly number[]): boolean =>
  tokens.some((token, t) => {
    const room = edges[t + 1] - edges[t];
    return room < NARROWED && widthOf(visible(token), FONT) > room;
  });
const wordTemplate = (token: string, isUnknown: boolean, wide: number): TemplateResult => html`<span
  class=${isUnknown ? "rv-unknown" : ""} title=${visible(token)} .style=${`width: ${wide}px`}
><bdi>${visible(token)}</bdi></span>`;

class WatchedSentence {
  private readonly box: HTMLElement;
  private readonly page: Page;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.hidden = true;
  }

  /** Draw what the server sends of the sentence; that is nothing until something has been learned. */
  draw(picture: Picture | null | undefined): void {
    const { box } = this;
    box.hidden = !picture;
    const room = box.clientWidth;
    if (!picture || !room) return;
    const { tokens, labels, verdicts, winner } = picture;
    const words = tokens.map((token) => [token]);
    const edges = columnsOf({ words, gutter: 0, room: room - 2, narrow: NARROW, measure: widthOf });
    const layout = { edges, classes: shownClasses(labels, verdicts, winner) };
    render(this.template(picture, layout), box);
    const canvas = box.querySelector("canvas");
    if (canvas) paint(canvas, picture, layout);
  }

  private template(picture: Picture, { edges, classes }: Layout): TemplateResult {
    const { page } = this;
    const { tokens, labels, unknown, verdicts, winner } = picture;
    const name = page.say("train_watched");
    const share = page.share(last(verdicts)[winner]);
    const answer = page.say("train_answer", { label: page.classOf(labels[winner], NO_NETWORK), share });
    const entries = classEntries(classes, page.classesOf(labels, NO_NETWORK));
    const words = guard([JSON.stringify([tokens, unknown, edges])], () =>
      tokens.map((token, t) => wordTemplate(token, unknown[t], edges[t + 1] - edges[t])),
    );
    return html`<h3 class="rv-heading">${name}</h3
      ><p class="rv-train-answer" .style=${`--rv-class: ${classes.colour(winner)}`}>${answer}</p
      ><ul class="rv-classes">${entries}</ul
      ><div class="rv-columns rv-headless" tabindex="0" role="group" aria-label=${name}
        ><div class=${areUpright(tokens, edges) ? "rv-train-words rv-upright" : "rv-train-words"} aria-hidden="true"
          >${words}</div
        ><canvas role="img" aria-label=${`${tokens.map(isolated).join(" ")}. ${answer}`}></canvas></div
      ><p class="rv-note">${this.rows(picture)}</p>`;
  }
  /** What the rows under the words are. */
  private rows({ signal, shape: [, units] }: Picture): string {
    const { page } = this;
    const { low, high } = signal;
    const values = { signal: page.nameOf(signal), low: page.signed(low), high: page.signed(high) };
    return page.say("train_rows", { count: units, ...values });
  }
}

export const watchedSentence = (box: HTMLElement, page: Page): WatchedSentence => new WatchedSentence(box, page);
