// D, the views below: one open at a time, none drawn before it is opened.

import { walkable } from "../ui/choices";
import { button, keyed, renew } from "../ui/dom";

// A view is {open(), close(), draw(), mark()}: open and close are called as it is shown and left, draw and mark only
// while it is open. All but its box is its own business.
export const views = (page, made) => {
  const list = page.part(".rv-view-tabs");
  const boxOf = (name) => page.part(`.rv-view[data-view=${name}]`);
  const names = Object.keys(made).filter((name) => boxOf(name));
  const built = {};

  const show = (name) => {
    if (!names.includes(name)) return;
    const before = page.view.tab;
    if (before && before !== name) built[before]?.close?.();
    page.view.tab = name;
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
    const tabOf = (place) => {
      const name = names[place];
      return button(titles[place], () => show(name), {
        class: null,
        role: "tab",
        id: `rv-tab-${name}`,
        "data-tab": name,
        "aria-controls": `rv-view-${name}`,
      });
    };
    keyed(list, titles, tabOf).forEach((tab, place) =>
      renew(tab, {
        "aria-selected": names[place] === page.view.tab,
        tabindex: names[place] === page.view.tab ? 0 : -1,
      }),
    );
    if (focused) list.querySelector("[aria-selected=true]")?.focus({ preventScroll: true });
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
      built[page.view.tab]?.draw?.();
    },
    mark: () => built[page.view.tab]?.mark?.(),
  };
};
