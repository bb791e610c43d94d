// Small helpers for building the page. A word, a label or a name only ever becomes a text node or an attribute.

const make = (tag, attributes = {}, ...inside) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...inside.filter((part) => part !== null));
  return node;
};

const svgMake = (tag, attributes = {}, ...inside) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(name, value);
  node.append(...inside.filter((part) => part !== null));
  return node;
};

const button = (name, act, attributes = {}) => {
  const node = make("button", { type: "button", class: "rv-button", ...attributes }, name);
  node.addEventListener("click", act);
  return node;
};

// Control, zero-width and direction marks are shown as what they are; other scripts and emoji stay whole.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;
const visible = (token) =>
  token.replace(INVISIBLE, (mark, place, whole) => {
    const code = mark.codePointAt(0);
    if (code === 0x200d && place > 0 && place < whole.length - 1) return mark; // joins an emoji family
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "◌";
  });

// A word that runs leftwards keeps its direction to itself: an Arabic word does not turn the sentence round.
const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802-\ud803\ud83a-\ud83b]/;
const isolated = (token) => (LEFTWARDS.test(token) ? `\u2068${visible(token)}\u2069` : visible(token));

// Half of a character that needs two cannot be sent; it becomes the mark for something unreadable.
const wellFormed = (text) => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");

// A request holds 64 kB; of a text that would be too long the beginning is sent.
const sendable = (typed, most = 60000) => {
  let whole = wellFormed(typed);
  while (new TextEncoder().encode(JSON.stringify(whole)).length > most) whole = wellFormed(whole.slice(0, Math.floor(whole.length * 0.9)));
  return whole;
};

// Copy a text, and whether that was possible: a browser allows it over HTTPS or on one's own machine, and may ask first.
const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

// A text box as tall as its text; the style sheet sets the most, and does it all in browsers that can.
const grow = (box) => {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
};

// Call back when an element's width changes, and only then: a picture that grows downwards is no reason to draw it again.
const onWidth = (element, act) => {
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    act();
  }).observe(element);
};

// A text that changes under the pointer keeps the height of its longest, so that nothing below it moves: what moves away
// from under the pointer would change it back, and so on for ever.
const steady = (element) => {
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

// How the page scrolls by itself.
const scrolling = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

// How wide a text is, without asking the page to lay itself out.
const widthOf = (() => {
  const paint = document.createElement("canvas").getContext("2d");
  const known = new Map();
  return (text, font) => {
    const key = `${font}|${text}`;
    if (!known.has(key)) {
      if (known.size > 5000) known.clear();
      paint.font = font;
      known.set(key, paint.measureText(text).width);
    }
    return known.get(key);
  };
})();

// Texts and attributes, written only where they are other than before: what stays as it is costs the browser nothing.
const tell = (node, sentence) => {
  if (node.textContent !== sentence) node.textContent = sentence;
};
const renew = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};

// The children of a box, one for each key: built where there is none or its key was another, else left as it is, so that
// of a long sentence only what has changed is laid out and painted again.
const keyed = (() => {
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

// Buttons of which one is chosen; arrow keys go from one to the next.
const choices = (() => {
  const act = new WeakMap(); // what a box does when one of its buttons is chosen
  return (box, names, chosen, choose) => {
    const focused = box.contains(document.activeElement);
    act.set(box, choose);
    box.hidden = names.length < 2;
    const buttons = keyed(box, names, (place) => button(names[place], () => act.get(box)(place), { class: null, role: "radio" }));
    buttons.forEach((one, place) => renew(one, { "aria-checked": place === chosen, tabindex: place === chosen ? 0 : -1 }));
    if (focused) buttons[chosen]?.focus({ preventScroll: true });
  };
})();
const walkable = (group) =>
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...group.children].filter((one) => !one.hidden);
    buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].click();
  });

// Buttons side by side that are one stop of the Tab key: arrow keys go along them. Of new ones, the first is the stop.
const oneStop = (box, selector) => {
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

// Put other things into a box; the focus, if it was on a button in there, goes to the one in the same place.
const refill = (box, ...inside) => {
  const buttons = () => [...box.querySelectorAll("button")];
  const place = buttons().indexOf(document.activeElement);
  box.replaceChildren(...inside);
  if (place < 0) return;
  const now = buttons();
  const next = now[place]?.disabled ? now.find((one) => !one.disabled) : now[place];
  next?.focus({ preventScroll: true });
};

// A table of texts: what it shows, which may begin with a term, the names of its columns, and lines that begin with the name of their row.
const tableOf = (caption, heads, rows) => {
  const head = make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)));
  const line = ([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
  return make("table", {}, make("caption", {}, caption.charAt(0).toUpperCase() + caption.slice(1)), make("thead", {}, head), make("tbody", {}, ...rows.map(line)));
};
