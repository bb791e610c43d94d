// D, the views below: one open at a time, none drawn before it is opened.

import type { Page, Panel } from "../state/page";
import { walkable } from "../ui/choices";
import { button, keyed, renew } from "../ui/dom";

/** A view below: open and close are called as it is shown and left, draw and mark only while it is open. */
export interface View extends Panel {
  open?(): void;
  close?(): void;
}
export type MakeView = (box: HTMLElement, page: Page) => View;

export const views = (page: Page, made: Record<string, MakeView>) => {
  const list = page.part(".rv-view-tabs");
  const boxOf = (name: string) => page.part(`.rv-view[data-view=${name}]`);
  const names = Object.keys(made);
  const built: Record<string, View> = {};

  const show = (name: string) => {
    if (!names.includes(name)) return;
    const before = page.view.tab;
    if (before && before !== name) built[before]?.close?.();
    page.set({ tab: name });
    built[name] ??= made[name](boxOf(name), page);
    for (const other of names) boxOf(other).hidden = other !== name;
    tabs();
    built[name].open?.();
    built[name].draw?.();
    page.mark();
  };

  const tabs = () => {
    const focused = list.contains(document.activeElement);
    const titles = names.map((name) => page.say(`tab_${name}`));
    const tabOf = (place: number) => {
      const name = names[place];
      return button(titles[place], () => show(name), {
        class: null,
        role: "tab",
        id: `rv-tab-${name}`,
        "data-tab": name,
        "aria-controls": `rv-view-${name}`,
      });
    };
    for (const [place, tab] of keyed(list, titles, tabOf).entries()) {
      const chosen = names[place] === page.view.tab;
      renew(tab, { "aria-selected": chosen, tabindex: chosen ? 0 : -1 });
    }
    if (focused) list.querySelector<HTMLElement>("[aria-selected=true]")?.focus({ preventScroll: true });
  };
  for (const name of names) {
    boxOf(name).id = `rv-view-${name}`;
    boxOf(name).setAttribute("aria-labelledby", `rv-tab-${name}`);
  }
  walkable(list);
  return {
    show,
    draw: () => {
      tabs();
      built[page.view.tab ?? ""]?.draw?.();
    },
    mark: () => built[page.view.tab ?? ""]?.mark?.(),
  };
};
