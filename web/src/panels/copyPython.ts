// Copy as Python: the program that prints what is on the screen, in the clipboard, or as a file where there is none.

import { type OnScreen, pageProgram, type ReadBy } from "../model/pageProgram";
import type { Reading } from "../model/reading";
import type { Page } from "../state/page";
import { copyText } from "../ui/dom";
import { fileName, give } from "../ui/give";

const COPIED_MS = 2500;

/** What the program is about. */
const onScreen = (page: Page): OnScreen => {
  const { reading, holds, compared, view } = page;
  const isCompared = view.tab === "compare" && compared !== null;
  return {
    ...readBy(page, reading.model, reading.text, reading.read, reading.total),
    reading,
    holds,
    here: page.here(),
    compared: isCompared
      ? [side(page, compared.found.left, compared.of.text), side(page, compared.found.right, compared.of.other_text)]
      : null,
  };
};
const side = (page: Page, { model, tokens, total }: Reading, text: string): ReadBy =>
  readBy(page, model, text, tokens.length, total);
const readBy = (page: Page, model: string, text: string, read: number, total: number): ReadBy => ({
  model,
  ...page.kindOf(model),
  text,
  most: read < total ? read : null,
});

class CopyPython {
  private readonly page: Page;
  private readonly button: HTMLElement;

  constructor(page: Page) {
    this.page = page;
    this.button = page.part(".rv-copy-python");
    this.button.addEventListener("click", () => this.copy());
  }

  private async copy(): Promise<void> {
    const { page, button } = this;
    if (!page.shown || page.isBlank()) return;
    const program = pageProgram(onScreen(page));
    const isCopied = await copyText(program);
    if (!isCopied)
      give(
        new Blob([program], { type: "text/x-python" }),
        fileName(page.reading.model || page.reading.cell, page.view.tab, "py"),
      );
    button.textContent = page.say(isCopied ? "code_copied" : "python_saved");
    setTimeout(() => {
      button.textContent = page.say("copy_python");
    }, COPIED_MS);
  }
}

export const copyPython = (page: Page): CopyPython => new CopyPython(page);
