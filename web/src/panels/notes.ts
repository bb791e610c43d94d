// Notes that stand in the picture until their reader has done what they say. What is understood is kept with the
// progress in the lesson.

import { render } from "lit-html";
import type { Page, Panel } from "../state/page";
import { targetOf } from "../ui/dom";

interface Note {
  name: string;
  /** What happens where, once it is understood. */
  done: [event: string, selector: string];
}

const NOTES: readonly Note[] = [
  { name: "strip", done: ["click", ".rv-word"] },
  { name: "units", done: ["click", ".rv-field-of-units canvas"] },
];

class NotesPanel implements Panel {
  private readonly page: Page;
  private left: Note[];

  constructor(page: Page) {
    this.page = page;
    const { understood } = page.progress.kept;
    this.left = NOTES.filter(({ name }) => !understood.includes(name));
    for (const note of this.left) {
      const [event, selector] = note.done;
      page.root.addEventListener(event, (happened) => {
        if (targetOf(happened).closest(selector)) this.understand(note);
      });
    }
  }

  draw(): void {
    const { page } = this;
    for (const { name } of this.left) {
      const box = this.boxOf(name);
      box.hidden = !page.shown;
      render(page.say(`note_${name}`), box);
    }
  }
  private understand(note: Note): void {
    if (!this.left.includes(note)) return;
    this.left = this.left.filter((one) => one !== note);
    this.boxOf(note.name).classList.add("rv-understood"); // it keeps its room, so that nothing jumps under the pointer
    this.page.progress.understand(note.name);
  }
  private boxOf(name: string): HTMLElement {
    return this.page.part(`.rv-picture-note[data-note=${name}]`);
  }
}

export const notes = (page: Page): Panel => new NotesPanel(page);
