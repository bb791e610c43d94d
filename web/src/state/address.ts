// Every view is a link. The address is written when the reader asks for a link, not at every keystroke, so that what is
// typed does not pile up in the browser's history.

import type { Destination } from "../client/types";
import { visible } from "../model/text";
import { copyText } from "../ui/dom";
import { type ForClass, readFragment, writeFragment } from "./fragment";
import type { Page } from "./page";

/** How the browser came here: by a link, by loading the page again, by Back. */
const navigated = () =>
  (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type;

export interface Address {
  begin(): string | null;
  write(forClass?: ForClass): string;
}

export const address = (page: Page, tongue: { change(code: string): void }): Address => {
  const KEPT = "rnnviz-place"; // in session storage, for when the page is loaded again
  const told = page.part(".rv-link");

  const write = (forClass?: ForClass) => writeFragment(page, forClass);

  const follow = (fragment: string) => {
    const { place, language, hide, ask } = readFragment(fragment);
    page.hidePanels(hide);
    page.askClass(ask === "turn" ? ask : null);
    page.forgetAnswer();
    if (language) tongue.change(language);
    page.setMissing(null);
    if (place.model !== undefined && !page.props.models.some(({ name }) => name === place.model)) {
      page.setMissing(visible(place.model.slice(0, 60))); // it is said which network reads instead
      delete place.model;
    }
    if (place.text !== undefined || place.model !== undefined || page.missing)
      page.go({ text: page.props.value.text, ...place });
    else page.draw();
  };

  // An example replaces what was read. The browser's Back brings that back: it is kept with the entry, not in its
  // address.
  const visit = (place: Destination) => {
    page.setMissing(null);
    if (page.shown && page.server && !page.isBlank()) {
      history.replaceState({ rnnviz: write() }, "");
      history.pushState({}, "");
    }
    page.go(place);
  };
  addEventListener("popstate", ({ state }) => state?.rnnviz && follow(state.rnnviz));

  const copy = async () => {
    if (!page.shown || page.isBlank()) return;
    const fragment = write();
    history.replaceState(null, "", fragment);
    told.textContent = page.say((await copyText(location.href)) ? "link_copied" : "link_in_address");
    setTimeout(() => {
      told.textContent = page.say("link");
    }, 2500);
  };

  // Where the page begins: at its own place if it is loaded again; at its link; else at the example.
  const begin = () => {
    const again = navigated() !== "navigate";
    let kept = null;
    try {
      kept = again ? sessionStorage.getItem(KEPT) : null;
      addEventListener(
        "pagehide",
        () => page.shown && page.server && !page.isBlank() && sessionStorage.setItem(KEPT, write()),
      );
    } catch {
      // a browser that keeps nothing still reads links
    }
    const fragment = kept ?? (location.hash.length > 1 ? location.hash : null);
    if (fragment) follow(fragment);
    return fragment ? readFragment(fragment).language : null;
  };
  page.provide({ visit });
  told.addEventListener("click", copy);
  addEventListener("hashchange", () => location.hash.length > 1 && follow(location.hash));
  return { begin, write };
};
