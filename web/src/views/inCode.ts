// In code: the reading that is shown as PyTorch and Keras give it. Its arrays with their shapes and numbers, what each
// choice changes in them, and the program that prints them.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Known, Question, Reply } from "../client/types";
import {
  type ArrayShape,
  type Batch,
  type CodeArray,
  type CodeChoice,
  type CodeRow,
  namesOf,
  outputOf,
  PADDING,
  type Shown,
  shapesOf,
  statesOf,
  written,
} from "../model/codeArrays";
import { WAYS } from "../model/colours";
import type { Value } from "../model/csv";
import type { Here } from "../model/place";
import { layerLine, type ProgramFacts, programOf } from "../model/program";
import { type Reading, unpackReading } from "../model/reading";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { closest, copyText, countUp, targetOf } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { withCode } from "../ui/withCode";
import { wordName } from "../ui/word";
import { type Changed, type CodeFacts, codeFacts } from "./codeFacts";
import { codeTable } from "./codeTable";
import type { View } from "./views";

const BATCHES: Batch[] = ["alone", "padded", "packed"];
const LIBRARIES: CodeChoice["library"][] = ["pytorch", "keras"];
const COPIED_MS = 2500;

class InCodeView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private choice: CodeChoice = { library: "pytorch", batchFirst: true, batch: "alone" };
  private changed: Changed = null;
  /** What is known of the network, and which network that is. */
  private known: Known = {};
  private model: string | null = null;
  /** The reading with padding after it, and of which network and text it is; null where nobody could read it. */
  private padded: Reading | null = null;
  private paddedOf = "";
  /** What was asked for last of it. */
  private asked: Question<"read_sentence"> | null = null;
  private readonly ask: (question: Question<"read_sentence">) => void;
  private copied = "";
  /** While the pointer is among the numbers, their columns and rows stay: those of where the page looked before. */
  private kept: Here | null = null;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-code");
    box.dataset.seq = "0";
    this.ask = page.asker("read_sentence", { use: (reply, question) => this.use(reply, question) });
    this.render();
    for (const group of box.querySelectorAll<HTMLElement>(".rv-code-choices > .rv-tabs")) walkable(group);
  }
  readonly saves: Saves = { code: { of: () => this.savable() } };
  /** A row a number of the arrays, as far as they are shown. */
  private savable(): Savable | null {
    const { page, choice } = this;
    if (!page.shown) return null;
    const { reading, holds } = page;
    const shown = this.shown();
    const { state, memory } = namesOf(choice, reading.cell);
    const arrays: [string, CodeArray][] = [
      ["output", outputOf(shown)],
      [state, statesOf(shown, "hidden")],
      ...(memory === null ? [] : [[memory, statesOf(shown, "cell")] as [string, CodeArray]]),
    ];
    const ofRow = (name: string, row: CodeRow): Value[][] =>
      row.cells.flatMap((cell) => (cell ? [[name, row.at, cell.column, cell.value ?? null]] : []));
    const data: ViewData = {
      what: "code",
      networks: [reading.model],
      texts: [reading.text],
      holds,
      settings: { ...choice },
      columns: ["array", "row", "column", "value"],
      rows: arrays.flatMap(([name, { rows }]) => rows.flatMap((row) => (row ? ofRow(name, row) : []))),
    };
    return { data };
  }
  private part(selector: string): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(selector));
  }

  draw(): void {
    const { page } = this;
    page.translate(this.box);
    if (!page.shown) return;
    this.askAbout(page.reading.model);
    if (this.choice.batch === "padded") this.askPadded();
    this.drawChoices();
    this.render();
    countUp(this.box);
  }
  mark(): void {
    if (this.page.shown) this.render();
  }

  // --- what it needs beside the reading ------------------------------------------------------------------------------

  private async askAbout(model: string): Promise<void> {
    if (this.model === model) return;
    this.model = model;
    this.known = {};
    this.kept = null;
    const known = await this.page.about(model);
    if (this.model !== model) return;
    this.known = known;
    this.render();
  }
  private paddedKey(): string {
    const { model, text, read } = this.page.reading;
    return JSON.stringify([model, text, read]);
  }
  /** Have the text read with padding after it. Of a text of several windows the page holds too little to compare. */
  private askPadded(): void {
    const key = this.paddedKey();
    if (key === this.paddedOf) return;
    this.paddedOf = key;
    this.padded = this.asked = null;
    const { model, text, windowed } = this.page.reading;
    if (windowed) return;
    this.asked = { model, text, start: 0, holds: [], padding: PADDING };
    this.ask(this.asked);
  }
  private use(reply: Reply<"read_sentence">, question: Question<"read_sentence">): void {
    if (question !== this.asked || reply.empty || reply.error !== undefined) return;
    this.padded = unpackReading(reply);
    this.render();
  }

  // --- the choices ---------------------------------------------------------------------------------------------------

  private drawChoices(): void {
    const { page, choice } = this;
    const { library, batchFirst, batch } = choice;
    const keras = library === "keras";
    choices(this.part(".rv-code-library"), ["PyTorch", "Keras"], LIBRARIES.indexOf(library), (place) =>
      this.choose({ library: LIBRARIES[place] }),
    );
    const first = ["batch_first=True", "batch_first=False"];
    const firsts = this.part(".rv-code-first");
    choices(firsts, first, Number(!batchFirst), (place) => this.choose({ batchFirst: place === 0 }));
    firsts.hidden = keras;
    const names = ["code_alone", "code_padded", keras ? "code_masked" : "code_packed"];
    choices(
      this.part(".rv-code-batch"),
      names.map((name) => page.say(name, { count: PADDING })),
      BATCHES.indexOf(batch),
      (place) => this.choose({ batch: BATCHES[place] }),
    );
  }
  private choose(change: Partial<CodeChoice>): void {
    this.choice = { ...this.choice, ...change };
    this.changed = Object.keys(change)[0] as Changed;
    this.copied = "";
    this.draw();
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page } = this;
    const shown = page.shown && this.shown();
    const facts = shown && this.facts(shown);
    const told = facts && codeFacts(page, shown, facts, this.changed);
    render(
      html`<div class="rv-code-choices">
          <div class="rv-tabs rv-code-library" lang="en" role="radiogroup" data-say-label="code_library"></div>
          <div class="rv-tabs rv-code-first" lang="en" role="radiogroup" aria-label="batch_first"></div>
          <div class="rv-tabs rv-code-batch" role="radiogroup" data-say-label="code_batch"></div>
        </div>
        <p class="rv-said" role="status">${told ? withCode(told.said) : nothing}</p>
        <div class="rv-code-whole">${
          told ? [this.arrays(shown, facts, told.notices), this.questions(told.questions)] : nothing
        }</div>
        ${facts ? this.program(facts) : nothing}`,
      this.box,
    );
  }
  private facts({ here }: Shown): ProgramFacts {
    const { page, known } = this;
    const { reading } = page;
    return {
      model: reading.model,
      text: reading.text,
      reading,
      known,
      here,
      ...page.kindOf(reading.model),
    };
  }
  private shown(): Shown {
    const { page, choice } = this;
    const padded = this.paddedOf === this.paddedKey() ? this.padded : null;
    const here = page.here();
    return { reading: page.reading, padded, choice, here, kept: this.kept ?? here };
  }

  // --- the arrays ----------------------------------------------------------------------------------------------------

  private arrays(shown: Shown, facts: ProgramFacts, notices: string[]): TemplateResult {
    const { page, choice } = this;
    const { reading } = shown;
    const { state, memory } = namesOf(choice, reading.cell);
    const sample = choice.batchFirst || choice.library === "keras" ? "output[0]" : "output[:, 0]";
    return html`<div class="rv-code-arrays"
      @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && this.hover(event)}
      @pointerenter=${() => this.keep(page.here())}
      @pointerleave=${() => this.keep(null)}
      @click=${(event: MouseEvent) => this.pin(event)}
      ><p class="rv-code-layer" lang="en"><code>${layerLine(facts, choice)}</code></p
      >${this.shapes(shown)}${this.legend()}${[
        this.table(sample, outputOf(shown), shown, "hidden"),
        this.table(state, statesOf(shown, "hidden"), shown, "hidden"),
        memory === null ? nothing : this.table(memory, statesOf(shown, "cell"), shown, "cell"),
      ]}${notices.map((notice) => html`<p class="rv-note">${withCode(notice)}</p>`)}</div>`;
  }
  private shapes(shown: Shown): TemplateResult {
    const { page } = this;
    const row = ({ name, sizes, axes }: ArrayShape) =>
      html`<tr><th scope="row" lang="en"><code>${name}</code></th><td lang="en"><code>${written(sizes)}</code></td
        ><td>${page.list(axes.map((axis) => page.say(`code_axis_${axis}`)))}</td></tr>`;
    return html`<table class="rv-code-shapes"><caption>${page.say("code_shapes")}</caption
      ><tbody>${shapesOf(shown.reading, shown.choice, this.known).map(row)}</tbody></table>`;
  }
  /** What the frames mean. */
  private legend(): TemplateResult {
    const { page } = this;
    const { directions } = page.reading;
    const entry = (direction: number) => {
      const name =
        directions > 1 ? page.say(direction ? "code_end_backward" : "code_end_forward") : page.say("code_end");
      return html`<li class=${`rv-code-end-${direction}`}>${name}</li>`;
    };
    return html`<ul class="rv-key rv-code-legend">${[0, 1].slice(0, directions).map(entry)}</ul>`;
  }
  private table(name: string, array: CodeArray, shown: Shown, signal: "hidden" | "cell"): TemplateResult {
    const { page } = this;
    const { reading, here } = shown;
    const { low, high } = reading.signal(signal);
    const isOutput = name.startsWith("output");
    const isIn = !isOutput || here.layer === reading.layers - 1;
    const column = isIn ? here.unit + (isOutput ? here.direction * reading.units : 0) : null;
    const rowName = (row: CodeRow) => (isOutput ? this.stepName(row) : this.stateName(name, row));
    // Of the states of one sample, as of output, the table has two axes.
    const sample = this.choice.library === "keras" ? "[0]" : "[:, 0]";
    return codeTable(page, { name: isOutput ? name : name + sample, array, ends: [low, high], column, rowName });
  }
  private stepName({ token, at }: CodeRow): TemplateResult {
    const { page } = this;
    const word = token === null ? html`<i>${page.say("code_pad")}</i>` : wordName(page.reading, token);
    return html`<span lang="en">${at}</span> ${word}`;
  }
  /** PyTorch stacks layers and directions, and one counts them from the end; Keras gives each by itself. */
  private stateName(name: string, { at }: CodeRow): TemplateResult {
    const { layers, directions } = this.page.reading;
    const [layer, direction] = [Math.floor(at / directions), at % directions];
    const place = [
      ...(layers > 1 ? [this.page.say("layer", { number: layer + 1 })] : []),
      ...(directions > 1 ? [WAYS[direction]] : []),
    ].join(" ");
    const code = this.choice.library === "keras" ? name : `${name}[${at - layers * directions}]`;
    return html`<code lang="en">${code}</code> ${place}`;
  }

  // --- the program, and the questions --------------------------------------------------------------------------------

  private program(facts: ProgramFacts): TemplateResult {
    const { page } = this;
    return html`<div class="rv-code-program"><div class="rv-code-bar"
      ><h3 class="rv-heading">${page.say("code_program")}</h3
      ><button type="button" class="rv-button rv-code-copy" @click=${() => this.copy()}>${page.say("code_copy")}</button
      ><span class="rv-copied" role="status">${this.copied}</span></div
      ><pre class="rv-code-text" lang="en" dir="ltr" role="group" tabindex="0" aria-label=${page.say("code_program")}
      ><code>${programOf(facts, this.choice)}</code></pre
      ><p class="rv-note">${page.say("code_program_note")}</p></div>`;
  }
  private questions(all: CodeFacts["questions"]): TemplateResult {
    return html`<dl class="rv-code-facts">${all.map(
      ({ question, answer }) => html`<div><dt>${withCode(question)}</dt><dd>${withCode(answer)}</dd></div>`,
    )}</dl>`;
  }
  private async copy(): Promise<void> {
    const { page } = this;
    const text = this.part(".rv-code-text");
    const isCopied = await copyText(text.textContent ?? "");
    if (!isCopied) getSelection()?.selectAllChildren(text); // so that the reader can copy it
    this.copied = page.say(isCopied ? "code_copied" : "code_selected");
    this.render();
    setTimeout(() => {
      this.copied = "";
      this.render();
    }, COPIED_MS);
  }

  // --- the selection -------------------------------------------------------------------------------------------------

  /** The unit of the cell under the pointer, and the word of its row, if it has one. */
  private placeAt(event: Event) {
    const cell = closest(event, ".rv-code-cell");
    if (!cell) return null;
    const { unit, layer, direction } = cell.dataset;
    const token = targetOf(event).closest<HTMLElement>("[data-token]")?.dataset.token;
    const place = { unit: Number(unit), layer: Number(layer), direction: Number(direction) };
    return { ...place, token: token === undefined ? null : Number(token) };
  }
  private keep(place: Here | null): void {
    this.kept = place;
    if (place === null) this.page.hover(null);
  }
  private hover(event: Event): void {
    this.page.hover(this.placeAt(event));
  }
  private pin(event: Event): void {
    const { page } = this;
    const place = this.placeAt(event);
    if (!place) return;
    page.leave();
    page.pin({ ...place, token: place.token ?? page.pinned.token });
  }
}

export const inCode = (box: HTMLElement, page: Page): View => new InCodeView(box, page);
