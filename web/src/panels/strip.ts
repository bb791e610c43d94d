// A, the token strip: every word a button, under it the class probabilities had the text ended there.

import { colourOf, css, inkOn, isDark } from "../model/colours";
import { visible } from "../model/text";
import { NOWHERE } from "../state/page";
import { keyed, make, renew, svgMake } from "../ui/dom";
import { widthOf } from "../ui/textWidth";

export const strip = (page) => {
  const BAR = 64;
  const NARROW = 38;
  const WIDE = 170;
  const FONT = "700 15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
  const box = page.part(".rv-strip");
  const scroll = page.part(".rv-scroll");
  const panels = scroll.querySelectorAll(":scope > [data-panel]");
  let buttons = [];

  const gutterOf = (width) => (width < 560 ? 44 : 80); // room for the names of the units

  // Words as wide as they are; what is left of the row is shared out, so that the picture fills it.
  const measure = (words, width) => {
    const natural = words.map((word) => Math.min(WIDE, Math.max(NARROW, widthOf(visible(word), FONT) + 12)));
    const total = natural.reduce((sum, one) => sum + one, 0);
    const edges = [gutterOf(width)];
    const spare = Math.max(0, width - edges[0] - 1 - total) / natural.length;
    for (const one of natural) edges.push(edges[edges.length - 1] + one + Math.min(spare, 220));
    return edges;
  };

  // A word whose answer a class has yet to guess (teaching.js).
  const coveredButton = (reading, t) => {
    const says = page.say("class_word", { word: page.token(t) });
    const bar = make("span", { class: "rv-shares rv-veil", "aria-hidden": "true" }, "?");
    const name = make(
      "bdi",
      { class: reading.unknown[t] ? "rv-name rv-unknown" : "rv-name" },
      visible(reading.tokens[t]),
    );
    return make(
      "button",
      { type: "button", class: "rv-word", "data-token": t, title: says, "aria-label": says },
      name,
      make("span", { class: "rv-flag" }),
      bar,
    );
  };
  const wordButton = (reading, t) => {
    const winner = reading.winners[t];
    const label = page.classOf(reading.labels[winner]);
    const sure = page.share(reading.verdicts[t][winner]);
    const says = [page.say("word_says", { word: page.token(t), label, share: sure })];
    if (reading.turns[t]) says.push(page.say("word_turn", { label }));
    if (reading.unknown[t]) says.push(page.say("unknown_word"));
    const node = make("button", {
      type: "button",
      class: "rv-word",
      "data-token": t,
      title: says.join(", "),
      "aria-label": says.join(", "),
    });
    const colour = reading.classes.colour(winner);
    const flag = make("span", { class: "rv-flag", "aria-hidden": "true" }, reading.turns[t] ? "▲" : "");
    flag.style.color = colour;
    const bar = make("span", { class: "rv-shares", "aria-hidden": "true" });
    for (const place of reading.classes.stacking) {
      const part = make("span");
      part.style.height = `${100 * reading.verdicts[t][place]}%`;
      part.style.background = reading.classes.colour(place);
      bar.append(part);
    }
    if (reading.ghost) bar.append(ghostOf(reading, t));
    const number = make("span", { class: "rv-share", "aria-hidden": "true" }, sure);
    number.style.setProperty("--rv-class", colour);
    const name = make(
      "bdi",
      { class: reading.unknown[t] ? "rv-name rv-unknown" : "rv-name" },
      visible(reading.tokens[t]),
    );
    node.append(name, flag, bar, number);
    return node;
  };

  // How high the lowest part of the bar stood before a gate was held.
  const ghostOf = (reading, t) => {
    const mark = make("i", { class: "rv-ghost" });
    mark.style.bottom = `${100 * reading.ghost.verdicts[t][reading.classes.base]}%`;
    return mark;
  };

  // The line of the lowest class, over the bars; a wider one under it parts it from their colours.
  const pointsOf = (reading, edges) =>
    reading.tokens
      .map((_, t) => `${(edges[t] + edges[t + 1]) / 2},${BAR * (1 - reading.verdicts[t][reading.classes.base])}`)
      .join(" ");
  const line = (points, width) => {
    const paths = ["rv-under-line", "rv-over-line"].map((kind) => svgMake("polyline", { class: kind, points }));
    return svgMake("svg", { class: "rv-line", "aria-hidden": "true", width, height: BAR }, ...paths);
  };

  // All that a word's button depends on: as long as it is the same, so is the button.
  const keyOf = ({ tokens, unknown, turns, verdicts, winners, ghost, classes, labels }, t) =>
    JSON.stringify([
      page.language(),
      isDark(),
      labels,
      classes.stacking,
      tokens[t],
      unknown[t],
      turns[t],
      verdicts[t],
      winners[t],
      ghost?.verdicts[t][classes.base],
    ]);
  const keysOf = (reading, edges) => {
    if (page.covered())
      return reading.tokens.map((token, t) => JSON.stringify([page.language(), token, reading.unknown[t]]));
    return [...reading.tokens.map((_, t) => keyOf(reading, t)), pointsOf(reading, edges)];
  };

  const draw = () => {
    const { reading } = page;
    const width = (page.width ||= scroll.clientWidth); // asking makes the browser lay the page out, so it is kept
    if (!reading || !width) return;
    const edges = measure(reading.tokens, width);
    page.edges = edges;
    scroll.style.setProperty("--rv-gutter", `${edges[0]}px`);
    for (const panel of panels) panel.style.minWidth = `${edges[edges.length - 1] + 1}px`; // so that what sticks to the left does so to the end
    scroll.style.setProperty("--rv-width", `${width}px`); // what stays in place while the words scroll
    const focused = buttons.indexOf(document.activeElement);
    const last = reading.tokens.length;
    const keys = keysOf(reading, edges);
    const build = (t) =>
      t === last ? line(keys[t], edges[last]) : page.covered() ? coveredButton(reading, t) : wordButton(reading, t);
    buttons = keyed(box, keys, build).slice(0, last);
    buttons.forEach((node, t) => {
      node.style.left = `${edges[t]}px`;
      node.style.width = `${edges[t + 1] - edges[t]}px`;
    });
    box.style.width = `${edges[edges.length - 1] + 1}px`;
    if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus({ preventScroll: true });
  };

  const mark = () => {
    const { reading, range, played } = page;
    const { token, unit, layer, direction } = page.here();
    const tinted = page.pinned.unit !== null && !page.covered(); // the text in the colours of the pinned unit's memory
    const memory = reading.signal(reading.memory);
    buttons.forEach((node, t) => {
      node.classList.toggle("rv-at", t === token);
      node.classList.toggle("rv-later", played !== null && t > played);
      node.classList.toggle("rv-chosen", range !== null && t >= range[0] && t <= range[1]);
      renew(node, { "aria-pressed": t === page.pinned.token, tabindex: t === token ? 0 : -1 });
      const colour =
        tinted && !page.toCome({ token: t, layer, direction })
          ? colourOf(reading.value(memory, t, unit, layer, direction), memory.low, memory.high)
          : null;
      node.firstChild.style.background = colour ? css(colour) : "";
      node.firstChild.style.color = colour ? inkOn(colour) : "";
    });
  };

  const tokenOf = (event) => {
    const node = event.target.closest(".rv-word");
    return node ? Number(node.dataset.token) : null;
  };
  const hovered = (token) => page.hover(token === null ? null : { ...NOWHERE, token });
  box.addEventListener("pointerover", (event) => event.pointerType !== "touch" && hovered(tokenOf(event)));
  box.addEventListener("pointerleave", () => page.hover(null));
  box.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && hovered(tokenOf(event)));
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || page.hover(null));
  // A click pins a word; with shift, everything from the pinned word to this one becomes the range.
  box.addEventListener("click", (event) => {
    const token = tokenOf(event);
    if (token === null) return;
    if (event.shiftKey && page.pinned.token !== null) {
      page.range = [Math.min(token, page.pinned.token), Math.max(token, page.pinned.token)];
      page.mark();
      return;
    }
    page.range = null;
    page.hovered = NOWHERE;
    // A key that presses a word to which the arrow keys have gone, and so have pinned it, does not let go of it at once.
    const again = event.detail === 0 && page.stepped === page.pinned && page.pinned.token === token;
    page.stepped = null;
    if (again) page.mark();
    else page.pin({ ...page.pinned, token });
  });

  return { draw, mark, focus: (t) => buttons[t]?.focus() };
};
