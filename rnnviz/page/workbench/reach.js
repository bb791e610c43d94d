// How far back: the gradient of one score at every word, in an RNN, a GRU and an LSTM of equal size, on a logarithmic axis.

const reach = (box, page) => {
  const TALL = 260;
  const TOP = 14;
  const FOOT = 40; // the words
  const UPRIGHT = 92; // the words, where they stand upright
  const NARROW = 22; // the narrowest column, and
  const LEVEL = 44; // the narrowest in which a word lies
  const ZERO = 30; // below the lowest power of ten, for what is exactly zero
  const HARDLY = 0.01; // below this share of the largest gradient, a word is hardly heard
  const MORE = 10; // and this many times as much is much more
  const state = { found: null, asked: null, family: null, edges: [0], at: null, room: 0 };

  box.classList.add("rv-reach");
  box.dataset.seq = 0;
  const switcher = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "reach_family" });
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const told = make("p", { class: "rv-said", "aria-live": "polite" });
  const about = make("p", { class: "rv-note" });
  const legend = make("ul", { class: "rv-reach-legend" });
  const scroll = make("div", { class: "rv-columns" });
  const readout = make("p", { class: "rv-found" });
  const table = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const details = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), table);
  const whole = make("div", { class: "rv-reach-whole" }, told, legend, scroll, readout, about, details);
  box.append(switcher, notices, whole);
  walkable(switcher);
  steady(readout);
  oneStop(scroll, ".rv-reach-word");

  const nameOf = ({ cell }) => page.say(`cell_${cell}`);
  const amount = (value) => {
    if (value === 0 || value < 1e-6 || value >= 1000) return page.small(value);
    return page.written(value, { maximumSignificantDigits: 2 });
  };
  const left = ({ norms }) => norms[0] / (Math.max(...norms) || 1);
  const part = (share) => (share < 1e-6 ? page.small(share) : page.written(share, { style: "percent", maximumSignificantDigits: 2 }));

  // --- what is said --------------------------------------------------------------------------------------------------

  // From the three shares of the first word, in the order RNN, GRU, LSTM; null where the numbers say it all.
  const conclusion = (networks, [rnn, ...gated]) => {
    const [less, most] = [Math.min(...gated), Math.max(...gated)];
    if (rnn >= HARDLY) return page.say("reach_near");
    if (most < HARDLY) return page.say("reach_none");
    if (less >= HARDLY) return less >= MORE * rnn ? page.say("reach_vanished") : null;
    return most >= MORE * Math.max(less, rnn) ? page.say("reach_only", { network: nameOf(networks[1 + gated.indexOf(most)]) }) : null;
  };
  const story = ({ tokens, networks }) => {
    if (tokens.length === 1) return page.say("reach_single");
    const shares = networks.map(left);
    const [rnn, gru, lstm] = shares.map(part);
    const seen = conclusion(networks, shares);
    const first = page.say("reach_told", { word: isolated(tokens[0]), count: tokens.length, rnn, gru, lstm });
    return seen ? `${first} ${seen}` : first;
  };
  const legendOf = ({ networks, labels }) =>
    networks.map((network, place) => {
      const best = network.answer.indexOf(Math.max(...network.answer));
      const said = page.say("reach_answer", { network: nameOf(network), label: page.classOf(labels[best]), share: page.share(network.answer[best]) });
      return make("li", {}, svgMake("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" }, markOf(place)), said);
    });

  // --- the picture ---------------------------------------------------------------------------------------------------

  // From the gradient's size to its height in the picture: whole powers of ten, at least two of them.
  const scaleOf = (networks) => {
    const some = networks.flatMap(({ norms }) => norms.filter((norm) => norm > 0)).map(Math.log10);
    const high = some.length ? Math.ceil(Math.max(...some)) : 0;
    const low = Math.min(high - 2, some.length ? Math.floor(Math.min(...some)) : high);
    const zeros = networks.some(({ norms }) => norms.includes(0));
    const bottom = TALL - (zeros ? ZERO : 0);
    const y = (norm) => (norm === 0 ? TALL - 8 : TOP + ((high - Math.log10(norm)) / (high - low)) * (bottom - TOP));
    return { high, low, zeros, y };
  };

  const axis = (scale, gutter) => {
    const every = Math.max(1, Math.ceil((scale.high - scale.low) / 8));
    const names = [];
    for (let place = scale.high; place >= scale.low; place -= every) {
      names.push(svgMake("text", { x: gutter - 8, y: scale.y(10 ** place) }, powerOfTen(place)));
    }
    if (scale.zeros) names.push(svgMake("text", { x: gutter - 8, y: scale.y(0) }, page.count(0)));
    return svgMake("svg", { class: "rv-reach-axis", width: gutter, height: TALL + 8, "aria-hidden": "true" }, ...names);
  };
  const decades = (scale, from, to) => {
    const lines = [];
    for (let place = scale.high; place >= scale.low; place -= 1) {
      lines.push(svgMake("line", { class: "rv-decade", x1: from, x2: to, y1: scale.y(10 ** place), y2: scale.y(10 ** place) }));
    }
    if (scale.zeros) lines.push(svgMake("line", { class: "rv-decade rv-zero", x1: from, x2: to, y1: scale.y(0), y2: scale.y(0) }));
    return lines;
  };
  // One network: its line, broken where the gradient is zero, and a mark at each word.
  const lineOf = ({ norms }, place, scale, middle) => {
    let path = "";
    norms.forEach((norm, t) => {
      if (norm > 0) path += `${t && norms[t - 1] > 0 ? "L" : "M"}${middle(t)} ${scale.y(norm)}`;
    });
    const marks = norms.map((norm, t) =>
      markOf(place, { class: norm > 0 ? "" : "rv-hollow", transform: `translate(${middle(t)} ${scale.y(norm)})`, "data-token": t }),
    );
    return svgMake("g", { "data-cell": place }, svgMake("path", { class: `rv-reach-line rv-line-${place}`, d: path }), ...marks);
  };
  // The names at the ends of the lines, moved apart where the lines end close together.
  const ends = (networks, scale, x) => {
    const APART = 17;
    const last = networks.map(({ norms }, place) => ({ place, y: scale.y(norms[norms.length - 1]) })).sort((a, b) => a.y - b.y);
    last.forEach((one, n) => (one.y = n ? Math.max(one.y, last[n - 1].y + APART) : Math.max(one.y, TOP)));
    const over = Math.max(0, last[last.length - 1].y - (TALL - 6));
    return last.map(({ place, y }) => svgMake("text", { class: `rv-reach-end rv-mark-${place}`, x, y: y - over }, nameOf(networks[place])));
  };

  const wordButton = (token, t) => {
    const node = make("button", { type: "button", class: "rv-reach-word", "data-token": t, tabindex: t ? -1 : 0, title: visible(token) }, make("bdi", {}, visible(token)));
    node.style.left = `${state.edges[t]}px`;
    node.style.width = `${state.edges[t + 1] - state.edges[t]}px`;
    return node;
  };
  const picture = () => {
    const { tokens, networks } = state.found;
    const gutter = 48;
    const beyond = 12 + Math.max(...networks.map((network) => widthOf(nameOf(network), "600 14px system-ui, sans-serif")));
    const edges = columnsOf(tokens.map((token) => [token]), gutter, state.room - beyond - 4, NARROW);
    state.edges = edges;
    const upright = edges[1] - edges[0] < LEVEL;
    const middle = (t) => (edges[t] + edges[t + 1]) / 2;
    const end = edges[edges.length - 1];
    const scale = scaleOf(networks);
    const svg = svgMake(
      "svg", { class: "rv-reach-lines", width: end + beyond, height: TALL, role: "img", "aria-label": page.say("reach_picture", { count: tokens.length }) },
      svgMake("rect", { class: "rv-column", y: 0, height: TALL, width: 0, x: 0 }),
      ...decades(scale, gutter, end),
      ...networks.map((network, place) => lineOf(network, place, scale, middle)),
      ...ends(networks, scale, middle(tokens.length - 1) + 14),
    );
    const wide = make("div", { class: upright ? "rv-reach-plot rv-upright" : "rv-reach-plot" }, svg, axis(scale, gutter), ...tokens.map(wordButton));
    wide.style.width = `${end + beyond}px`;
    wide.style.height = `${TALL + (upright ? UPRIGHT : FOOT)}px`;
    return wide;
  };

  const fillTable = () => {
    if (!details.open || !state.found?.networks) return;
    const { tokens, networks } = state.found;
    const rows = tokens.map((token, t) => [isolated(token), ...networks.map(({ norms }) => amount(norms[t]))]);
    table.replaceChildren(tableOf(page.say("reach_picture", { count: tokens.length }), [page.say("word"), ...networks.map(nameOf)], rows));
  };

  // --- questions -----------------------------------------------------------------------------------------------------

  const notice = (sentence, kind = null) => notices.replaceChildren(make("p", { class: kind }, sentence));
  const show = (found) => {
    state.found = found;
    draw();
    page.mark();
    box.dataset.seq = Number(box.dataset.seq) + 1;
  };
  const ask = page.asker("how_far_back", {
    use: show,
    fail: () => notice(page.say("offline"), "rv-alert"),
    wait: () => notice(page.say("waiting")),
  });
  const follow = () => {
    const { text, model } = page.reading;
    const question = { text, model, family: state.family };
    const key = JSON.stringify(question);
    if (key === state.asked) return;
    state.asked = key;
    ask(question);
  };

  const families = ({ families: names, family }) => {
    const title = (name) => (page.has(`family_${name}`) ? page.say(`family_${name}`) : visible(name));
    choices(switcher, names.map(title), names.indexOf(family), (place) => {
      state.family = names[place];
      follow();
    });
  };
  // What stands in the way of a picture, as a sentence; null where nothing does.
  const objection = (found) => {
    if (found.error) return page.objection(found);
    if (!found.families.length) return page.say("reach_no_family");
    return found.empty ? page.say("empty") : null;
  };

  const notesOn = ({ total, tokens }) => {
    const notes = page.holds.length ? [page.say("read_unheld")] : [];
    if (total > tokens.length) notes.push(page.say("reach_long", { count: tokens.length }));
    return notes.map((note) => make("p", {}, note));
  };

  const draw = () => {
    page.translate(box);
    if (page.reading) follow();
    const { found } = state;
    const against = found ? objection(found) : null;
    whole.hidden = !found || against !== null;
    if (against) notice(against);
    else if (found) notices.replaceChildren(...notesOn(found));
    if (found?.families?.length) families(found);
    if (whole.hidden || !state.room) return;
    told.textContent = story(found);
    about.textContent = page.say("reach_score", { label: page.classOf(found.labels[found.scored]), units: found.units });
    legend.replaceChildren(...legendOf(found));
    scroll.replaceChildren(picture());
    state.at = null;
    fillTable();
  };

  // --- the selected word ---------------------------------------------------------------------------------------------

  // Words have the same places here as in the page, as long as the page shows the text from its first word on.
  const linked = () => page.reading.start === 0;
  const mark = () => {
    const { found, edges } = state;
    if (!found?.networks || whole.hidden || !state.room) return;
    const { token } = page.here();
    const t = linked() && token < found.tokens.length ? token : null;
    if (state.at === t) return;
    state.at = t;
    const column = scroll.querySelector(".rv-column");
    column.setAttribute("x", t === null ? 0 : edges[t]);
    column.setAttribute("width", t === null ? 0 : edges[t + 1] - edges[t]);
    for (const node of scroll.querySelectorAll("[data-token]")) node.classList.toggle("rv-at", Number(node.dataset.token) === t);
    const [rnn, gru, lstm] = t === null ? [] : found.networks.map(({ norms }) => amount(norms[t]));
    readout.textContent = t === null ? "" : page.say("reach_at", { word: isolated(found.tokens[t]), rnn, gru, lstm });
  };

  const tokenAt = (event) => {
    const word = event.target.closest(".rv-reach-word");
    if (word) return Number(word.dataset.token); // a key pressed on it is a click at no place
    const x = event.clientX - scroll.getBoundingClientRect().left + scroll.scrollLeft;
    const t = state.edges.findIndex((edge, n) => x >= edge && x < state.edges[n + 1]);
    return t < 0 ? null : t;
  };
  const point = (t) => page.hover(t === null || !linked() || t >= page.reading.tokens.length ? null : { ...NOWHERE, token: t });
  scroll.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(tokenAt(event)));
  scroll.addEventListener("pointerleave", () => page.hover(null));
  scroll.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && point(Number(event.target.dataset.token)));
  scroll.addEventListener("focusout", () => page.hover(null));
  scroll.addEventListener("click", (event) => {
    const t = tokenAt(event);
    if (t === null || !linked() || t >= page.reading.tokens.length) return;
    page.hovered = NOWHERE;
    page.pin({ ...page.pinned, token: t });
  });
  details.addEventListener("toggle", fillTable);
  onWidth(scroll, () => {
    state.room = scroll.clientWidth; // asked here alone: whoever asks makes the browser lay the whole page out
    draw();
    page.mark();
  });
  return { draw, mark };
};
