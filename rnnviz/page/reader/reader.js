// The reader: one text, one selected token and unit, and the pictures that follow them. The server is asked only when
// the text or the model changes; hovering, pinning and choosing a signal happen here.

const labels = props.labels;
const root = element.querySelector(".rv-reader");
const part = (name) => root.querySelector(name);
const [text, model] = [part("#rv-text"), part("#rv-model")];
const [scroll, unitCanvas] = [part(".rv-scroll"), part(".rv-field-of-units canvas")];

const NOWHERE = { token: null, unit: null };
const state = { reading: null, signal: null, layer: null, direction: 0, all: false, numbers: false, hover: NOWHERE, pinned: NOWHERE, edges: [0] };

// The server's payload, with its bytes made readable: value(signal, token, unit) of the chosen layer and direction.
const unpack = (payload) => {
  const bytes = Uint8Array.from(atob(payload.data), (letter) => letter.charCodeAt(0));
  const numbers = new Int16Array(bytes.buffer);
  const [, layers, directions, tokens, units] = payload.shape;
  const value = (signal, t, unit) => {
    const place = (((signal.place * layers + state.layer) * directions + state.direction) * tokens + t) * units + unit;
    return (numbers[place] * signal.scale) / 32767;
  };
  const winners = payload.verdicts.map((shares) => shares.indexOf(Math.max(...shares)));
  const answer = payload.answer.indexOf(Math.max(...payload.answer));
  const classes = shownClasses(payload.labels, payload.verdicts, answer);
  return { ...payload, layers, directions, units, value, winners, answer, final: payload.answer, classes };
};

const at = () => ({ token: state.hover.token ?? state.pinned.token, unit: state.hover.unit ?? state.pinned.unit });
const rows = () => {
  const order = state.reading.order[state.layer][state.direction];
  const few = order.slice(0, FEW);
  if (state.all) return order;
  const kept = state.pinned.unit;
  return kept === null || few.includes(kept) ? few : [...few.slice(0, FEW - 1), kept];
};
const view = () => ({
  reading: state.reading,
  signal: state.signal,
  rows: state.reading ? rows() : [],
  edges: state.edges,
  width: scroll.clientWidth,
  scrolled: scroll.scrollLeft,
  at: at(),
  pinned: state.pinned,
  numbers: state.numbers,
  label: (unit) => say(labels.unit, { unit }),
});
const map = heatmap(unitCanvas, view);
const words = strip(part(".rv-strip"), labels, {
  hover: (token) => hover({ token, unit: null }),
  pin: (token) => pin({ token, unit: state.pinned.unit ?? rows()[0] }),
});

let frame = 0;
const redraw = () => {
  cancelAnimationFrame(frame);
  frame = requestAnimationFrame(() => {
    map.draw();
    words.mark(at(), state.pinned);
    inspect();
  });
};
const hover = (place) => {
  state.hover = place ?? NOWHERE;
  redraw();
};
const pin = (place) => {
  const same = place.token === state.pinned.token && place.unit === state.pinned.unit;
  state.pinned = same ? NOWHERE : place;
  redraw();
};

// --- what is said about the picture ---------------------------------------------------------------------------------

const nameOf = (signal) => labels[`signal_${signal.name}`] ?? signal.name;
const named = (t) => visible(state.reading.tokens[t]);

// About the whole text, also where only a window of it is shown.
const story = (reading) => {
  const { count, turns, surest } = reading.story;
  if (reading.read === 1) return labels.story_single;
  if (!count) return say(labels.story_steady, { label: reading.labels[surest.winner], word: visible(surest.word), share: share(surest.share) });
  const [before, after] = turns;
  return say(count === 1 ? labels.story_turn : labels.story_turns, {
    turns: count,
    word: visible(after.word),
    before: reading.labels[before.winner],
    before_share: share(before.share),
    after: reading.labels[after.winner],
    after_share: share(after.share),
  });
};

const gateMeaning = (signal) => {
  const { tokens, units } = state.reading;
  const means = tokens.map((_, t) => {
    let sum = 0;
    for (let unit = 0; unit < units; unit += 1) sum += state.reading.value(signal, t, unit);
    return sum / units;
  });
  const [low, high] = [means.indexOf(Math.min(...means)), means.indexOf(Math.max(...means))];
  const mean = means.reduce((sum, one) => sum + one, 0) / means.length;
  return say(labels.gate_meaning, {
    symbol: signal.symbol, meaning: signal.meaning, units, mean: signed(mean),
    low_word: named(low), low: signed(means[low]), high_word: named(high), high: signed(means[high]),
  });
};

