// A table of the visitor's own, sent to this machine's server in parts, as large as a question may be.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Objection, Table } from "../client/contract";
import { visible, wellFormed } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { targetOf } from "../ui/dom";
import { fileMenus } from "./fileMenus";

const ACCEPTED = ".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx,.parquet,.zip,.gz";
const PART = 45000; // bytes; 60,000 letters as they are sent

type Column = "text" | "label";

class OwnFile {
  /** The file as it was received. */
  found: { ticket?: string; classes: string[] } | null = null;
  private readonly page: Page;
  /** To be called when something of this has changed. */
  private readonly changed: () => void;
  private state: "none" | "sending" | "received" | "failed" = "none";
  /** What is said of the file; a function, since the language may change. */
  private said: () => string = () => "";
  private ticket: string | null = null;
  private columns: string[] = [];
  private preview: string[][] = [];
  /** How the server found the file to be written. */
  private written: Record<string, string> = {};
  /** The columns that were chosen; empty for those that the server finds. */
  private chosen: Record<Column, string> = { text: "", label: "" };
  /** How the file is written, as far as somebody chose it. */
  private options: Record<string, string> = {};
  /** Counts the files, so that an answer about an earlier one is not heard. */
  private turn = 0;

  /** Begins the ids of its fields, which another view has too. */
  private readonly prefix: string;

  constructor(page: Page, changed: () => void, prefix: string) {
    this.page = page;
    this.prefix = prefix;
    this.changed = changed;
  }

  template(shown: boolean): TemplateResult {
    const { page, prefix, columns, preview, written: found, options: chosen } = this;
    return html`<div class="rv-field rv-train-file" data-state=${this.state} ?hidden=${!shown}
      ><label for=${`rv-${prefix}-file`}>${page.say("train_file")}</label
      ><input type="file" id=${`rv-${prefix}-file`} accept=${ACCEPTED} @change=${this.chooseFile}
      ><p class="rv-train-file-said" role="status" aria-live="polite">${this.said()}</p
      ><div class="rv-train-numbers" ?hidden=${!columns.length}
        >${this.columnMenu("text")}${this.columnMenu("label")}</div
      >${this.ticket ? fileMenus(page, { columns, preview, found, chosen, prefix }, this.chooseOption) : nothing}<p class="rv-note">${page.say("train_file_kept")}</p></div>`;
  }
  private columnMenu(column: Column): TemplateResult {
    const { page, prefix, columns } = this;
    const chosen = columns.includes(this.chosen[column]) ? this.chosen[column] : "";
    const option = (name: string, title: string) =>
      html`<option value=${name} .selected=${live(name === chosen)}>${title}</option>`;
    return html`<div class="rv-field"
      ><label for=${`rv-${prefix}-${column}`}>${page.say(`train_${column}_column`)}</label
      ><select id=${`rv-${prefix}-${column}`} @change=${(event: Event) => this.chooseColumn(column, event)}
        >${option("", page.say("train_column_found"))}${columns.filter(Boolean).map((name) => option(name, visible(name)))}</select
    ></div>`;
  }

  private readonly chooseFile = (event: Event): void => {
    const chosen = (targetOf(event) as HTMLInputElement).files?.[0];
    if (chosen) this.send(chosen).catch(this.lose);
  };
  /** Read the file anew once both columns are chosen, or neither. */
  private chooseColumn(column: Column, event: Event): void {
    const { chosen } = this;
    chosen[column] = (targetOf(event) as HTMLSelectElement).value;
    if (Boolean(chosen.text) === Boolean(chosen.label)) this.readAgain().catch(this.lose);
  }

  /** Other columns may come of it, so those that were chosen no longer count. */
  private readonly chooseOption = (name: string, value: string): void => {
    this.options = { ...this.options, [name]: value };
    this.chosen = { text: "", label: "" };
    this.readAgain().catch(this.lose);
  };

  private become(state: OwnFile["state"], said: () => string): void {
    this.state = state;
    this.said = said;
    this.changed();
  }
  private readonly lose = (): void => this.become("failed", () => this.page.say("train_offline"));
  private receive(answer: Partial<Table & Objection>): void {
    const { page } = this;
    this.columns = answer.columns ?? [];
    this.preview = answer.preview ?? [];
    this.written = answer.found ?? {};
    if (answer.error !== undefined) {
      this.become("failed", () => page.objection(answer));
      return;
    }
    const { ticket, classes = [], remarks = [] } = answer;
    this.found = { ticket, classes };
    const names = () => page.list(classes.map((name) => `\u2068${visible(name)}\u2069`));
    const found = () =>
      page.say("train_file_found", { count: answer.rows, classes: page.count(classes.length), names: names() });
    this.become("received", () => [found(), ...remarks.map(page.objection)].join("\n"));
  }

  private async send(file: File): Promise<void> {
    const { page } = this;
    const turn = this.begin();
    Object.assign(this, { ticket: null, columns: [], preview: [], written: {}, options: {} });
    this.chosen = { text: "", label: "" };
    for (let part = 0, at = 0; part === 0 || at < file.size; part += 1, at += PART) {
      this.become("sending", () => page.say("train_sending", { share: page.share(at / Math.max(1, file.size)) }));
      const bytes = new Uint8Array(await file.slice(at, at + PART).arrayBuffer());
      const question = {
        ticket: this.ticket,
        name: wellFormed(file.name),
        part,
        text: btoa(String.fromCharCode(...bytes)),
        last: at + PART >= file.size,
      };
      const answer = await there(page.server).train_receive(question);
      if (turn !== this.turn) return; // another file was chosen since
      this.ticket = answer.ticket ?? this.ticket;
      if (answer.error || question.last) {
        this.receive(answer);
        return;
      }
    }
  }
  private async readAgain(): Promise<void> {
    const { page, ticket, columns, preview, chosen, options } = this;
    const turn = this.begin();
    this.become("sending", () => page.say("waiting"));
    const answer = await there(page.server).train_receive({
      ticket,
      last: true,
      text_column: chosen.text,
      label_column: chosen.label,
      ...options,
    });
    if (turn === this.turn) this.receive({ columns, preview, ...answer });
  }
  private begin(): number {
    this.found = null;
    this.turn += 1;
    return this.turn;
  }
}

export const ownFile = (page: Page, changed: () => void, prefix = "train"): OwnFile =>
  new OwnFile(page, changed, prefix);
