// D, the views below: one open at a time, none drawn before it is opened.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Page, Panel } from "../state/page";
import { walkable } from "../ui/choices";
import { type Saves, saveButtons } from "../ui/saveData";
import { wholly } from "../ui/scrolling";

const CELLS = ["rnn", "gru", "lstm"];

/** A view below: open and close are called as it is shown and left, draw and mark only while it is open. */
export interface View extends Panel {
  open?(): void;
  close?(): void;
  /** What of it can be saved. */
  readonly saves?: Saves;
}
export type MakeView = (box: HTMLElement, page: Page) => View;

class Views implements Panel {
  private readonly page: Page;
  private readonly makers: Record<string, MakeView>;
  private readonly names: string[];
  /** The network that was shown last. */
  private before: string | null = null;
  /** The view that a place asks for, of a network that is on its way. */
  private asked: { model: string; tab: string | null } | null = null;
  private readonly tabs: HTMLElement;
  private readonly menu: HTMLSelectElement;
  private readonly built: Partial<Record<string, View>> = {};

  constructor(page: Page, makers: Record<string, MakeView>) {
    this.page = page;
    this.makers = makers;
    this.names = Object.keys(makers);
    this.tabs = page.part(".rv-view-tabs");
    this.menu = page.part("#rv-model");
    for (const name of this.names) {
      this.boxOf(name).id = `rv-view-${name}`;
      this.boxOf(name).setAttribute("aria-labelledby", `rv-tab-${name}`);
    }
    walkable(this.tabs);
  }

  /** Open the view that a place asks for, now and once its network reads, which may offer others. */
  go(model: string, tab: string | null): void {
    this.show(tab);
    if (model !== this.page.shown?.model) this.asked = { model, tab };
  }
  /** Open a view in place of the one that is open; null opens none. */
  show(name: string | null): void {
    const { page, names, built } = this;
    if (name !== null && !this.offered().includes(name)) return;
    this.asked = null;
    const before = page.view.tab;
    if (before !== name) this.current()?.close?.();
    page.set({ tab: name });
    if (name !== null) built[name] ??= this.makers[name](this.boxOf(name), page);
    for (const other of names) this.boxOf(other).hidden = other !== name;
    this.drawTabs();
    const view = this.current();
    view?.open?.();
    view?.draw?.();
    this.drawSaves();
    page.mark();
  }
  draw(): void {
    this.openFirst();
    const { tab } = this.page.view;
    if (tab !== null && !this.offered().includes(tab)) this.show(null);
    this.drawTabs();
    this.current()?.draw?.();
    this.drawSaves();
  }
  private drawSaves(): void {
    const { page } = this;
    const saves = Object.entries(this.current()?.saves ?? {});
    render(
      saves.map(([what, { of, hasPicture }]) => saveButtons(page, what, of, hasPicture)),
      page.part(".rv-view-saves"),
    );
  }
  mark(): void {
    this.current()?.mark?.();
  }

  /**
   * Those that say something of the network that reads: only one that tells the next letter writes, only one that tells
   * classes apart is right on labelled texts, and how far back is told of three that are alike but for the cell.
   */
  private offered(): string[] {
    const { shown, kindOf, props } = this.page;
    const { tokens, task } = shown ? kindOf(shown.model) : { tokens: "words", task: "classify" };
    const left = task === "next" ? ["own", "slices"] : ["write"];
    const names = this.names.filter((name) => !left.includes(name));
    if (!shown || tokens === "words") return names;
    const family = shown.model.replace(/-(rnn|gru|lstm)$/, "");
    const isWhole = CELLS.every((cell) => props.models.some(({ name }) => name === `${family}-${cell}`));
    return isWhole ? names : names.filter((name) => name !== "reach");
  }
  /** A network that writes is opened with that view, unless a link asks for another. */
  private openFirst(): void {
    const { page, before, asked } = this;
    const model = page.shown?.model;
    if (model === undefined || model === before) return;
    this.before = model;
    const isNew = before !== null && !page.tellsNext(before);
    const offered = [null, ...this.offered()];
    const isAsked = asked?.model === model && offered.includes(asked.tab);
    // The menu names the network that is on its way: by now it may be another one.
    if (asked?.model === model || asked?.model !== this.menu.value) this.asked = null;
    if (isAsked) this.show(asked.tab);
    else if (page.tellsNext(model) && (isNew || page.view.tab === null || !offered.includes(page.view.tab)))
      this.show("write");
  }
  refused(): void {
    this.asked = null;
  }

  private current(): View | undefined {
    return this.built[this.page.view.tab ?? ""];
  }
  private boxOf(name: string): HTMLElement {
    return this.page.part(`.rv-view[data-view=${name}]`);
  }
  private drawTabs(): void {
    const { tabs, page } = this;
    const { parentElement: head } = tabs;
    head?.parentElement?.classList.toggle("rv-shut", page.view.tab === null);
    const focused = tabs.contains(document.activeElement);
    render(
      this.offered().map((name) => this.tab(name)),
      tabs,
    );
    // The arrow keys choose: the focus goes with the choice.
    const chosen = tabs.querySelector<HTMLElement>("[aria-selected=true]");
    if (focused) chosen?.focus({ preventScroll: true });
    if (chosen) wholly(tabs, chosen);
  }
  private tab(name: string): TemplateResult {
    const { tab } = this.page.view;
    const isChosen = name === tab;
    const isFirst = tab === null && name === this.offered()[0];
    const about = html`<span class="rv-tab-about">${this.page.say(`about_${name}`)}</span>`;
    return html`<button type="button" role="tab" id=${`rv-tab-${name}`} data-tab=${name}
      aria-controls=${`rv-view-${name}`} aria-selected=${isChosen} tabindex=${isChosen || isFirst ? 0 : -1}
      @click=${() => this.show(isChosen ? null : name)}
      ><span>${this.page.say(`tab_${name}`)}</span>${tab === null ? about : nothing}</button>`;
  }
}

export type { Views };
export const views = (page: Page, makers: Record<string, MakeView>): Views => new Views(page, makers);
