// Small helpers for building the page. A word, a label or a name only ever becomes a text node or an attribute.

export const make = (tag, attributes = {}, ...inside) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...inside.filter((part) => part !== null));
  return node;
};

export const svgMake = (tag, attributes = {}, ...inside) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...inside.filter((part) => part !== null));
  return node;
};

export const button = (name, act, attributes = {}) => {
  const node = make("button", { type: "button", class: "rv-button", ...attributes }, name);
  node.addEventListener("click", act);
  return node;
};

// Copy a text, and whether that was possible: a browser allows it over HTTPS or on one's own machine, and may ask first.
export const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

// A text box as tall as its text; the style sheet sets the most, and does it all in browsers that can.
export const grow = (box) => {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
};

// Call back when an element's width changes, and only then: a picture that grows downwards is no reason to draw it again.
export const onWidth = (element, act) => {
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    act();
  }).observe(element);
};

// A text that changes under the pointer keeps the height of its longest, so that nothing below it moves: what moves away
// from under the pointer would change it back, and so on for ever.
export const steady = (element) => {
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

// Texts and attributes, written only where they are other than before: what stays as it is costs the browser nothing.
export const tell = (node, sentence) => {
  if (node.textContent !== sentence) node.textContent = sentence;
};

export const renew = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes))
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};

// The children of a box, one for each key: built where there is none or its key was another, else left as it is, so that
// of a long sentence only what has changed is laid out and painted again.
export const keyed = (() => {
  const keyOf = new WeakMap();
  return (box, keys, build) => {
    keys.forEach((key, place) => {
      const there = box.children[place];
      if (there && keyOf.get(there) === key) return;
      const node = build(place);
      keyOf.set(node, key);
      if (there) there.replaceWith(node);
      else box.append(node);
    });
    while (box.children.length > keys.length) box.lastElementChild.remove();
    return [...box.children];
  };
})();

// Put other things into a box; the focus, if it was on a button in there, goes to the one in the same place.
export const refill = (box, ...inside) => {
  const buttons = () => [...box.querySelectorAll("button")];
  const place = buttons().indexOf(document.activeElement);
  box.replaceChildren(...inside);
  if (place < 0) return;
  const now = buttons();
  const next = now[place]?.disabled ? now.find((one) => !one.disabled) : now[place];
  next?.focus({ preventScroll: true });
};
