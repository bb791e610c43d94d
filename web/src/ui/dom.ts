// Helpers to build the page. A word, a label or a name only ever becomes a text node or an attribute.

type Value = string | number | boolean | null;
export type Attributes = Record<string, Value>;
type Inside = Node | string | null;
type Tags = HTMLElementTagNameMap;

const fill = <N extends Element>(node: N, attributes: Attributes, inside: Inside[]): N => {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, String(value));
  node.append(...inside.filter((part) => part !== null));
  return node;
};

/** An element; an attribute that is null is left out, and so is a part inside that is null. */
export const make = <K extends keyof Tags>(tag: K, attributes: Attributes = {}, ...inside: Inside[]): Tags[K] =>
  fill(document.createElement(tag), attributes, inside);

export const svgMake = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...inside: Inside[]
): SVGElementTagNameMap[K] => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, inside);

export const button = (name: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement => {
  const node = make("button", { type: "button", class: "rv-button", ...attributes }, name);
  node.addEventListener("click", () => act());
  return node;
};

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
/** Place an element between two edges. */
export const span = (node: HTMLElement, left: number, right: number): void => {
  node.style.left = `${left}px`;
  node.style.width = `${right - left}px`;
};

/** Write a text only if it is new: an unchanged node costs the browser nothing. */
export const tell = (node: Element, sentence: string): void => {
  if (node.textContent !== sentence) node.textContent = sentence;
};
/** Write only the attributes that are new. */
export const renew = (node: Element, attributes: Attributes): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  }
};

/** Count up a number in the markup, which says that something has been drawn anew. */
export const countUp = (node: HTMLElement): void => {
  node.dataset.seq = String(Number(node.dataset.seq ?? 0) + 1);
};

const keyOf = new WeakMap<Element, string>();
/**
 * Give a box one child for each key. A child whose key is the same stays as it is, so only what changed is laid
 * out.
 */
export const keyed = <N extends Element = HTMLElement>(
  box: Element,
  keys: string[],
  build: (place: number) => Element,
): N[] => {
  keys.forEach((key, place) => {
    const there = box.children[place];
    if (there && keyOf.get(there) === key) return;
    const node = build(place);
    keyOf.set(node, key);
    if (there) there.replaceWith(node);
    else box.append(node);
  });
  while (box.children.length > keys.length) box.lastElementChild?.remove();
  return [...box.children] as unknown as N[];
};

/** Put other things into a box; the focus, if it was on a button in there, goes to the button in the same place. */
export const refill = (box: Element, ...inside: (Node | string)[]): void => {
  const buttons = () => all<HTMLButtonElement>(box, "button");
  const place = buttons().indexOf(document.activeElement as HTMLButtonElement);
  box.replaceChildren(...inside);
  if (place < 0) return;
  const now = buttons();
  const next = now[place]?.disabled ? now.find((one) => !one.disabled) : now[place];
  next?.focus({ preventScroll: true });
};
