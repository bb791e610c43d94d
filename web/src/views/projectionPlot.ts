// The picture of the view Projection: the states of many texts as points on a canvas, two axes, and over them the path of
// the text that is read, word by word.

import { type ScaleLinear, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { Plane } from "../client/contract";
import { counting } from "../model/numbers";
import { domainOf, nearestOf, type Point, SHAPES } from "../model/projection";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { fitted, widthOf } from "../ui/textWidth";

const PAD = { left: 34, top: 10, right: 16, bottom: 26 };
const [LOWEST, HIGHEST, STEEP] = [300, 520, 0.62]; // the height, and what of the width it is
const RADIUS = 2.6;
const [NEAR_STEP, NEAR_POINT] = [14, 9]; // pixels within which a step of the path or a point is meant
const NUMBERED = 30; // the most words that each have their number in the picture
const [DISC, DOT] = [9, 3.5];
const FONT = "600 14px system-ui, sans-serif";
const [LINE, WIDEST] = [18, 140]; // of a word in the picture
/** How the points of a class are drawn. */
export interface Look {
  colour: string;
  shape: number;
}
/** What is drawn, besides the plane. */
export interface Drawn {
  path: readonly Point[];
  /** Where the path begins, before the first word. */
  first: Point | null;
  /** The look of each class, and last that of points without any. */
  looks: readonly Look[];
}
interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

class ProjectionPlot {
  readonly width: number;
  readonly height: number;
  private readonly page: Page;
  private readonly plane: Plane;
  private readonly drawn: Drawn;
  private readonly x: ScaleLinear<number, number>;
  private readonly y: ScaleLinear<number, number>;
  /** Where the points and the steps of the path are, in pixels. */
  private readonly points: Point[];
  private readonly steps: Point[];

  constructor(page: Page, plane: Plane, drawn: Drawn, room: number) {
    const { across, up } = plane.points;
    const all = drawn.first ? [...drawn.path, drawn.first] : drawn.path;
    this.page = page;
    this.plane = plane;
    this.drawn = drawn;
    this.width = room;
    this.height = Math.round(Math.min(HIGHEST, Math.max(LOWEST, STEEP * room)));
    this.x = scaleLinear(domainOf([...across, ...all.map(([left]) => left)]), [PAD.left, room - PAD.right]);
    this.y = scaleLinear(domainOf([...up, ...all.map(([, top]) => top)]), [this.height - PAD.bottom, PAD.top]);
    this.points = across.map((value, place) => this.at([value, up[place]]));
    this.steps = drawn.path.map((point) => this.at(point));
  }

  /** Where a place of the plane is in the picture. */
  private at([across, up]: Point): Point {
    return [this.x(across), this.y(up)];
  }
  /** The step of the path, as far as that is seen, that is meant by a place in the picture. */
  stepAt(place: Point, seen: number): number | null {
    return nearestOf(this.steps.slice(0, seen), place, 1, NEAR_STEP)[0] ?? null;
  }
  /** The point that is meant by it. */
  pointAt(place: Point): number | null {
    return nearestOf(this.points, place, 1, NEAR_POINT)[0] ?? null;
  }
  /** The points that are nearest to a step of the path, as the picture has it. */
  nearStep(step: number, most: number): number[] {
    return nearestOf(this.points, this.steps[step], most);
  }

  // --- the points ----------------------------------------------------------------------------------------------------

  paint(canvas: HTMLCanvasElement): void {
    const dense = Math.max(1, devicePixelRatio);
    canvas.width = Math.round(this.width * dense);
    canvas.height = Math.round(this.height * dense);
    const brush = canvas.getContext("2d");
    if (!brush) return;
    const { looks } = this.drawn;
    const shapes = SHAPES.map((shape) => new Path2D(shape));
    brush.globalAlpha = 0.62;
    this.points.forEach(([left, top], place) => {
      const { colour, shape } = looks.at(this.plane.points.label[place]) ?? looks[looks.length - 1];
      brush.setTransform(dense, 0, 0, dense, left * dense, top * dense);
      brush.fillStyle = colour;
      brush.fill(shapes[shape]);
    });
  }

  // --- the axes and the path -----------------------------------------------------------------------------------------

  /** What lies over the points: with a word marked, and a point, and as much of the path as is to be seen. */
  template(here: number, over: number | null, seen: number): TemplateResult {
    const { page, width, height } = this;
    const label = page.say("projection_picture", { count: this.points.length, words: seen });
    const ring = over === null ? null : this.points[over];
    return html`<svg width=${width} height=${height} role="img" aria-label=${label}>${[
      this.axes(),
      this.path(seen, here),
      ring ? svg`<circle class="rv-projection-over" cx=${ring[0]} cy=${ring[1]} r=${RADIUS + 4} />` : nothing,
    ]}</svg>`;
  }
  private axes(): TemplateResult<2> {
    const { page, x, y, width, height, plane } = this;
    const written = (value: number) =>
      (value < 0 ? "−" : "") + page.written(Math.abs(value), { maximumFractionDigits: 2 });
    const few = Math.max(3, Math.floor(width / 110));
    const across = x.ticks(few).map(
      (
        value,
      ) => svg`<line class="rv-projection-grid" x1=${x(value)} x2=${x(value)} y1=${PAD.top} y2=${height - PAD.bottom}
        /><text x=${x(value)} y=${height - PAD.bottom + 17} text-anchor="middle">${written(value)}</text>`,
    );
    const up = y.ticks(5).map(
      (
        value,
      ) => svg`<line class="rv-projection-grid" x1=${PAD.left} x2=${width - PAD.right} y1=${y(value)} y2=${y(value)}
        /><text x=${PAD.left - 7} y=${y(value) + 4} text-anchor="end">${written(value)}</text>`,
    );
    const level = svg`<line class="rv-projection-level" x1=${x(0)} x2=${x(0)} y1=${PAD.top} y2=${height - PAD.bottom} />`;
    const [low, high] = x.domain();
    const hasLevel = plane.answer !== null && low < 0 && high > 0;
    return svg`<g class="rv-projection-axes">${[across, up]}${hasLevel ? level : nothing}</g>`;
  }

  private path(seen: number, here: number): TemplateResult<2> {
    const { drawn, page } = this;
    const first = drawn.first && this.at(drawn.first);
    const steps = this.steps.slice(0, seen);
    const way = line<Point>()((first ? [first, ...steps] : steps).map(([left, top]) => [left, top])) ?? "";
    const others = counting(seen).filter((t) => t !== here);
    const marked = here < seen ? [here] : []; // it lies on top, and its word finds room first
    const begin = first
      ? svg`<circle class="rv-projection-first" cx=${first[0]} cy=${first[1]} r="4"><title>${page.say("projection_first")}</title></circle>`
      : nothing;
    return svg`<g class="rv-projection-path"><path class="rv-halo" d=${way} /><path d=${way} />${begin}${[
      [...others, ...marked].map((t) => this.step(t, t === here)),
      this.words([...marked, ...others], here),
    ]}</g>`;
  }
  private step(t: number, isHere: boolean): TemplateResult<2> {
    const { page, steps } = this;
    const [left, top] = steps[t];
    const isNumbered = steps.length <= NUMBERED || isHere;
    const number = page.count(page.reading.start + t + 1);
    return svg`<g class=${isHere ? "rv-projection-step rv-at" : "rv-projection-step"} data-token=${t}
      transform=${`translate(${left} ${top})`}><circle r=${isNumbered ? DISC : DOT} />${
        isNumbered ? svg`<text y="4" text-anchor="middle">${number}</text>` : nothing
      }</g>`;
  }
  /** The words beside their steps, as far as there is room; that of the marked step in any case. */
  private words(order: readonly number[], here: number): TemplateResult<2>[] {
    const { steps, page } = this;
    const taken: Box[] = steps.map(([left, top]) => around(left, top, steps.length <= NUMBERED ? DISC : DOT));
    return order.flatMap((t) => {
      const word = fitted(visible(page.reading.tokens[t]), WIDEST, FONT);
      const box = this.boxFor(steps[t], widthOf(word, FONT), taken, t === here);
      if (!box) return [];
      taken.push(box);
      return [
        svg`<text class=${t === here ? "rv-projection-word rv-at" : "rv-projection-word"} x=${box.left} y=${box.bottom - 4}>${word}</text>`,
      ];
    });
  }
  /** Room for a word to the right of a step, to its left, above or below it. */
  private boxFor([left, top]: Point, wide: number, taken: readonly Box[], isNeeded: boolean): Box | null {
    const [away, half] = [DISC + 4, LINE / 2];
    const places: Point[] = [
      [left + away, top - half],
      [left - away - wide, top - half],
      [left - wide / 2, top - away - LINE],
      [left - wide / 2, top + away],
    ];
    const boxes = places.map(([x, y]): Box => ({ left: x, top: y, right: x + wide, bottom: y + LINE }));
    const inside = boxes.filter((box) => box.left >= PAD.left && box.right <= this.width && box.top >= 0);
    const free = inside.find((box) => !taken.some((other) => overlap(box, other)));
    return free ?? (isNeeded ? (inside[0] ?? null) : null);
  }
}

const around = (left: number, top: number, radius: number): Box => ({
  left: left - radius,
  top: top - radius,
  right: left + radius,
  bottom: top + radius,
});
const overlap = (one: Box, other: Box): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

export type { ProjectionPlot };
export const projectionPlot = (page: Page, plane: Plane, drawn: Drawn, room: number): ProjectionPlot =>
  new ProjectionPlot(page, plane, drawn, room);
