// Every view is a link. The address is written when the reader asks for a link, not at every keystroke, so that what is
// typed does not pile up in the browser's history.

import type { Destination } from "../client/types";
import { isAsking } from "../model/classAnswers";
import { visible } from "../model/text";
import { copyText } from "../ui/dom";
import { type Asked, type ForClass, readFragment, writeFragment } from "./fragment";
import type { ClassRoom, Page } from "./page";
import { passFor } from "./roomPass";

/** How the browser came here: by a link, by loading the page again, by Back. */
const navigated = () =>
  (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type;

const KEPT = "rnnviz-place"; // in session storage, for when the page is loaded again
const COPIED_MS = 2500;

export interface Address {
  begin(): string | null;
  /** Whether the page came by a link, or was there before. */
  leads(): boolean;
  write(forClass?: ForClass): string;
}

class PageAddress implements Address {
  private readonly page: Page;
  private readonly changeLanguage: (code: string) => void;
  private readonly told: HTMLElement;

  constructor(page: Page, changeLanguage: (code: string) => void) {
    this.page = page;
    this.changeLanguage = changeLanguage;
    this.told = page.part(".rv-link");
    page.provide({ visit: (place) => this.visit(place) });
    this.told.addEventListener("click", () => this.copy());
    addEventListener("popstate", ({ state }) => state?.rnnviz && this.follow(state.rnnviz));
    addEventListener("hashchange", () => location.hash.length > 1 && this.follow(location.hash));
  }

  /** Begin where the page was, if it is loaded again; at its link; else at the example. Returns the link's language. */
  begin(): string | null {
    const fragment = this.kept() ?? (location.hash.length > 1 ? location.hash : null);
    if (fragment) this.follow(fragment);
    return fragment ? readFragment(fragment).language : null;
  }
  leads(): boolean {
    return location.hash.length > 1 || navigated() !== "navigate";
  }
  write(forClass?: ForClass): string {
    return writeFragment(this.page, forClass);
  }

  /** Whether there is a reading that a link can lead to. */
  private hasPlace(): boolean {
    const { page } = this;
    return page.shown !== null && page.server !== null && !page.isBlank();
  }
  private kept(): string | null {
    const again = navigated() !== "navigate";
    try {
      const kept = again ? sessionStorage.getItem(KEPT) : null;
      addEventListener("pagehide", () => this.hasPlace() && sessionStorage.setItem(KEPT, this.write()));
      return kept;
    } catch {
      return null; // a browser that keeps nothing still reads links
    }
  }

  private follow(fragment: string): void {
    const { page } = this;
    const asked = readFragment(fragment);
    const { place, language, hide, ask, chapter } = asked;
    page.hidePanels(hide);
    page.askClass(isAsking(ask) ? ask : ask ? "unknown" : null);
    page.enterRoom(roomOf(asked));
    page.forgetAnswer();
    if (language) this.changeLanguage(language);
    page.setMissing(null);
    if (place.model !== undefined && !page.props.models.some(({ name }) => name === place.model)) {
      page.setMissing(visible(place.model.slice(0, 60))); // the page says which network reads instead
      for (const its of ["model", "unit", "at", "signal", "layer", "direction", "holds"] as const) delete place[its];
    }
    this.goTo(place);
    if (chapter !== null) page.openLesson(chapter);
  }
  /** To the text or the network that a link names; of one that names neither, such as a view alone, from what is read. */
  private goTo(place: Destination): void {
    const { page } = this;
    const names = place.text !== undefined || place.model !== undefined || page.missing;
    if (names) page.go({ text: page.props.value.text, ...place });
    else if (Object.keys(place).length) page.go(place);
    else page.draw();
  }
  /** Show an example. The browser's Back brings back what was read: it is kept with the entry, not in its address. */
  private visit(place: Destination): void {
    this.page.setMissing(null);
    if (this.hasPlace()) {
      history.replaceState({ rnnviz: this.write() }, "");
      history.pushState({}, "");
    }
    this.page.go(place);
  }
  private async copy(): Promise<void> {
    const { page, told } = this;
    if (!page.shown || page.isBlank()) return;
    if (page.host.engine?.isOwn(page.reading.model)) {
      page.alert(page.say("link_own"));
      return;
    }
    history.replaceState(null, "", this.write());
    told.textContent = page.say((await copyText(location.href)) ? "link_copied" : "link_in_address");
    setTimeout(() => {
      told.textContent = page.say("link");
    }, COPIED_MS);
  }
}

/** The room that a link leads to: it is about the link's own question, network and text. */
const roomOf = ({ place: { model, text }, ask, room: key }: Asked): ClassRoom | null =>
  key && isAsking(ask) && model !== undefined && text !== undefined
    ? { key, ...passFor(key), asking: ask, model, text }
    : null;

export const address = (page: Page, tongue: { change(code: string): void }): Address =>
  new PageAddress(page, (code) => tongue.change(code));
