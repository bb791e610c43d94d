// The lesson beside the pictures: each “?” opens, under its heading, what its picture teaches. One is open at a time.

import { html, nothing, render } from "lit-html";
import type { Page, Panel } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, targetOf } from "../ui/dom";
import { elementOf } from "../ui/element";

/** Which lesson cards stand beside which picture; docs/lessons.md says the same. */
const BESIDE: Partial<Record<string, string[]>> = {
  strip: ["words"],
  heatmap: ["state", "gates", "flags", "both", "layers"],
  cell: ["loop", "cell", "surgery"],
  ledger: ["ledger"],
  packed: ["packed", "padding"],
  reach: ["reach"],
  attribution: ["ledger", "reach"],
  gates: ["masks"],
  compare: ["not"],
  find: ["find"],
  projection: ["projection"],
  groups: ["groups"],
  code: ["code"],
  own: ["train"],
  train: ["train"],
};

const skeleton = html`<div class="rv-lesson" id="rv-lesson" role="region"
  ><div class="rv-tabs" role="radiogroup" data-say-label="lesson_cards"></div><div aria-live="polite"></div></div>`;

/** Beside the views there is one “?”, for the view that is open. */
const isOfViews = (mark: HTMLElement | null) => mark?.dataset.lesson === "view";

class LessonsPanel implements Panel {
  private readonly page: Page;
  /** The buttons “?”. */
  private readonly marks: HTMLElement[];
  private readonly box: HTMLElement;
  private readonly switcher: HTMLElement;
  private readonly card: HTMLElement;
  private open: HTMLElement | null = null;
  /** The index of the card that is shown. */
  private chosen = 0;

  constructor(page: Page) {
    this.page = page;
    this.marks = all(page.root, ".rv-why");
    this.box = elementOf(skeleton);
    [this.switcher, this.card] = [...this.box.children] as HTMLElement[];
    this.listen();
  }

  draw(): void {
    for (const mark of this.marks) mark.setAttribute("aria-label", this.labelOf(mark));
    this.mark();
    this.page.translate(this.box);
    if (this.open) this.fill();
  }
  /** Some views have no card yet. */
  mark(): void {
    for (const mark of this.marks) mark.hidden = !this.lessonsOf(mark).length;
  }

  private labelOf(mark: HTMLElement): string {
    const { page } = this;
    if (isOfViews(mark)) return page.say("lesson_about_views");
    return page.say("lesson_about", { name: mark.previousElementSibling?.textContent });
  }
  private lessonsOf(mark: HTMLElement | null): string[] {
    const name = isOfViews(mark) ? this.page.view.tab : mark?.dataset.lesson;
    return BESIDE[name ?? ""] ?? [];
  }

  private fill(): void {
    const { page, box, card } = this;
    const names = this.lessonsOf(this.open);
    this.chosen = Math.min(this.chosen, names.length - 1);
    const title = (name: string) => page.say(`lesson_${name}_title`);
    choices(this.switcher, names.map(title), this.chosen, (place) => {
      this.chosen = place;
      this.fill();
    });
    const name = names[this.chosen];
    box.setAttribute("aria-label", title(name));
    render(
      html`${names.length > 1 ? nothing : html`<h3>${title(name)}</h3>`}<p>${page.say(`lesson_${name}_text`)}</p
      ><p><b>${page.say("try_this")}</b> ${page.say(`lesson_${name}_try`)}</p
      ><p><b>${page.say("you_will_see")}</b> ${page.say(`lesson_${name}_see`)}</p>`,
      card,
    );
  }

  private show(mark: HTMLElement): void {
    const isOpen = mark === this.open;
    this.close();
    if (isOpen) return;
    this.open = mark;
    this.chosen = 0;
    mark.setAttribute("aria-expanded", "true");
    mark.setAttribute("aria-controls", this.box.id);
    this.fill();
    this.place(mark);
  }
  /** Under the row of its heading; of a view, first in it. */
  private place(mark: HTMLElement): void {
    const row = mark.closest(".rv-choices, .rv-head");
    if (row) row.after(this.box);
    else this.page.part(`.rv-view[data-view=${this.page.view.tab}]`).prepend(this.box);
  }
  private close(): void {
    this.open?.setAttribute("aria-expanded", "false");
    this.open?.removeAttribute("aria-controls");
    this.open = null;
    this.box.remove();
  }

  private press(event: KeyboardEvent): void {
    const { open, box } = this;
    if (event.key !== "Escape" || !open || !(box.contains(targetOf(event)) || event.target === open)) return;
    event.preventDefault(); // and what is pinned stays
    open.focus();
    this.close();
  }
  private listen(): void {
    const { page } = this;
    walkable(this.switcher);
    for (const mark of this.marks) mark.addEventListener("click", () => this.show(mark));
    // Another view has another lesson.
    page.part(".rv-view-tabs").addEventListener("click", () => {
      if (isOfViews(this.open)) this.close();
    });
    page.root.addEventListener("keydown", (event) => this.press(event), true);
  }
}

export const lessons = (page: Page): Panel => new LessonsPanel(page);
