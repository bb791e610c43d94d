// Shared by the page's components: small DOM helpers, sentences, and calls to the server in which the last text wins.

const make = (tag, attributes = {}, text = null) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
};

// Fill a sentence of the locale. Values only ever become text nodes, so nothing in them can run.
const say = (sentence, values = {}) => sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

const share = (value) => `${Math.round(100 * value)}\u00a0%`;
const counted = (number) => number.toLocaleString("en");
const signed = (value) => (value < 0 ? "−" : "") + Math.abs(value).toFixed(2);

// Control, zero-width and direction marks are shown as what they are; other scripts and emoji stay whole.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const visible = (token) =>
  token.replace(INVISIBLE, (mark, place, whole) => {
    const code = mark.codePointAt(0);
    if (code === 0x200d && place > 0 && place < whole.length - 1) return mark; // joins an emoji family
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "◌";
  });

// Half of a character that needs two cannot be sent; it becomes the mark for something unreadable.
const wellFormed = (text) => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");

// A text box as tall as its text; the style sheet sets the most.
const grow = (box) => {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
};

// A function that asks the server, one question at a time; of the questions that wait, only the last is asked. `on` says
// what to do with an answer (use), without one (fail), and when it takes long enough to be noticed (wait).
const NOTICED_MS = 600;
const LATE_MS = 30000;
const lastWins = (ask, on) => {
  let busy = false;
  let waiting = null;
  const late = () => new Promise((_, give_up) => setTimeout(() => give_up(new Error("late")), LATE_MS));
  const next = async () => {
    if (busy || waiting === null) return;
    const question = waiting;
    waiting = null;
    busy = true;
    const slow = setTimeout(on.wait, NOTICED_MS);
    let answer = null;
    try {
      answer = await Promise.race([ask(...question), late()]);
    } catch {
      answer = null; // no answer, whatever the reason
    }
    clearTimeout(slow);
    busy = false;
    try {
      if (answer === null || answer === undefined) on.fail();
      else on.use(answer);
    } finally {
      next();
    }
  };
  return (...question) => {
    waiting = question;
    next();
  };
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
