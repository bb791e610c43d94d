// What the panels do with elements that are there: find them, place them, measure them, write into them.

/** The nearest element around an event's target that a selector names. */
export const closest = <E extends HTMLElement = HTMLElement>(event: Event, selector: string): E | null =>
  targetOf(event).closest<E>(selector);
export const targetOf = (event: Event): HTMLElement => event.target as HTMLElement;
/** Whether an element contains what an event names as its other end: where the focus goes to. */
export const goesInto = (box: Element, event: FocusEvent): boolean => box.contains(event.relatedTarget as Node | null);

/** All elements inside one that a selector names. */
export const all = <E extends Element = HTMLElement>(box: ParentNode, selector: string): E[] => [
  ...box.querySelectorAll<E>(selector),
];

/** Copy a text, and say whether that was possible: a browser may allow it over HTTPS only, and may ask first. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

/** Make a text box as tall as its text, where the style sheet cannot (field-sizing). */
export const grow = (box: HTMLTextAreaElement): void => {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
};

/** Call back when the width of an element changes, but not when only its height does. */
export const onWidth = (element: Element, act: () => void): void => {
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    act();
  }).observe(element);
};

/** Keep the height of the longest text that an element has had, so that nothing below it moves under the pointer. */
export const steady = (element: HTMLElement): void => {
  let [width, most] = [0, 0];
  new ResizeObserver(() => {
    if (element.clientWidth !== width) {
      [width, most] = [element.clientWidth, 0];
      element.style.minHeight = "";
    }
    if (element.offsetHeight <= most) return;
    most = element.offsetHeight;
    element.style.minHeight = `${most}px`;
  }).observe(element);
};

/** The style that places an element between two edges, for `.style` in a template: a strict policy forbids the attribute. */
export const placeBetween = (left: number, right: number): string => `left: ${left}px; width: ${right - left}px`;
/** Write a text only if it is new: an unchanged node costs the browser nothing. */
export const tell = (node: Element, sentence: string): void => {
  if (node.textContent !== sentence) node.textContent = sentence;
};
/** Count up a number in the markup, which says that something has been drawn anew. */
export const countUp = (node: HTMLElement): void => {
  node.dataset.seq = String(Number(node.dataset.seq ?? 0) + 1);
};
