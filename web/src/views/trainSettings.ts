// What is to be trained: the form of the view Train.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { CellKind, Offer, Offers, TaskOffer, TrainQuestion } from "../client/types";
import { NO_NETWORK } from "../i18n/names";
import { offerOf } from "../model/run";
import { carriedFields, exampleOf, type Field, type Fields, RATES, usualFields } from "../model/trainFields";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, targetOf } from "../ui/dom";
import { ownFile } from "./ownFile";

interface NumberField {
  name: Field;
  limits: { least: number; most: number } | null;
  step: number | "any";
  label?: string;
  /** Left empty, it is the usual one. */
  optional?: boolean;
}

class TrainSettings {
  private readonly form: HTMLElement;
  private readonly page: Page;
  private readonly offers: Offers;
  /** Says that something else is chosen. */
  private readonly chosen: () => void;
  private readonly file: ReturnType<typeof ownFile>;
  private readonly cells: HTMLElement;
  private readonly rates: HTMLElement;
  /** The name of a task; empty for a file of one's own. */
  private task: string;
  private cell: CellKind = "lstm";
  /** What stands in the fields. */
  private values: Fields;
  /** A training is under way, which the button stops. */
  private open = false;

  constructor(form: HTMLElement, page: Page, offers: Offers, chosen: () => void) {
    this.form = form;
    this.page = page;
    this.offers = offers;
    this.chosen = chosen;
    this.file = ownFile(page, () => this.redraw());
    this.task = this.tasks()[0];
    this.values = usualFields(this.offer());
    render(this.template(), form);
    [this.cells, this.rates] = all(form, ".rv-tabs");
    for (const group of [this.cells, this.rates]) walkable(group);
  }

  draw(open = this.open): void {
    const { page, offers } = this;
    this.open = open;
    render(this.template(), this.form);
    const cells = offers.cells.map((name) => page.say(`cell_${name}`));
    choices(this.cells, cells, offers.cells.indexOf(this.cell), (place) => {
      this.cell = offers.cells[place];
      this.redraw();
    });
    const { rates } = this.offer();
    const rate = RATES.findIndex((name) => rates[name] === Number(this.values.rate));
    const names = RATES.map((name) => page.say(`train_rate_${name}`));
    choices(this.rates, names, rate, (place) => this.write("rate", String(rates[RATES[place]])));
  }

  question(): TrainQuestion {
    const { units, length, rate, watch, bias, detach } = this.values;
    return {
      ...(this.task ? { task: this.task } : { data: this.file.found?.ticket }),
      ...(this.offer().length ? { length: Number(length) } : {}),
      cell: this.cell,
      units: Number(units),
      learning_rate: Number(rate),
      watch,
      ...(this.isHere() && bias && this.cell !== "rnn" ? { forget_bias: Number(bias) } : {}),
      ...(detach ? { detach: Number(detach) } : {}),
    };
  }
  /** Texts of so many words, the gradient cut before every so many of them, 0 for never. */
  chooseCut(length: number, detach: number): void {
    this.values = { ...this.values, length: String(length), detach: detach ? String(detach) : "" };
    this.redraw();
  }
  /** How many classes there are; 0 if that is unknown. */
  classes(): number {
    return (this.taskOffer() ?? this.file.found)?.classes.length ?? 0;
  }

  private tasks(): string[] {
    return [...this.offers.tasks.map(({ name }) => name), ...(this.offers.own_files ? [""] : [])];
  }
  /** Whether it is trained in this browser. */
  private isHere(): boolean {
    return this.page.host.own !== null && this.task !== "";
  }
  private taskOffer(): TaskOffer | undefined {
    return this.offers.tasks.find(({ name }) => name === this.task);
  }
  private offer(): Offer {
    return offerOf(this.offers, this.task);
  }
  private choose(task: string): void {
    const before = this.offer();
    this.task = task;
    this.values = carriedFields(this.values, before, this.offer());
    this.redraw();
  }
  private redraw(): void {
    this.draw();
    this.chosen();
  }
  private write(field: Field, value: string): void {
    this.values = { ...this.values, [field]: value };
    this.redraw();
  }

