// The two sides of the view Compare: A's and B's network and text. What is typed or chosen for A is so for the page.

import { html, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { grow } from "../ui/dom";

/** What one side reads. */
export interface SideText {
  model: string;
  text: string;
}
type Name = "a" | "b";
type Field = HTMLTextAreaElement | HTMLSelectElement;
type Choose = (part: Partial<SideText>) => void;

class CompareSides {
  private readonly box: HTMLElement;
  private readonly page: Page;
  /** To be called with what is typed or chosen for B. */
  private readonly choose: Choose;
  private readonly sizes: Partial<Record<Name, string>> = {};

  constructor(box: HTMLElement, page: Page, choose: Choose) {
    this.box = box;
    this.page = page;
    this.choose = choose;
  }

  /** Show what both sides read. The room says when the boxes may need another height. */
  draw(a: SideText, b: SideText, room: number): void {
    render([this.side("a", a.model), this.side("b", b.model)], this.box);
    this.fill("a", a.text, room);
    this.fill("b", b.text, room);
  }

  private side(name: Name, model: string): TemplateResult {
    const { page } = this;
    const option = ({ name: other }: { name: string }) =>
      html`<option value=${other} .selected=${live(other === model)}>${page.titleOf(other)}</option>`;
    return html`<div class="rv-compare-side">
      <span class="rv-letter" aria-hidden="true">${name.toUpperCase()}</span>
      <select
        id=${`rv-compare-model-${name}`}
        aria-label=${page.say(`compare_model_${name}`)}
        @change=${(event: Event) => this.change(name, "model", event.target as HTMLSelectElement)}
      >${page.props.models.filter(({ problem }) => !problem).map(option)}</select>
      <textarea
        id=${`rv-compare-text-${name}`}
        rows="1"
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        aria-label=${page.say(`compare_text_${name}`)}
        placeholder=${page.say("sentence_hint")}
        @input=${(event: Event) => this.change(name, "text", event.target as HTMLTextAreaElement)}
        @keydown=${(event: KeyboardEvent) => event.key === "Enter" && !event.isComposing && event.preventDefault()}
      ></textarea>
    </div>`;
  }
  /** Write a text into its box, but never while somebody types there. */
  private fill(name: Name, text: string, room: number): void {
    const area = there(this.box.querySelector<HTMLTextAreaElement>(`#rv-compare-text-${name}`));
    if (document.activeElement !== area) area.value = text;
    const size = `${area.value} ${room}`;
    if (this.sizes[name] !== size) grow(area);
    this.sizes[name] = size;
  }
  private change(name: Name, part: keyof SideText, field: Field): void {
    if (name === "b") this.choose({ [part]: field.value });
    else this.pass(field, part === "text" ? "#rv-text" : "#rv-model", part === "text" ? "input" : "change");
  }
  /** Do the same in the page's own field. */
  private pass(from: Field, to: string, kind: string): void {
    const field = this.page.part<Field>(to);
    field.value = from.value;
    field.dispatchEvent(new Event(kind, { bubbles: true }));
  }
}

export const compareSides = (box: HTMLElement, page: Page, choose: Choose): CompareSides =>
  new CompareSides(box, page, choose);
