// Groups of buttons that the arrow keys walk through: of some one is chosen, others are a row that is one stop of Tab.

import { html, render } from "lit-html";
import { all, targetOf } from "./dom";

type Choose = (place: number) => void;

/** Fill a box with buttons of which one is chosen. With fewer than two of them, there is nothing to choose. */
export const choices = (box: HTMLElement, names: string[], chosen: number, choose: Choose): void => {
  const focused = box.contains(document.activeElement);
  box.hidden = names.length < 2;
  const radio = (name: string, place: number) => html`<button
    type="button"
    role="radio"
    aria-checked=${place === chosen}
    tabindex=${place === Math.max(0, chosen) ? 0 : -1}
    @click=${() => choose(place)}
  >${name}</button>`;
  render(names.map(radio), box);
  // The arrow keys choose: the focus goes with the choice.
  if (focused) (box.children[chosen] as HTMLElement | undefined)?.focus({ preventScroll: true });
};

const WALK: Partial<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const ALONG: Partial<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

/** Arrow keys choose the next button of a group, from the last one the first. */
export const walkable = (group: HTMLElement): void =>
  group.addEventListener("keydown", (event) => {
    const step = WALK[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = ([...group.children] as HTMLElement[]).filter((one) => !one.hidden);
    const now = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[(now + step + buttons.length) % buttons.length].click();
  });

/** Make buttons side by side one stop of the Tab key; arrow keys move the focus along them. */
export const oneStop = (box: HTMLElement, selector: string): void => {
  box.addEventListener("focusin", (event) => {
    const target = targetOf(event);
    if (target.matches(selector)) for (const one of all(box, selector)) one.tabIndex = one === target ? 0 : -1;
  });
  box.addEventListener("keydown", (event) => {
    const step = ALONG[event.key];
    if (!step || !targetOf(event).matches(selector)) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = all(box, selector);
    buttons[buttons.indexOf(targetOf(event)) + step]?.focus();
  });
};
