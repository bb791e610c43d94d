// A, the token strip: every word a button, under it the class probabilities had the text ended there.

const BAR = 64;
const NARROW = 44;
const WIDE = 170;
const OTHER = "#8a94a3";
const CLASS_COLOURS = ["#aa3377", "#117a65", "#b8860b", "#3f6fb5", "#7a5195", "#5b6b2f", "#a0522d", "#4b5563"];

// Eight classes have a colour each. Of more, the answer and the likeliest do, and the rest share one grey.
const shownClasses = (names, verdicts, answer) => {
  const most = (place) => Math.max(...verdicts.map((shares) => shares[place]));
  const order = names.map((_, place) => place).sort((a, b) => (b === answer) - (a === answer) || most(b) - most(a));
  const few = names.length <= CLASS_COLOURS.length;
  const shown = few ? names.map((_, place) => place) : order.slice(0, CLASS_COLOURS.length - 1);
  const colour = (place) => (shown.includes(place) ? CLASS_COLOURS[shown.indexOf(place)] : OTHER);
  return { shown, colour, stacking: [answer, ...shown.filter((place) => place !== answer)] };
};

const strip = (box, labels, on) => {
  let buttons = [];

  // Words as wide as they are; what is left of the row is shared out, so that the picture fills it.
  const measure = (words, width) => {
    const natural = words.map((word) => Math.min(WIDE, Math.max(NARROW, word.firstChild.scrollWidth + 14)));
    const total = natural.reduce((sum, one) => sum + one, 0);
    const edges = [gutterOf(width)];
    const spare = Math.max(0, width - edges[0] - 1 - total) / natural.length;
    for (const one of natural) edges.push(edges[edges.length - 1] + one + Math.min(spare, 220));
    return edges;
  };

  const wordButton = (reading, t) => {
    const winner = reading.winners[t];
    const says = say(labels.word_says, { word: visible(reading.tokens[t]), label: reading.labels[winner], share: share(reading.verdicts[t][winner]) });
    const turn = reading.turns[t] ? `, ${say(labels.word_turn, { label: reading.labels[winner] })}` : "";
    const strange = reading.unknown[t] ? `, ${labels.unknown_word}` : "";
    const button = make("button", { type: "button", class: "rv-word", "data-token": t, title: says + turn + strange, "aria-label": says + turn + strange });
    const name = make("bdi", { class: reading.unknown[t] ? "rv-name rv-unknown" : "rv-name" }, visible(reading.tokens[t]));
    button.append(name);
    const flag = make("span", { class: "rv-flag", "aria-hidden": "true" }, reading.turns[t] ? "▲" : "");
    flag.style.color = reading.classes.colour(winner);
    const bar = make("span", { class: "rv-shares", "aria-hidden": "true" });
    for (const place of reading.classes.stacking) {
      const part = make("span");
      part.style.height = `${100 * reading.verdicts[t][place]}%`;
      part.style.background = reading.classes.colour(place);
      bar.append(part);
    }
    const number = make("span", { class: "rv-share", "aria-hidden": "true" }, share(reading.verdicts[t][winner]));
    number.style.setProperty("--rv-class", reading.classes.colour(winner));
    button.append(flag, bar, number);
    return button;
  };

  const draw = (reading, width) => {
    const focused = buttons.indexOf(document.activeElement);
    buttons = reading.tokens.map((_, t) => wordButton(reading, t));
    box.replaceChildren(...buttons);
    const edges = measure(buttons, width);
    buttons.forEach((button, t) => {
      button.style.left = `${edges[t]}px`;
      button.style.width = `${edges[t + 1] - edges[t]}px`;
    });
    box.style.width = `${edges[edges.length - 1] + 1}px`;
    if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus({ preventScroll: true });
    return edges;
  };

  // The line of the class that wins in the end, over the bars.
  const line = (reading, edges) => {
    const namespace = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(namespace, "svg");
    svg.setAttribute("class", "rv-line");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("width", edges[edges.length - 1]);
    svg.setAttribute("height", BAR);
    const path = document.createElementNS(namespace, "polyline");
    const points = reading.tokens.map((_, t) => `${(edges[t] + edges[t + 1]) / 2},${BAR * (1 - reading.verdicts[t][reading.answer])}`);
    path.setAttribute("points", points.join(" "));
    svg.append(path);
    box.append(svg);
  };

  const mark = (at, pinned) => {
    buttons.forEach((button, t) => {
      button.classList.toggle("rv-at", t === at.token);
      button.setAttribute("aria-pressed", String(t === pinned.token));
      button.tabIndex = t === (pinned.token ?? at.token ?? 0) ? 0 : -1;
    });
  };

  const tokenOf = (event) => {
    const button = event.target.closest(".rv-word");
    return button ? Number(button.dataset.token) : null;
  };
  box.addEventListener("pointerover", (event) => event.pointerType !== "touch" && on.hover(tokenOf(event)));
  box.addEventListener("pointerleave", () => on.hover(null));
  box.addEventListener("click", (event) => tokenOf(event) !== null && on.pin(tokenOf(event)));
  box.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && on.hover(tokenOf(event)));

  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || on.hover(null));

  return { draw, line, mark, focus: (t) => buttons[t]?.focus() };
};
