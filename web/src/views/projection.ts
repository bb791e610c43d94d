// Projection: the states of many texts in one plane, and the path of this text through it. Python computes the plane of a
// network once, from an index that it was given; where a reading goes in it is computed here.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { CorpusText, Plane, Project } from "../client/contract";
import type { Reply } from "../client/types";
import { isDark, OTHER } from "../model/colours";
import { wordAlone } from "../model/place";
import { beginning, type Point, pathOf, planeAsked, SHAPES, widestStep } from "../model/projection";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { oneStop } from "../ui/choices";
import { countUp, onWidth } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { scrolling } from "../ui/scrolling";
import { type TableContent, tableDetails } from "../ui/table";
import { indexHowTo } from "./indexHowTo";
import { type Look, type ProjectionPlot, projectionPlot } from "./projectionPlot";
import type { View } from "./views";

const NEAREST = 5;
const FIRST_ROOM = 640; // until it is known

class ProjectionView implements View {
  readonly saves: Saves = { projection: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: Project) => void;
  private readonly askText: (question: Project) => void;
  private readonly howTo: ReturnType<typeof indexHowTo>;
  private readonly details = tableDetails(() => this.table());
  /** Each plane by its question; null where there are no texts. */
  private readonly planes = new Map<string, Plane | null>();
  /** Networks whose plane is the same whatever the answer. */
  private readonly unled = new Set<string>();
  private asked = "";
  private plane: { of: string; is: Plane } | null = null;
  /** What is said in the place of a picture, and of a text that is not opened. */
  private notice: string | null = null;
  private plot: ProjectionPlot | null = null;
  /** Where the text that is read goes, and as much of that as is to be seen. */
  private whole: readonly Point[] = [];
  private path: readonly Point[] = [];
  /** The point that is pointed at. */
  private over: number | null = null;
  /** What the canvas shows. */
  private painted: { plot: ProjectionPlot; isDark: boolean } | null = null;
  private room = FIRST_ROOM;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-projection");
    box.dataset.seq = "0";
    this.howTo = indexHowTo(page, () => this.render());
    const fail = () => this.say(page.offline());
    this.ask = page.asker("project", {
      again: true,
      use: (answer: Reply<"project">, question: Project) => this.use(answer, question),
      fail,
      wait: () => this.say(page.say("waiting")),
    });
    this.askText = page.asker("project", {
      use: (answer: Reply<"project">, question: Project) => this.read(answer, question),
      fail,
    });
    this.render();
    oneStop(box, ".rv-projection-words button");
    onWidth(this.roomBox(), () => this.fit());
    this.fit();
  }

  draw(): void {
    const { page } = this;
    if (page.shown) {
      this.follow();
      this.lay();
    }
    this.render();
    page.translate(this.box);
    this.details.draw();
  }
  mark(): void {
    if (this.page.shown && this.plot) this.render();
  }
  private roomBox(): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(".rv-projection-room"));
  }
  private fit(): void {
    const room = this.roomBox().clientWidth;
    if (!room || room === this.room) return;
    this.room = room;
    this.draw();
  }

  // --- the plane -----------------------------------------------------------------------------------------------------

  private question(): Project {
    const { reading } = this.page;
    return this.unled.has(reading.model) ? { model: reading.model } : planeAsked(reading);
  }
  /** Take the plane that is known, or ask for it; meanwhile the network's last one stays, which says what it shows. */
  private follow(): void {
    const { page } = this;
    const { model } = page.reading;
    const question = this.question();
    const key = JSON.stringify(question);
    const known = this.planes.get(key);
    if (this.plane?.of !== model) this.plane = null;
    if (known) this.plane = { of: model, is: known };
    if (key === this.asked) return;
    this.asked = key;
    this.notice = null;
    this.over = null;
    if (known === undefined && !this.isMissing()) this.ask(question);
  }
  private use(answer: Reply<"project">, question: Project): void {
    if (answer.error !== undefined) this.say(this.page.objection(answer));
    else if (!("text" in answer)) {
      this.notice = null;
      const plane = "axes" in answer ? (answer as Plane) : null;
      if (plane?.unread) this.unled.add(question.model);
      const key = plane?.unread ? { model: question.model } : question;
      this.planes.set(JSON.stringify(key), plane);
      this.draw();
    }
    countUp(this.box);
  }
  private say(notice: string): void {
    this.notice = notice;
    this.render();
  }
  /** Whether there are no texts: of a network of the visitor's own, and where nobody has an index. */
  private isMissing(): boolean {
    const { page } = this;
    const isOwn = Boolean(page.host.engine?.isOwn(page.reading.model));
    return isOwn || !page.host.python || this.planes.get(JSON.stringify(this.question())) === null;
  }

  /** How many words of the path are to be seen: while the text is played, those up to the word that is read. */
  private seen(): number {
    const { page } = this;
    const place = { layer: page.reading.layers - 1, direction: page.reading.directions - 1 };
    return page.reading.tokens.filter((_, token) => !page.toCome({ token, ...place })).length;
  }
  private lay(): void {
    const { page } = this;
    const is = this.plane?.is;
    this.whole = is ? pathOf(page.reading, is) : [];
    const first = is ? beginning(page.reading, is) : null;
    this.plot = is ? projectionPlot(page, is, { path: this.whole, first, looks: this.looks() }, this.room) : null;
  }
  private looks(): Look[] {
    const { labels, classes } = this.page.reading;
    const named = (this.plane?.is.classes ?? []).map((name, place): Look => {
      const label = labels.indexOf(name);
      return { colour: label < 0 ? OTHER : classes.colour(label), shape: place % SHAPES.length };
    });
    return [...named, { colour: OTHER, shape: 0 }];
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private word(t: number): string {
    const { page } = this;
    return page.say("quoted", { word: page.wordAt(t) });
  }
  private answerName(): string {
    const { page, plane } = this;
    return page.classOf(page.reading.labels[plane?.is.answer ?? 0] ?? "");
  }
  private axisNames(): [string, string] {
    const { page, plane } = this;
    const [across, up] = page.sharesOf(this.parts());
    if (plane?.is.answer == null)
      return [
        page.say("projection_component", { number: 1, share: across }),
        page.say("projection_component", { number: 2, share: up }),
      ];
    const { labels } = page.reading;
    const key = labels.length === 2 ? "projection_lead_two" : "projection_lead";
    const other = page.classOf(labels[1 - plane.is.answer] ?? "");
    return [
      page.say(key, { answer: this.answerName(), other, share: across }),
      page.say("projection_rest", { share: up }),
    ];
  }
  /** The shares of the variance: along the axes, and what the plane does not show. */
  private parts(): number[] {
    const [across, up] = this.plane?.is.shares ?? [0, 0];
    return [across, up, Math.max(0, 1 - across - up)];
  }
  private story(): string {
    const { page, path, plane } = this;
    if (!plane) return "";
    const { points, answer: led, unread } = plane.is;
    const [first, second, rest] = page.sharesOf(this.parts());
    const answer = this.answerName();
    const said = unread ? [page.say(`projection_unread_${unread}`)] : [];
    said.push(
      page.say(led === null ? "projection_told_plain" : "projection_told", {
        count: points.text.length,
        first,
        second,
        rest,
        answer,
      }),
    );
    const widest = widestStep(path, led !== null);
    if (widest !== null) {
      const [before, after] = [widest - 1, widest].map((t) => page.signed(path[t][0]));
      const key = led === null ? "projection_step_plain" : "projection_step";
      said.push(page.say(key, { answer, word: this.word(widest), before, after }));
    }
    return said.join(" ");
  }
  /** Of the word that is looked at where it is, and of a point that is pointed at what it is. */
  private readout(): TemplateResult {
    const { page, plane, over, path } = this;
    if (!plane) return html``;
    if (over !== null) {
      const { said, label } = plane.is.points;
      const name = plane.is.classes[label[over]];
      return html`${name === undefined ? nothing : html`<b>${page.classOf(name)}</b> · `}<bdi>${isolated(said[over])}</bdi> <button
        type="button" class="rv-button" @click=${() => this.askOpen(over)}>${page.say("projection_open")}</button>`;
    }
    const { token } = page.here();
    if (token >= path.length) return html``;
    const [across, up] = path[token].map((value) => page.signed(value));
    const key = plane.is.answer === null ? "projection_at_plain" : "projection_at";
    return html`${page.say(key, { word: this.word(token), answer: this.answerName(), across, up })}`;
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page, plane, plot } = this;
    this.path = page.shown ? this.whole.slice(0, this.seen()) : [];
    const notices = this.notice === null ? [] : [this.notice];
    if (plane && page.holds.length) notices.push(page.say("projection_held"));
    const isMissing = page.shown && !plane && this.isMissing();
    render(
      html`<p class="rv-said" aria-live="polite">${page.shown ? this.story() : ""}</p>
        <div class="rv-notices" role="status" aria-live="polite">${notices.map((one) => html`<p>${one}</p>`)}</div>
        ${isMissing ? this.howTo.template() : nothing}
        <div class="rv-projection-room">${plane && plot ? this.picture(plane.is, plot) : nothing}</div>`,
      this.box,
    );
    if (plot) this.paint(plot);
  }
  private picture(plane: Plane, plot: ProjectionPlot): TemplateResult {
    const { page } = this;
    return html`<div class="rv-projection-whole">
      ${this.legend(plane)}<p class="rv-projection-axis">↑ ${this.axisNames()[1]}</p>
      <div class="rv-projection-picture" .style=${`width: ${plot.width}px; height: ${plot.height}px`}
        @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && this.point(event)}
        @pointerleave=${() => this.leave()}
        @click=${(event: MouseEvent) => this.click(event)}
      ><canvas aria-hidden="true"></canvas>${plot.template(page.here().token, this.over, this.path.length)}</div>
      <p class="rv-projection-axis rv-across">${this.axisNames()[0]} →</p>
      <p class="rv-found">${this.readout()}</p>
      ${this.words()}${this.nearest(plot)}${this.details.node}
      <p class="rv-note">${page.say("projection_fine")}</p>
    </div>`;
  }
  /** Paint the points, if they are others than before, or in other colours. */
  private paint(plot: ProjectionPlot): void {
    const canvas = there(this.box.querySelector("canvas"));
    const painted = { plot, isDark: isDark() };
    if (painted.plot === this.painted?.plot && painted.isDark === this.painted.isDark) return;
    plot.paint(canvas);
    this.painted = painted;
  }
  private legend({ classes, by }: Plane): TemplateResult {
    const { page } = this;
    const looks = this.looks();
    const shown = classes.map((name, place) => ({ name, ...looks[place] })).filter(({ colour }) => colour !== OTHER);
    const others = classes.length - shown.length;
    const mark = ({ colour, shape }: Look) =>
      html`<svg width="14" height="14" viewBox="-4 -4 8 8" aria-hidden="true"><path d=${SHAPES[shape]} fill=${colour} /></svg>`;
    return html`<p class="rv-projection-by">${page.say(by === null ? "projection_by_none" : `projection_by_${by}`)}</p
      ><ul class="rv-key">${shown.map((one) => html`<li>${mark(one)}${page.classOf(one.name)}</li>`)}${
        others && shown.length
          ? html`<li>${mark({ colour: OTHER, shape: 0 })}${page.say("other_classes", { count: others })}</li>`
          : nothing
      }</ul>`;
  }
  private words(): TemplateResult {
    const { page, path } = this;
    const here = page.here().token;
    return html`<div class="rv-find-words rv-projection-words" role="group" aria-label=${page.say("projection_words")}>${path.map(
      (_, t) => html`<button type="button" data-token=${t} tabindex=${t === Math.min(here, path.length - 1) ? 0 : -1}
        aria-pressed=${t === here} @click=${() => page.pin(wordAlone(t))}
        ><span>${page.count(page.reading.start + t + 1)}</span> <bdi>${page.token(t)}</bdi></button>`,
    )}</div>`;
  }
  /** The texts around the word that is looked at. */
  private nearest(plot: ProjectionPlot): TemplateResult | typeof nothing {
    const { page, plane, path } = this;
    const { token } = page.here();
    if (!plane || token >= path.length) return nothing;
    const { said, label } = plane.is.points;
    const entry = (point: number) => {
      const name = plane.is.classes[label[point]];
      return html`<li><button type="button" @click=${() => this.askOpen(point)}><bdi class="rv-find-text">${isolated(said[point])}</bdi>${
        name === undefined ? nothing : html` <span class="rv-find-facts">${page.classOf(name)}</span>`
      }</button></li>`;
    };
    return html`<h3>${page.say("projection_near", { word: this.word(token) })}</h3
      ><ol class="rv-find-hits">${plot.nearStep(token, NEAREST).map(entry)}</ol>`;
  }

  // --- pointing ------------------------------------------------------------------------------------------------------

  private placeOf(event: MouseEvent): Point {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }
  private point(event: PointerEvent): void {
    const { page, plot } = this;
    if (!plot) return;
    const place = this.placeOf(event);
    const step = plot.stepAt(place, this.path.length);
    const over = step === null ? plot.pointAt(place) : null;
    (event.currentTarget as HTMLElement).classList.toggle("rv-pointed", step !== null || over !== null);
    const isNew = over !== this.over;
    this.over = over;
    page.hover(step === null ? null : wordAlone(step));
    if (isNew) this.render();
  }
  private leave(): void {
    this.over = null;
    this.page.hover(null);
    this.render();
  }
  /** A word of the path is pinned; a point is opened, by touch once it has been seen what it is. */
  private click(event: MouseEvent): void {
    const { page, plot } = this;
    if (!plot) return;
    const place = this.placeOf(event);
    const step = plot.stepAt(place, this.path.length);
    if (step !== null) {
      page.leave();
      page.pin(wordAlone(step));
      return;
    }
    const point = plot.pointAt(place);
    if (point !== null && point === this.over) this.askOpen(point);
    this.over = point;
    this.render();
  }

  private askOpen(point: number): void {
    const { plane } = this;
    if (!plane) return;
    const { text, place } = plane.is.points;
    this.askText({ model: plane.of, text: text[point], place: place[point] });
  }
  /** Read the text of a point, at its word. */
  private read(answer: Reply<"project">, { model, place = 0 }: Project): void {
    const { page } = this;
    if (answer.error !== undefined || !("whole" in answer)) {
      this.say(page.objection(answer));
      return;
    }
    const { whole } = answer as CorpusText;
    if (whole === null) {
      this.say(page.say("projection_far"));
      return;
    }
    const { size } = page.reading;
    const window = Math.floor(place / size) * size;
    page.visit({ model, text: whole, start: window, token: place - window, unit: null, tab: "projection" });
    page.part(".rv-controls").scrollIntoView({ block: "start", behavior: scrolling() });
  }

  // --- the numbers ---------------------------------------------------------------------------------------------------

  private table(): TableContent | null {
    const { page, path } = this;
    if (!this.plane) return null;
    const rows = path.map((point, t) => [page.wordAt(t), ...point.map((value) => page.signed(value, 3))]);
    return { heads: [page.say("projection_word"), ...this.axisNames()], rows };
  }
  private savable(): Savable | null {
    const { page, plane, path } = this;
    if (!plane) return null;
    const { reading } = page;
    const { answer, shares, corpus } = plane.is;
    const settings = { corpus: corpus.name, answer: answer === null ? null : reading.labels[answer], shares };
    const data: ViewData = {
      what: "projection",
      networks: [reading.model],
      texts: [reading.text],
      holds: page.holds,
      settings,
      columns: ["token", "word", "across", "up"],
      rows: path.map(([across, up], t) => [reading.start + t, reading.tokens[t], across, up]),
    };
    return { data };
  }
}

export const projection = (box: HTMLElement, page: Page): View => new ProjectionView(box, page);