const stateMeaning = (signal) => {
  const { tokens, value } = state.reading;
  const shown = rows(); // so that the sentence is about what can be seen
  const step = state.direction === 0 ? -1 : 1; // what this direction read just before
  let most = { change: -1 };
  for (let t = 0; t < tokens.length; t += 1) {
    const inside = t + step >= 0 && t + step < tokens.length;
    // Memory begins at zero; a candidate does not begin at all, and what came before a window is not here.
    if (!inside && (state.reading.windowed || signal.name === "candidate")) continue;
    for (const unit of shown) {
      const before = inside ? value(signal, t + step, unit) : 0;
      const after = value(signal, t, unit);
      if (Math.abs(after - before) > most.change) most = { change: Math.abs(after - before), t, unit, before, after };
    }
  }
  if (most.t === undefined) return say(labels.state_meaning_alone, { symbol: signal.symbol, meaning: signal.meaning });
  return say(labels.state_meaning, {
    symbol: signal.symbol, meaning: signal.meaning, word: named(most.t), unit: most.unit,
    before: signed(most.before), after: signed(most.after),
  });
};

const inspect = () => {
  const { token, unit } = at();
  const where = part(".rv-where");
  const list = part(".rv-values");
  const { reading } = state;
  if (!reading) return;
  const shown = { token: token ?? reading.tokens.length - 1, unit: unit ?? rows()[0] };
  const idle = token === null && unit === null;
  where.textContent = say(labels.where, { word: named(shown.token), position: counted(reading.start + shown.token + 1), count: counted(reading.total), unit: shown.unit });
  where.append(make("span", { class: "rv-hint" }, idle ? labels.where_hint : state.pinned.token !== null ? labels.pinned : ""));
  list.replaceChildren(
    ...reading.signals.map((signal) => {
      const value = reading.value(signal, shown.token, shown.unit);
      const item = make("div", signal === state.signal ? { class: "rv-chosen" } : {});
      const swatch = make("i", { "aria-hidden": "true" });
      swatch.style.background = `rgb(${colourOf(value, signal.low, signal.high).join(" ")})`;
      item.append(swatch, make("dt", {}, `${nameOf(signal)} ${signal.symbol}`), make("dd", {}, signed(value)));
      return item;
    }),
  );
};

const legend = () => {
  const { signal } = state;
  const bar = part(".rv-legend canvas");
  const paint = bar.getContext("2d");
  for (let x = 0; x < bar.width; x += 1) {
    const value = signal.low + ((signal.high - signal.low) * x) / (bar.width - 1);
    paint.fillStyle = `rgb(${colourOf(value, signal.low, signal.high).join(" ")})`;
    paint.fillRect(x, 0, 1, bar.height);
  }
  part(".rv-low").textContent = signed(signal.low).replace(".00", "");
  part(".rv-mid").textContent = signal.low < 0 ? "0" : "½";
  part(".rv-high").textContent = signed(signal.high).replace(".00", "");
};

// --- choices --------------------------------------------------------------------------------------------------------

const choices = (box, names, chosen, choose) => {
  const focused = box.contains(document.activeElement);
  box.hidden = names.length < 2;
  box.replaceChildren(
    ...names.map((name, place) => {
      const button = make("button", { type: "button", role: "radio", "aria-checked": String(place === chosen), tabindex: place === chosen ? 0 : -1 }, name);
      button.addEventListener("click", () => choose(place));
      return button;
    }),
  );
  if (focused) box.children[chosen].focus({ preventScroll: true });
};
for (const group of root.querySelectorAll(".rv-tabs")) {
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...group.children];
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    next.click();
  });
}

const frameOfPicture = () => {
  const { reading } = state;
  choices(part(".rv-signals"), reading.signals.map(nameOf), reading.signals.indexOf(state.signal), (place) => {
    state.signal = reading.signals[place];
    frameOfPicture();
  });
  choices(part(".rv-layers"), Array.from({ length: reading.layers }, (_, place) => say(labels.layer, { number: place + 1 })), state.layer, (place) => {
    state.layer = place;
    frameOfPicture();
  });
  choices(part(".rv-directions"), [labels.forward, labels.backward].slice(0, reading.directions), state.direction, (place) => {
    state.direction = place;
    frameOfPicture();
  });
  const shown = rows().length;
  const more = part(".rv-more");
  more.hidden = reading.units <= FEW;
  more.textContent = say(state.all ? labels.show_few : labels.show_all, { count: state.all ? FEW : reading.units });
  part(".rv-meaning").textContent = state.signal.low === 0 ? gateMeaning(state.signal) : stateMeaning(state.signal);
  unitCanvas.setAttribute("aria-label", say(labels.heatmap, { signal: nameOf(state.signal), rows: shown, columns: reading.tokens.length }));
  legend();
  layOut();
};

