// The packed batch: one batch three times, as the padded rectangle, as packed columns, as the data in memory. A cell
// pointed at in one picture is found in all. Built from SVG elements; a word only ever becomes a text node.

const packed = (box, page) => {
  const TINTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"];
  const TALL = 30;
  const GAP = 3;
  const STEP_MS = 500;
  const LETTER = 7.6;
  const state = { layout: null, playing: 0, step: null, key: null };

  box.classList.add("rv-packed");
  box.dataset.seq = 0;
  const div = (name, ...inside) => make("div", { class: name }, ...inside);
  const named = (key, side) => make("figure", {}, make("figcaption", { "data-say": key }), side);
  const batch = make("textarea", { id: "rv-batch", rows: 4, spellcheck: "false", autocapitalize: "off", autocomplete: "off" });
  const control = make("button", { type: "button", class: "rv-button rv-play" });
  const chips = make("div", { class: "rv-chips", role: "group", "data-say-label": "try" });
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const saved = make("p", { class: "rv-saved", "aria-live": "polite" });
  const sizes = make("p", { class: "rv-sizes" });
  const where = make("p", { class: "rv-found" });
  const [paddedSide, stepsSide, dataSide] = ["rv-padded", "rv-steps", "rv-data"].map((name) => div(`rv-side ${name}`));
  const packedFigure = named("packed_packed", stepsSide);
  packedFigure.append(sizes);
  const pair = div("rv-pair", named("packed_padded", paddedSide), packedFigure);
  const whole = div("rv-whole", saved, pair, named("packed_data", dataSide), where);
  box.append(
    div("rv-field", make("label", { for: "rv-batch", "data-say": "packed_sentences" }), batch),
    div("rv-under", chips, control),
    notices,
    whole,
  );

  const shortened = (token, width) => {
    const whole = [...visible(token)];
    const most = Math.max(1, Math.floor((width - 8) / LETTER));
    return whole.length > most ? `${whole.slice(0, Math.max(1, most - 1)).join("")}…` : whole.join("");
  };

  // One cell of a picture. Cells of the same token share data-key, and that is the whole of the hover link.
  const cell = (x, y, width, text, step) => {
    const token = state.layout.texts[text][step];
    const filler = token === undefined;
    const group = svgMake("g", { class: filler ? "rv-cell rv-filler" : "rv-cell", "data-key": `${text}-${step}`, "data-step": step });
    const rect = svgMake("rect", { x: x + 2, y: y + 2, width: width - GAP, height: TALL - GAP, rx: 4 });
    if (!filler) rect.setAttribute("fill", TINTS[text]);
    group.append(rect);
    if (!filler) group.append(svgMake("text", { x: x + 2 + (width - GAP) / 2, y: y + 1 + TALL / 2 }, shortened(token, width)));
    return group;
  };

  const picture = (width, height, ...children) => {
    const svg = svgMake("svg", { width: width + 4, height: height + 4, role: "img", "aria-label": page.say("packed_picture", { texts: state.layout.texts.length }) });
    svg.append(...children);
    return svg;
  };

  // As wide as the longest word wants, but so that a row of so many cells fits into the room, as long as they can be pointed at.
  const natural = () => {
    const longest = Math.max(...state.layout.texts.flat().map((token) => [...visible(token)].length));
    return Math.min(92, Math.max(42, longest * LETTER + 16));
  };
  const fitted = (cells, room) => Math.max(34, Math.min(natural(), (room - 6) / cells));

  const padded = (room) => {
    const { texts, batch_sizes } = state.layout;
    const wide = fitted(batch_sizes.length, room);
    const cells = texts.flatMap((_, text) => batch_sizes.map((_size, step) => cell(step * wide, text * TALL, wide, text, step)));
    return picture(batch_sizes.length * wide, texts.length * TALL, ...cells);
  };

  const steps = (room) => {
    const { rows, batch_sizes } = state.layout;
    const wide = fitted(rows.length, room);
    const tall = batch_sizes[0] * TALL;
    const columns = rows.flatMap((texts, step) => [
      ...texts.map((text, place) => cell(step * wide, place * TALL, wide, text, step)),
      svgMake("text", { class: "rv-size", x: step * wide + wide / 2, y: tall + 16 }, page.count(batch_sizes[step])),
    ]);
    return picture(rows.length * wide, tall + 20, ...columns);
  };

  const data = (room) => {
    const { rows, steps_packed } = state.layout;
    const wide = fitted(steps_packed, room);
    let place = 0;
    const parts = rows.flatMap((texts, step) => {
      const from = place;
      const cells = texts.map((text) => cell(place++ * wide, 0, wide, text, step));
      const brace = svgMake("path", { class: "rv-brace", d: `M${from * wide + 3} ${TALL + 4}v5H${place * wide - 1}v-5` });
      const name = wide * texts.length > 62 ? page.say("packed_step", { step: step + 1 }) : page.count(step + 1);
      return [...cells, brace, svgMake("text", { class: "rv-size", x: ((from + place) * wide) / 2, y: TALL + 23 }, name)];
    });
    return picture(place * wide, TALL + 28, ...parts);
  };

  const point = (key) => {
    state.key = key;
    for (const group of box.querySelectorAll(".rv-cell")) group.classList.toggle("rv-here", group.dataset.key === key);
    if (key === null) {
      where.textContent = page.say("packed_hint");
      return;
    }
    const [text, step] = key.split("-").map(Number);
    const { texts, rows, batch_sizes } = state.layout;
    const token = texts[text][step];
    const before = batch_sizes.slice(0, step).reduce((sum, size) => sum + size, 0);
    where.textContent =
      token === undefined
        ? page.say("packed_filler", { text: text + 1 })
        : page.say("packed_cell", { token: isolated(token), text: text + 1, position: step + 1, place: before + rows[step].indexOf(text) + 1, step: step + 1 });
  };

  // Side by side while both rectangles fit; else one above the other. Also when the window changes.
  const draw = () => {
    say();
    const room = dataSide.clientWidth;
    if (!state.layout || !room) return;
    const half = state.layout.batch_sizes.length * natural() > room / 2 - 20;
    pair.classList.toggle("rv-wide", half);
    paddedSide.replaceChildren(padded(paddedSide.clientWidth));
    stepsSide.replaceChildren(steps(stepsSide.clientWidth));
    sizes.textContent = `${page.say("packed_sizes")} [${state.layout.batch_sizes.map(page.count).join(", ")}]`;
    dataSide.replaceChildren(data(room));
    point(state.key);
    reveal(state.step);
  };

  // --- play: the network's steps, one column of the batch at a time ----------------------------------------------------

  const reveal = (step) => {
    state.step = step;
    for (const group of box.querySelectorAll(".rv-cell")) {
      const own = Number(group.dataset.step);
      group.classList.toggle("rv-later", step !== null && own > step);
      group.classList.toggle("rv-now", step !== null && own === step);
    }
    for (const side of box.querySelectorAll(".rv-side")) {
      const now = side.querySelector(".rv-now rect");
      if (now) side.scrollLeft = Number(now.getAttribute("x")) - side.clientWidth / 2;
    }
  };
  const stop = () => {
    clearInterval(state.playing);
    state.playing = 0;
    reveal(null);
    say();
  };
  const play = () => {
    if (state.playing) return stop();
    let step = -1;
    const next = () => (++step < state.layout.rows.length ? reveal(step) : stop());
    state.playing = setInterval(next, STEP_MS);
    next();
    say();
  };

  // --- a new batch -----------------------------------------------------------------------------------------------------

  const notesOn = (layout) => {
    const notes = [];
    if (layout.error) notes.push(page.objection(layout));
    else if (layout.texts.length < 2) notes.push(page.say("packed_few"));
    if (layout.cut_texts) notes.push(page.say("packed_most", { count: layout.texts.length }));
    if (layout.cut_tokens) notes.push(page.say("packed_long", { count: layout.cut_tokens }));
    return notes.map((note) => make("p", {}, note));
  };

  const say = () => {
    page.translate(box);
    control.textContent = state.playing ? `■ ${page.say("stop")}` : `▶ ${page.say("packed_play")}`;
    const chip = ({ name, text }) => {
      const open = () => {
        batch.value = name === "textbook" ? text : page.say(text);
        changed();
      };
      return button(page.say(`chip_packed_${name}`), open, { class: "rv-chip" });
    };
    chips.replaceChildren(make("span", {}, page.say("try")), ...page.props.batches.map(chip));
    if (!state.layout) return;
    notices.replaceChildren(...notesOn(state.last));
    const { steps_padded: padded_, steps_packed: packed_, saved: part } = state.layout;
    saved.textContent = page.say(part ? "packed_saved" : "packed_none", { padded: padded_, packed: packed_, saved: padded_ - packed_, share: page.share(part) });
  };

  const show = (layout) => {
    stop();
    const good = !layout.error && layout.texts.length >= 2;
    whole.hidden = !good;
    control.disabled = !good;
    state.last = layout;
    if (good) Object.assign(state, { layout, key: null });
    else notices.replaceChildren(...notesOn(layout));
    draw();
    box.dataset.seq = Number(box.dataset.seq) + 1;
  };
  const ask = page.asker("pack_sentences", {
    use: show,
    fail: () => notices.replaceChildren(make("p", { class: "rv-alert" }, page.say("offline"))),
    wait: () => notices.replaceChildren(make("p", {}, page.say("waiting"))),
  });
  const changed = () => {
    grow(batch);
    ask(wellFormed(batch.value));
  };

  batch.addEventListener("input", changed);
  control.addEventListener("click", play);
  whole.addEventListener("pointerover", (event) => point(event.target.closest(".rv-cell")?.dataset.key ?? null));
  whole.addEventListener("pointerleave", () => point(null));
  whole.addEventListener("click", (event) => point(event.target.closest(".rv-cell")?.dataset.key ?? null));
  batch.value = page.props.batch.lines;
  show(page.props.batch);
  onWidth(dataSide, draw);
  return { draw };
};
