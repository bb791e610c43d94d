// How far back: the gradient of one score at every word, in an RNN, a GRU and an LSTM of equal size, on a logarithmic axis.

import { isolated, visible } from "../model/text";
import { NOWHERE } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { button, make, onWidth, steady, svgMake } from "../ui/dom";
import { markOf } from "../ui/marks";
import { tableOf } from "../ui/table";
import { reachPlot } from "./reachPlot";

export const reach = (box, page) => {
  const HARDLY = 0.01; // below this share of the largest gradient, a word is hardly heard
  const MORE = 10; // and this many times as much is much more
  const state = {
    found: null,
    model: null,
    text: null,
    asked: null,
    family: null,
    instead: null,
    mine: false,
    edges: [0],
    at: null,
    room: 0,
  };
  const draws = reachPlot(page);

  box.classList.add("rv-reach");
  box.dataset.seq = 0;
  const switcher = make("div", { class: "rv-tabs", role: "radiogroup", "data-say-label": "reach_family" });
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const told = make("p", { class: "rv-said", "aria-live": "polite", tabindex: -1 });
  const mine = button(
    "",
    () => {
      state.mine = true;
      state.asked = null;
      follow();
      told.focus({ preventScroll: true });
    },
    { "data-say": "reach_mine" },
  );
  const onward = button("", () => page.visit(longer(state.found)), {
    class: "rv-chip rv-reach-on",
    "data-say": "reach_longer",
  });
  const about = make("p", { class: "rv-note" });
  const legend = make("ul", { class: "rv-reach-legend" });
  const scroll = make("div", { class: "rv-columns" });
  const readout = make("p", { class: "rv-found" });
  const table = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const details = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), table);
  const whole = make("div", { class: "rv-reach-whole" }, told, onward, legend, scroll, readout, about, details);
  box.append(switcher, notices, whole);
  walkable(switcher);
  steady(readout);
  oneStop(scroll, ".rv-reach-word");

  const nameOf = ({ cell }) => page.say(`cell_${cell}`);
  const familyOf = (name) => (page.has(`family_${name}`) ? page.say(`family_${name}`) : visible(name));
  const amount = (value) => {
    if (value === 0 || value < 1e-6 || value >= 1000) return page.small(value);
    return page.written(value, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
  };
  const left = ({ norms }) => norms[0] / (Math.max(...norms) || 1);
  const part = (share) => (share < 1e-6 ? page.small(share) : page.share(share, { maximumSignificantDigits: 2 }));

  // --- what is said --------------------------------------------------------------------------------------------------

  // From each network's share at the first word; null where the numbers say it all.
  const conclusion = (networks, shares) => {
    const ranked = networks
      .map((network, place) => ({ network, share: shares[place] }))
      .sort((one, other) => other.share - one.share);
    const [strong, , weak] = ranked;
    const heard = ranked.filter(({ share }) => share >= HARDLY).length;
    if (heard === 0) return page.say("reach_none");
    if (heard === 3 && strong.share < MORE * weak.share) return page.say("reach_near");
    const short = strong.network.cell === "rnn" ? ` ${page.say("reach_short")}` : "";
    if (heard === 3) {
      const times = page.written(strong.share / weak.share, { maximumSignificantDigits: 2 });
      return page.say(weak.network.cell === "rnn" ? "reach_weaker" : "reach_unlike", { times }) + short;
    }
    if (ranked[heard - 1].share < MORE * ranked[heard].share) return null;
    if (heard === 1) return page.say("reach_only", { network: nameOf(strong.network) }) + short;
    return weak.network.cell === "rnn"
      ? page.say("reach_vanished")
      : page.say("reach_lost", { network: nameOf(weak.network) });
  };
  const story = ({ tokens, networks }) => {
    if (tokens.length === 1) return page.say("reach_single");
    const shares = networks.map(left);
    const [rnn, gru, lstm] = shares.map(part);
    const seen = conclusion(networks, shares);
    const first = page.say("reach_told", { word: isolated(tokens[0]), count: tokens.length, rnn, gru, lstm });
    return seen ? `${first} ${seen}` : first;
  };
  // A text whose beginning is lost, where that of this one is not: in the networks' own words, or else the long example.
  const longer = ({ tokens, networks }) => {
    if (state.instead || (tokens.length > 1 && left(networks[0]) < HARDLY)) return null;
    const { model } = networks.find((network) => network.model === page.reading.model) ?? networks[networks.length - 1];
    const own = page.props.models.find(({ name }) => name === model)?.example;
    const text = own ?? page.props.chips?.find(({ name }) => name === "long")?.text;
    return text && text !== page.reading.text ? { model, text } : null;
  };
  const legendOf = ({ networks, labels }) =>
    networks.map((network, place) => {
      const { winner, answer } = network;
      const said = page.say("reach_answer", {
        network: nameOf(network),
        label: page.classOf(labels[winner]),
        share: page.share(answer[winner]),
      });
      return make(
        "li",
        {},
        svgMake("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" }, markOf(place)),
        said,
      );
    });

  const fillTable = () => {
    if (!details.open || !state.found?.networks) return;
    const { tokens, networks } = state.found;
    const rows = tokens.map((token, t) => [isolated(token), ...networks.map(({ norms }) => amount(norms[t]))]);
    table.replaceChildren(
      tableOf(page.say("reach_picture", { count: tokens.length }), [page.say("word"), ...networks.map(nameOf)], rows),
    );
  };

  // --- questions -----------------------------------------------------------------------------------------------------

  const notice = (sentence, kind = null) => notices.replaceChildren(make("p", { class: kind }, sentence));
  // Read in place of the page's own text: a text in their own words, where most of its words are unknown to these
  // networks; and at first, before the reader has chosen a text, the long example, in which the plain RNN loses the beginning.
  const otherText = ({ tokens, unknown, networks }) => {
    const among = (name) => networks.some(({ model }) => model === name);
    const own = page.props.models.find(({ name, example }) => example && among(name))?.example;
    if (unknown > tokens.length / 2) return own ? { why: "unknown", text: own } : null;
    const long = page.props.chips?.find(({ name, model }) => name === "long" && among(model));
    return long && !state.mine && page.reading.text === page.props.value.text
      ? { why: "short", text: long.text }
      : null;
  };
  const show = (found, { model, text, instead = null }) => {
    const other = found.networks && !instead && text === page.reading.text ? otherText(found) : null;
    const known = { unknown: found.unknown, count: found.tokens?.length };
    if (other) return ask({ text: other.text, model, family: found.family, instead: { ...other, ...known } });
    Object.assign(state, { found, model, text, instead });
    draw();
    page.mark();
    box.dataset.seq = Number(box.dataset.seq) + 1;
  };
  const ask = page.asker("how_far_back", {
    again: true,
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
    choices(switcher, names.map(familyOf), names.indexOf(family), (place) => {
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

  const notesOn = ({ total, tokens, unknown, family, networks }) => {
    const notes = [];
    const { instead } = state;
    if (instead) notes.push(page.say(`reach_instead_${instead.why}`, instead));
    else if (unknown > tokens.length / 2) notes.push(page.say("most_unknown", { unknown, count: tokens.length }));
    if (networks.every(({ model }) => model !== state.model))
      notes.push(page.say("reach_elsewhere", { family: familyOf(family), model: page.titleOf(state.model) }));
    if (page.holds.length) notes.push(page.say("read_unheld"));
    if (total > tokens.length) notes.push(page.say("reach_long", { count: tokens.length }));
    const list = notes.map((note) => make("p", {}, note));
    if (instead?.why === "short") list[0].append(mine);
    return list;
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
    const enough = longer(found) === null;
    if (enough && onward === document.activeElement) told.focus({ preventScroll: true });
    onward.hidden = enough;
    about.textContent = page.say("reach_score", {
      label: page.classOf(found.labels[found.scored]),
      units: found.units,
    });
    legend.replaceChildren(...legendOf(found));
    const { picture, edges } = draws(found, state.room);
    state.edges = edges;
    scroll.replaceChildren(picture);
    state.at = null;
    fillTable();
  };

  // --- the selected word ---------------------------------------------------------------------------------------------

  // Words have the same places here as in the page, as long as the page shows this text from its first word on.
  const linked = () => page.reading.start === 0 && page.reading.text === state.text;
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
    for (const node of scroll.querySelectorAll("[data-token]"))
      node.classList.toggle("rv-at", Number(node.dataset.token) === t);
    const [rnn, gru, lstm] = t === null ? [] : found.networks.map(({ norms }) => amount(norms[t]));
    readout.textContent = t === null ? "" : page.say("reach_at", { word: isolated(found.tokens[t]), rnn, gru, lstm });
  };

  const tokenAt = (event) => {
    if (event.target.closest(".rv-reach-axis")) return null; // what lies under it is out of sight
    const word = event.target.closest(".rv-reach-word");
    if (word) return Number(word.dataset.token); // a key pressed on it is a click at no place
    const x = event.clientX - scroll.getBoundingClientRect().left + scroll.scrollLeft;
    const t = state.edges.findIndex((edge, n) => x >= edge && x < state.edges[n + 1]);
    return t < 0 ? null : t;
  };
  const point = (t) =>
    page.hover(t === null || !linked() || t >= page.reading.tokens.length ? null : { ...NOWHERE, token: t });
  scroll.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(tokenAt(event)));
  scroll.addEventListener("pointerleave", () => page.hover(null));
  scroll.addEventListener(
    "focusin",
    (event) => event.target.matches(":focus-visible") && point(Number(event.target.dataset.token)),
  );
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