// Measure the words, then put everything in its place. Also when the window changes.
const layOut = () => {
  if (!state.reading || !scroll.clientWidth) return;
  part(".rv-bar").style.width = `${scroll.clientWidth}px`;
  scroll.style.setProperty("--rv-gutter", `${gutterOf(scroll.clientWidth)}px`);
  state.edges = words.draw(state.reading, scroll.clientWidth);
  words.line(state.reading, state.edges);
  part(".rv-field-of-units").style.width = `${state.edges[state.edges.length - 1] + 1}px`;
  redraw();
};

// --- a new reading --------------------------------------------------------------------------------------------------

const notices = (reading) => {
  const list = [];
  const known = reading.unknown.some((unknown) => !unknown);
  if (!known && reading.total === 1) list.push(make("p", {}, labels.one_unknown));
  if (!known && reading.total > 1 && reading.read === reading.tokens.length) {
    const times = labels.times[reading.total] ?? say(labels.times_many, { count: reading.total });
    list.push(make("p", {}, say(labels.all_unknown, { count: reading.total, times })));
  }
  const example = props.models.find(({ name }) => name === reading.model)?.example;
  if (!known && example) list[0]?.append(exampleButton(example, labels.own_words));
  if (reading.windowed) list.push(windowNotice(reading));
  return list;
};

const exampleButton = (typed, name) => {
  const button = make("button", { type: "button", class: "rv-button" }, name);
  button.addEventListener("click", () => {
    text.value = typed;
    changed();
  });
  return button;
};

const windowNotice = (reading) => {
  const [first, last] = [reading.start + 1, reading.start + reading.tokens.length];
  const numbers = { first, last, count: reading.total, read: reading.read };
  const grouped = Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, counted(number)]));
  const note = make("p", {}, say(reading.read < reading.total ? labels.window : labels.window_all, grouped));
  const step = (name, start, possible) => {
    const button = make("button", { type: "button", class: "rv-button" }, name);
    button.disabled = !possible;
    button.addEventListener("click", () => ask(start));
    return button;
  };
  note.append(step(labels.earlier, Math.max(0, reading.start - reading.size), reading.start > 0), step(labels.later, reading.start + reading.size, last < reading.read));
  return note;
};

const clear = (sentence, state_) => {
  part(".rv-picture").hidden = true;
  part(".rv-empty").hidden = false;
  part(".rv-empty").textContent = sentence;
  part(".rv-notices").replaceChildren();
  part(".rv-count").textContent = "";
  root.dataset.state = state_;
  root.dataset.seq = Number(root.dataset.seq) + 1;
};

// What is wrong is said, and the picture and the model in use stay.
const object = (sentence) => {
  part(".rv-notices").replaceChildren(make("p", { class: "rv-alert" }, sentence));
  model.value = state.reading.model;
  root.dataset.seq = Number(root.dataset.seq) + 1;
};

// Layer, direction, signal and pin outlive a new reading as far as they still mean the same. True if it is another place.
const keepPlace = (before, reading) => {
  const shape = ({ cell, layers, directions, units }) => [cell, layers, directions, units].join();
  if (!before || shape(before) !== shape(reading)) Object.assign(state, { layer: reading.layers - 1, direction: 0 });
  const named = (name) => reading.signals.find((signal) => signal.name === name);
  state.signal = named(state.signal?.name) ?? named(reading.memory);
  state.hover = NOWHERE;
  const elsewhere = !before || before.model !== reading.model || before.start !== reading.start;
  const { token } = state.pinned;
  if (elsewhere || (token !== null && before.tokens[token] !== reading.tokens[token])) state.pinned = NOWHERE;
  return elsewhere;
};

const legendOfClasses = (reading) => {
  const { shown, colour } = reading.classes;
  const others = reading.labels.length - shown.length;
  const entry = (label, tint) => {
    const item = make("li", {}, label);
    item.style.setProperty("--rv-class", tint);
    return item;
  };
  const entries = shown.map((place) => entry(reading.labels[place], colour(place)));
  return others ? [...entries, entry(say(labels.other_classes, { count: others }), OTHER)] : entries;
};

