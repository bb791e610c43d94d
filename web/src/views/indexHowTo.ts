// How the texts are made that Find searches and Projection draws: two commands, to be copied.

import { html, type TemplateResult } from "lit-html";
import type { Page } from "../state/page";
import { copyText } from "../ui/dom";

const COPIED_MS = 2500;

class IndexHowTo {
  private readonly page: Page;
  /** To be called when the button says something else. */
  private readonly changed: () => void;
  private hasCopied = false;

  constructor(page: Page, changed: () => void) {
    this.page = page;
    this.changed = changed;
  }

  template(): TemplateResult {
    const { page } = this;
    const { model } = page.reading;
    const texts = page.tellsNext(model) ? "texts.txt" : "texts.csv";
    const commands = `rnnviz index ${model} ${texts} --out ${model}.index\nrnnviz serve --index ${model}.index`;
    return html`<p class="rv-find-how">${page.say("find_no_index")}</p><pre class="rv-find-commands" tabindex="0">${commands}</pre
      ><button type="button" class="rv-button" @click=${() => this.copy(commands)}>${page.say(this.hasCopied ? "code_copied" : "find_copy")}</button>`;
  }
  private async copy(commands: string): Promise<void> {
    this.hasCopied = await copyText(commands);
    this.changed();
    setTimeout(() => {
      this.hasCopied = false;
      this.changed();
    }, COPIED_MS);
  }
}

export const indexHowTo = (page: Page, changed: () => void): IndexHowTo => new IndexHowTo(page, changed);
