// What is folded until it is wanted: the memory ledger. Its heading is the button that unfolds it.

import type { Page, Panel } from "../state/page";

class FoldsPanel implements Panel {
  private readonly page: Page;
  private readonly control: HTMLElement;
  private readonly panel: HTMLElement;

  constructor(page: Page) {
    this.page = page;
    this.control = page.part(".rv-fold");
    this.panel = page.part(".rv-ledger");
    this.control.addEventListener("click", () => this.fold(page.view.ledger));
    // Its lesson speaks of the picture.
    page.part(".rv-ledger .rv-why").addEventListener("click", () => this.fold(false));
    page.add(this);
    this.draw();
  }

  draw(): void {
    const { ledger } = this.page.view;
    this.control.setAttribute("aria-expanded", String(ledger));
    this.panel.classList.toggle("rv-shut", !ledger);
  }
  private fold(isShut: boolean): void {
    this.page.set({ ledger: !isShut });
    this.draw();
    this.page.mark();
  }
}

export const folds = (page: Page): Panel => new FoldsPanel(page);
