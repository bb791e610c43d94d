// Buttons that belong together: groups of which one is chosen, and rows that are one stop of the Tab key.

import { button, keyed, renew } from "./dom";

// Buttons of which one is chosen; arrow keys go from one to the next.
export const choices = (() => {
  const act = new WeakMap(); // what a box does when one of its buttons is chosen
  return (box, names, chosen, choose) => {
    const focused = box.contains(document.activeElement);
    act.set(box, choose);
    box.hidden = names.length < 2;
    const buttons = keyed(box, names, (place) =>
      button(names[place], () => act.get(box)(place), { class: null, role: "radio" }),
    );
    buttons.forEach((one, place) =>
      renew(one, { "aria-checked": place === chosen, tabindex: place === chosen ? 0 : -1 }),
    );
    if (focused) buttons[chosen]?.focus({ preventScroll: true });
  };
})();

export const walkable = (group) =>
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...group.children].filter((one) => !one.hidden);
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].click();
  });

// Buttons side by side that are one stop of the Tab key: arrow keys go along them. Of new ones, the first is the stop.
export const oneStop = (box, selector) => {
  const all = () => [...box.querySelectorAll(selector)];
  box.addEventListener("focusin", ({ target }) => {
    if (target.matches(selector)) for (const one of all()) one.tabIndex = one === target ? 0 : -1;
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches(selector)) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = all();
    buttons[buttons.indexOf(event.target) + step]?.focus();
  });
};
