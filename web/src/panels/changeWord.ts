// A word is left out, or another one put in its place: the view Compare reads the changed text beside the page's, and here
// stands how the answer changes.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { withWord, wordOf } from "../model/reading";
import { told } from "../model/text";
import type { Page, Panel } from "../state/page";
import { scrolling } from "../ui/scrolling";

const LONGEST = 60; // characters of what is put in the place of a word

/** A change that was asked for. */
interface Change {
  from: string;
  /** The text as it is then. */
  text: string;
  word: string;
  /** What stands in the word's place; nothing where it is left out. */
  other: string;
}

class ChangeWordPanel implements Panel {
  private readonly page: Page;
  private readonly box: HTMLElement;
  private change: Change | null = null;
  /** The word that the input is about. */
  private about = "";

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-change-word");
  }

  draw(): void {
    const { page } = this;
    const { shown, server, hiddenPanels } = page;
    this.box.hidden = !shown || !server || shown.windowed || page.covered() || hiddenPanels.has("strip");
  }

  mark(): void {
    if (this.box.hidden) return;
    const { page } = this;
    const { reading, pinned } = page;
    const { token } = pinned;
    const about = JSON.stringify([reading.text, token]);
    if (about !== this.about) this.input()?.form?.reset();
    this.about = about;
    const word = token === null ? null : wordOf(reading.text, reading.tokens, token, this.between());
    render(
      html`${word === null ? html`<p class="rv-hint">${page.say("change_hint")}</p>` : this.tools(word)}<p
        class="rv-changed" role="status">${this.told()}</p>`,
      this.box,
    );
  }
  private input(): HTMLInputElement | null {
    return this.box.querySelector("input");
  }

  /** What stands between two tokens of the text. */
  private between(): string {
    return this.page.kindOf(this.page.reading.model).tokens === "letters" ? "" : " ";
  }
  private tools(word: string): TemplateResult {
    const { page } = this;
    const named = page.say("quoted", { word: told(word) });
    const { reading, pinned } = page;
    const isOnly = !withWord(reading.text, reading.tokens, pinned.token ?? 0, "", this.between());
    const swap = (event: Event) => {
      event.preventDefault();
      const other = this.input()?.value.trim();
      if (other) this.make(word, other);
    };
    return html`<form class="rv-change-tools" autocomplete="off" @submit=${swap}><b>${named}</b
      ><button type="button" class="rv-button" ?disabled=${isOnly} @click=${() => this.make(word, "")}>${page.say("change_drop")}</button
      ><input type="text" maxlength=${LONGEST} spellcheck="false" autocapitalize="off"
        aria-label=${page.say("change_other")} placeholder=${page.say("change_other")}
      ><button type="submit" class="rv-button">${page.say("change_swap")}</button></form>`;
  }
  /** Have the view Compare read the changed text. */
  private make(word: string, other: string): void {
    const { page } = this;
    const { text, tokens } = page.reading;
    const { token } = page.pinned;
    if (token === null) return;
    page.stopPlaying();
    this.change = { from: text, text: withWord(text, tokens, token, other, this.between()), word, other };
    page.setOther({ text: this.change.text });
    page.showView("compare");
  }

  /** How the answer changes, once it is known and as long as it is about what is shown. */
  private told(): unknown {
    const { page, change } = this;
    const { compared, reading } = page;
    if (change?.from !== reading.text || page.other?.text !== change.text) return nothing;
    if (compared?.of.text !== change.from || compared.of.other_text !== change.text) return nothing;
    const { left, right } = compared.found;
    if (left.model !== reading.model || right.model !== reading.model) return nothing;
    const answer = ({ labels, answer, final }: typeof left) =>
      page.say("answer", { label: page.classOf(labels[answer]), share: page.share(final[answer]) });
    const key = change.other ? "changed_swap" : "changed_drop";
    const words = { word: told(change.word), other: told(change.other) };
    const said = page.say(key, { ...words, before: answer(left), after: answer(right) });
    const unheld = page.holds.length ? ` ${page.say("read_unheld")}` : "";
    return html`<b>${said}</b>${unheld} <button type="button" class="rv-button" ?hidden=${page.hiddenPanels.has("views")}
      @click=${() => this.show()}>${page.say("change_show")}</button>`;
  }
  private show(): void {
    const { page } = this;
    page.showView("compare");
    page.part(".rv-views").scrollIntoView({ block: "start", behavior: scrolling() });
    page.part("[data-tab=compare]").focus({ preventScroll: true });
  }
}

export const changeWord = (page: Page): Panel => new ChangeWordPanel(page);