  private template(): TemplateResult {
    const { page, offers, file } = this;
    const { length } = this.offer();
    const own = !this.task;
    const units = this.number({ name: "units", limits: offers.units, step: 1 });
    const rate = { name: "rate", limits: offers.learning_rate, step: "any", label: "train_rate_number" } as const;
    return html`<div class="rv-field">${this.label("task")}${this.taskMenu()}<p
        class="rv-note rv-train-example" ?hidden=${own}>${this.example()}</p></div
      >${file.template(own)}<div class="rv-field">${this.label("cell", false)}${this.group("cell")}</div
      ><div class="rv-train-numbers"
        ><div class="rv-field">${this.label("units")}${units}</div
        ><div class="rv-field" ?hidden=${!length}>${this.label("length")}${this.number({
          name: "length",
          limits: length,
          step: 1,
        })}</div></div
      ><div class="rv-field">${this.label("rate", false)}${this.group("rate")}${this.number(rate)}</div
      ><div class="rv-field">${this.label("watch")}${this.watchField()}</div
      >${this.more()}<button type="submit" class="rv-button rv-primary rv-train-go" ?disabled=${own && !file.found && !this.open}
        >${page.say(this.open ? "train_stop" : "train_start")}</button>`;
  }
  /** What a lesson about long texts asks for, out of the way of all others. */
  private more(): TemplateResult {
    const bias = { name: "bias", limits: { least: -20, most: 20 }, step: "any", optional: true } as const;
    const detach = { name: "detach", limits: { least: 0, most: 60 }, step: 1, optional: true } as const;
    return html`<details class="rv-details"><summary>${this.page.say("train_settings")}</summary
      ><div class="rv-field" ?hidden=${this.cell === "rnn" || !this.isHere()}>${this.label("bias")}${this.number(bias)}</div
      ><div class="rv-field">${this.label("detach")}${this.number(detach)}</div></details>`;
  }
  /** A label; what has two parts has no element of its own that the label could be for. */
  private label(name: string, single = true): TemplateResult {
    return html`<label for=${single ? `rv-train-${name}` : nothing}>${this.page.say(`train_${name}`)}</label>`;
  }
  /** A row for `choices`. */
  private group(name: string): TemplateResult {
    return html`<div class="rv-tabs" role="radiogroup" aria-label=${this.page.say(`train_${name}`)}></div>`;
  }
  private taskMenu(): TemplateResult {
    const option = (name: string) => html`<option value=${name} .selected=${live(name === this.task)}
      >${this.page.say(name ? `train_task_${name}` : "train_task_own")}</option>`;
    return html`<select id="rv-train-task" @change=${(event: Event) => this.choose(writtenIn(event))}
      >${this.tasks().map(option)}</select>`;
  }
  private example(): string {
    const { page } = this;
    const found = this.taskOffer();
    if (!found) return "";
    const text = exampleOf(found.watch, found, this.values.length);
    return page.say("train_example", { text, names: page.list(page.classesOf(found.classes, NO_NETWORK)) });
  }
  /** A field for a number. Without limits it is not asked, and must not stand in the way of Start. */
  private number({ name, limits, step, label, optional = false }: NumberField): TemplateResult {
    return html`<input type="number" id=${`rv-train-${name}`} ?required=${!optional}
      placeholder=${optional ? this.page.say("train_usual") : nothing}
      min=${limits?.least ?? nothing} max=${limits?.most ?? nothing} step=${step} ?disabled=${!limits}
      aria-label=${label ? this.page.say(label) : nothing}
      .value=${live(this.values[name])} @input=${(event: Event) => this.write(name, writtenIn(event))}>`;
  }
  private watchField(): TemplateResult {
    return html`<input type="text" id="rv-train-watch" maxlength="400" placeholder=${this.page.say("train_watch_hint")}
      .value=${live(this.values.watch)} @input=${(event: Event) => this.write("watch", writtenIn(event))}>`;
  }
}

const writtenIn = (event: Event): string => (targetOf(event) as HTMLInputElement | HTMLSelectElement).value;

export const trainSettings = (form: HTMLElement, page: Page, offers: Offers, chosen: () => void): TrainSettings =>
  new TrainSettings(form, page, offers, chosen);
