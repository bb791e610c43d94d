// Loss and accuracy while a network learns; earlier runs from the same texts stay in the picture.

import { html, render, type TemplateResult } from "lit-html";
import type { Value } from "../model/csv";
import { axisOf, type ValueAxis } from "../model/curves";
import type { CurveRun } from "../model/run";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { all } from "../ui/dom";
import type { Savable } from "../ui/saveData";
import { type TableContent, type TableDetails, tableDetails } from "../ui/table";
import { trainPlot } from "./trainPlot";

const FIGURES = ["loss", "accuracy"] as const;
const ROWS = 20; // of the table, at most, and the end
const HUGE = 1e6; // a loss that is written as a power of ten

class TrainCurves {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly details: TableDetails;
  private readonly plots: HTMLElement[];
  private runs: CurveRun[] = [];

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    this.details = tableDetails(() => this.table());
    box.hidden = true;
    render(this.frame([]), box);
    this.plots = all(box, ".rv-train-plot");
  }

  /**
   * Draw runs, of which the first is under way or has just ended; the number of classes is 0 if it is unknown. Before the
   * first run the axes wait, with the line of guessing.
   */
  draw(runs: CurveRun[], classes: number): void {
    const { box, page } = this;
    this.runs = runs;
    box.hidden = false;
    this.details.node.hidden = !runs.length;
    box.dataset.points = String(runs[0]?.curve.loss.length ?? 0);
    box.dataset.runs = String(runs.length);
    const axes = FIGURES.map((name) => axisOf(name, runs, classes));
    render(this.frame(axes), box);
    const widths = this.plots.map((plot) => plot.clientWidth);
    for (const [place, name] of FIGURES.entries()) {
      if (widths[place]) render(trainPlot(page, name, axes[place], runs, widths[place]), this.plots[place]);
    }
    this.details.draw();
  }

  /** All but the pictures, which need the width that they have in it. */
  private frame(axes: ValueAxis[]): TemplateResult {
    const figure = (name: string, place: number) =>
      html`<figure><figcaption>${this.page.say(`train_${name}`)}</figcaption><div class="rv-train-plot"></div
        ><p class="rv-note">${axes.length ? this.beyond(axes[place]) : ""}</p></figure>`;
    return html`<ul class="rv-key rv-train-legend">${this.runs.map((run, place) => this.entry(run, place))}</ul
      ><div class="rv-train-pair">${FIGURES.map(figure)}</div>${this.details.node}`;
  }
  private entry(run: CurveRun, place: number): TemplateResult {
    return html`<li><svg width="34" height="10" aria-hidden="true"
      ><line class=${`rv-run-${place}`} x1="0" x2="34" y1="5" y2="5" /></svg
      ><span>${this.nameOf(run)}</span><b>${this.resultOf(run)}</b></li>`;
  }
  /** How high the values go that are out of the picture, if there are any. */
  private beyond({ top, most }: ValueAxis): string {
    const { page } = this;
    return most > top ? page.say("train_beyond", { most: most > HUGE ? page.small(most) : page.signed(most) }) : "";
  }
  private nameOf({ question: { cell, units, learning_rate: rate, detach } }: CurveRun): string {
    const { page } = this;
    const name = page.say("train_run", { cell: page.say(`cell_${cell}`), count: units, rate });
    return detach ? `${name}, ${page.say("train_cut_every", { count: detach })}` : name;
  }
  private resultOf({ state, answer: { held_out: kept, error } }: CurveRun): string {
    const { page } = this;
    if (error) return page.say("train_result_failed");
    if (state === "running") return page.say("train_result_running");
    return kept ? page.say("train_result", { right: this.percent(kept.accuracy) }) : page.say("train_result_none");
  }
  private percent(value: number): string {
    return this.page.share(value, { maximumFractionDigits: 1 });
  }

  /** A row a point of a curve, of all runs that are shown. */
  savable(): Savable | null {
    if (!this.runs.length) return null;
    const rows = this.runs.flatMap(({ curve }, run) =>
      curve.loss.map((loss, n): Value[] => [run + 1, curve.fraction[n], loss, curve.accuracy[n]]),
    );
    const data: ViewData = {
      what: "train",
      networks: [],
      settings: { runs: this.runs.map(({ question, state }) => ({ ...question, state })) },
      columns: ["run", "fraction", "loss", "accuracy"],
      rows,
    };
    return { data, pictures: () => [...this.box.querySelectorAll<SVGSVGElement>(".rv-train-plot > svg")] };
  }
  private table(): TableContent | null {
    const { page } = this;
    if (!this.runs.length) return null;
    const [run] = this.runs;
    const { loss, accuracy, fraction } = run.curve;
    const every = Math.ceil(loss.length / ROWS);
    const rows = loss.map((one, n) => [this.percent(fraction[n]), page.signed(one), this.percent(accuracy[n])]);
    return {
      caption: this.nameOf(run),
      heads: ["train_axis", "train_loss", "train_accuracy"].map((key) => page.say(key)),
      rows: rows.filter((_, n) => n % every === 0 || n === rows.length - 1),
    };
  }
}

export const trainCurves = (box: HTMLElement, page: Page): TrainCurves => new TrainCurves(box, page);