const sayReading = (reading) => {
  const words = reading.read === 1 ? labels.counted_one : say(labels.counted_many, { count: counted(reading.read) });
  const unknown = reading.unknown_total ? say(labels.counted_unknown, { unknown: reading.unknown_total }) : "";
  part(".rv-count").textContent = words + unknown;
  const answer = part(".rv-answer");
  answer.textContent = say(labels.answer, { label: reading.labels[reading.answer], share: share(reading.final[reading.answer]) });
  answer.style.setProperty("--rv-class", reading.classes.colour(reading.answer));
  part(".rv-story").textContent = story(reading);
  part(".rv-classes").replaceChildren(...legendOfClasses(reading));
  part(".rv-receipt").textContent = say(labels.receipt, { error: reading.replay_error === 0 ? "0" : reading.replay_error.toExponential(1) });
  part(".rv-notices").replaceChildren(...notices(reading));
};

const show = (payload) => {
  if (payload.empty) return clear(labels.empty, "empty");
  if (payload.error && state.reading) return object(payload.error);
  if (payload.error) return clear(payload.error, "error");
  const before = state.reading;
  state.reading = unpack(payload);
  const elsewhere = keepPlace(before, state.reading);
  part(".rv-picture").hidden = false;
  part(".rv-empty").hidden = true;
  sayReading(state.reading);
  frameOfPicture();
  // While one types, the newest word is in view; a text that was chosen begins at its beginning.
  const typing = document.activeElement === text && text.selectionEnd === text.value.length;
  if (typing) scroll.scrollLeft = scroll.scrollWidth;
  else if (elsewhere) scroll.scrollLeft = 0;
  root.dataset.state = "shown";
  root.dataset.model = payload.model;
  root.dataset.seq = Number(root.dataset.seq) + 1;
};

const offline = () => {
  part(".rv-notices").replaceChildren(make("p", { class: "rv-alert" }, labels.offline));
};
const wait = () => part(".rv-notices").replaceChildren(make("p", {}, labels.waiting));
const ask = lastWins((start) => server.read_sentence({ model: model.value, text: wellFormed(text.value), start }), { use: show, fail: offline, wait });
const changed = () => {
  grow(text);
  ask(0);
};

// --- wiring ---------------------------------------------------------------------------------------------------------

root.querySelector("label[for=rv-model]").textContent = labels.model;
root.querySelector("label[for=rv-text]").textContent = labels.sentence;
text.placeholder = labels.sentence_hint;
part(".rv-check span").textContent = labels.numbers;
model.append(...props.models.map(({ name, title }) => make("option", { value: name }, title)));
model.value = props.value.model;
text.value = props.value.text;
const chips = part(".rv-chips");
chips.append(make("span", {}, labels.try));
chips.setAttribute("aria-label", labels.try);
chips.hidden = !props.chips.length;
part(".rv-strip").setAttribute("aria-label", labels.strip);
for (const name of ["signals", "layers", "directions"]) part(`.rv-${name}`).setAttribute("aria-label", labels[`choose_${name}`]);
for (const chip of props.chips) {
  const button = make("button", { type: "button", class: "rv-chip" }, chip.name);
  button.addEventListener("click", () => {
    model.value = chip.model;
    text.value = chip.text;
    scroll.scrollLeft = 0;
    changed();
  });
  chips.append(button);
}

text.addEventListener("input", changed);
text.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && event.preventDefault());
model.addEventListener("change", changed);
part("form").addEventListener("submit", (event) => event.preventDefault());
part(".rv-numbers").addEventListener("change", (event) => {
  state.numbers = event.target.checked;
  redraw();
});
part(".rv-more").addEventListener("click", () => {
  state.all = !state.all;
  frameOfPicture();
});
unitCanvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && hover(map.find(event)));
unitCanvas.addEventListener("pointerleave", () => hover(null));
unitCanvas.addEventListener("click", (event) => {
  const place = map.find(event);
  if (place) pin({ token: place.token ?? state.pinned.token ?? state.reading.tokens.length - 1, unit: place.unit });
});
root.addEventListener("keydown", (event) => {
  if (!state.reading || part(".rv-picture").hidden || event.isComposing) return;
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (event.key === "Escape") pin(state.pinned);
  if (!event.target.closest(".rv-scroll")) return; // elsewhere, arrows are for the page
  const step = keys[event.key];
  if (!step) return;
  event.preventDefault();
  const shown = rows();
  const { token, unit } = at();
  const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
  const place = { token: clamp((token ?? 0) + step[0], state.reading.tokens.length), unit: shown[clamp(Math.max(0, shown.indexOf(unit)) + step[1], shown.length)] };
  state.pinned = place;
  state.hover = NOWHERE;
  if (step[0]) words.focus(place.token);
  redraw();
});
scroll.addEventListener("scroll", redraw);
onWidth(scroll, () => {
  grow(text);
  layOut();
});
new MutationObserver(() => state.reading && (legend(), redraw())).observe(document.body, { attributes: true, attributeFilter: ["class"] });
grow(text);
if (props.value.data) show(props.value);
else changed();
