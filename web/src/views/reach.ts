// How far back: the gradient of one score at every word, in an RNN, a GRU and an LSTM of equal size, on a logarithmic
// axis.

import type { NetworkReach, Reach } from "../client/contract";
import type { Instead, ReachQuestion, Reply } from "../client/types";
import { columnAt } from "../model/columns";
import { wordAlone } from "../model/place";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { all, button, closest, countUp, make, onWidth, steady, targetOf } from "../ui/dom";
import { legendMark } from "../ui/marks";
import { type TableContent, tableDetails } from "../ui/table";
import { reachPlot } from "./reachPlot";

interface State {
  found: Reply<"how_far_back"> | null;
  /** What was asked about: the network and text of the page, or a text instead of it. */
  model: string;
  text: string;
  instead?: Instead;
  asked: string | null;
  /** The family that was chosen here. */
  family: string | null;
  /** Whether the reader wants the text of the page, short as it is. */
  mine: boolean;
  edges: readonly number[];
  /** The word that is marked; undefined before anything is. */
  at: number | null | undefined;
  room: number;
}

export const reach = (box: HTMLElement, page: Page) => {
  const HARDLY = 0.01; // below this share of the largest gradient, a word is hardly heard
  const MORE = 10; // and this many times as much is much more
  const state: State = {
    found: null,
    model: "",
    text: "",
    asked: null,
    family: null,
    instead: undefined,
    mine: false,
    edges: [0],
    at: undefined,
    room: 0,
  };
  const draws = reachPlot(page);

  box.classList.add("rv-reach");
  box.dataset.seq = "0";
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
  const onward = button("", () => goOn(), {
    class: "rv-chip rv-reach-on",
    "data-say": "reach_longer",
  });
  const about = make("p", { class: "rv-note" });
  const legend = make("ul", { class: "rv-reach-legend" });
  const scroll = make("div", { class: "rv-columns" });
  const readout = make("p", { class: "rv-found" });
  const details = tableDetails(() => tableContent());
  const whole = make("div", { class: "rv-reach-whole" }, told, onward, legend, scroll, readout, about, details.node);
  box.append(switcher, notices, whole);
  walkable(switcher);
  steady(readout);
  oneStop(scroll, ".rv-reach-word");

  const nameOf = ({ cell }: NetworkReach) => page.say(`cell_${cell}`);
  const amount = (value: number) => {
    if (value === 0 || value < 1e-6 || value >= 1000) return page.small(value);
    return page.written(value, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
  };
  const left = ({ norms }: NetworkReach) => norms[0] / (Math.max(...norms) || 1);
  const part = (share: number) =>
    share < 1e-6 ? page.small(share) : page.share(share, { maximumSignificantDigits: 2 });

  // --- what is said --------------------------------------------------------------------------------------------------

  // From each network's share at the first word; null where the numbers say it all.
  const conclusion = (networks: NetworkReach[], shares: number[]) => {
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
  const story = ({ tokens, networks }: Reach) => {
    if (tokens.length === 1) return page.say("reach_single");
    const shares = networks.map(left);
    const [rnn, gru, lstm] = shares.map(part);
    const seen = conclusion(networks, shares);
    const first = page.say("reach_told", { word: isolated(tokens[0]), count: tokens.length, rnn, gru, lstm });
    return seen ? `${first} ${seen}` : first;
  };
  // A text whose beginning is lost, where that of this one is not: in the networks' own words, or else the long
  // example.
  const longer = ({ tokens, networks }: Reach) => {
    if (state.instead || (tokens.length > 1 && left(networks[0]) < HARDLY)) return null;
    const { model } = networks.find((network) => network.model === page.reading.model) ?? networks[networks.length - 1];
    const own = page.props.models.find(({ name }) => name === model)?.example;
    const text = own ?? page.props.chips?.find(({ name }) => name === "long")?.text;
    return text && text !== page.reading.text ? { model, text } : null;
  };
  const legendOf = ({ networks, labels }: Reach) =>
    networks.map((network, place) => {
      const { winner, answer } = network;
      const said = page.say("reach_answer", {
        network: nameOf(network),
        label: page.classOf(labels[winner]),
        share: page.share(answer[winner]),
      });
      return make("li", {}, legendMark(place), said);
    });

  const tableContent = (): TableContent | null => {
    if (!state.found?.networks) return null;
    const { tokens, networks } = state.found;
    return {
      caption: page.say("reach_picture", { count: tokens.length }),
      heads: [page.say("word"), ...networks.map(nameOf)],
      rows: tokens.map((token, t) => [isolated(token), ...networks.map(({ norms }) => amount(norms[t]))]),
    };
  };

  const goOn = () => {
    const place = state.found?.networks ? longer(state.found) : null;
    if (place) page.visit(place);
  };

  // --- questions -----------------------------------------------------------------------------------------------------

  const notice = (sentence: string, kind: string | null = null) =>
    notices.replaceChildren(make("p", { class: kind }, sentence));
  // Read in place of the page's own text: a text in their own words, where most of its words are unknown to these
  // networks; and at first, before the reader has chosen a text, the long example, in which the plain RNN loses the
  // beginning.
  const otherText = ({ tokens, unknown, networks }: Reach): Pick<Instead, "why" | "text"> | null => {
    const among = (name: string) => networks.some(({ model }) => model === name);
    const own = page.props.models.find(({ name, example }) => example && among(name))?.example;
    if (unknown > tokens.length / 2) return own ? { why: "unknown", text: own } : null;
    const long = page.props.chips?.find(({ name, model }) => name === "long" && among(model));
    return long && !state.mine && page.reading.text === page.props.value.text
      ? { why: "short", text: long.text }
      : null;
  };
  const show = (found: Reply<"how_far_back">, { model, text, instead }: ReachQuestion) => {
    const other = found.networks && !instead && text === page.reading.text ? otherText(found) : null;
    if (other && found.networks) {
      const { unknown, family, tokens } = found;
      return ask({ text: other.text, model, family, instead: { ...other, unknown, count: tokens.length } });
    }
    Object.assign(state, { found, model, text, instead });
    draw();
    page.mark();
    countUp(box);
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

  const families = ({ families: names, family }: { families: string[]; family?: string }) => {
    choices(switcher, names.map(page.familyOf), names.indexOf(family ?? ""), (place) => {
      state.family = names[place];
      follow();
    });
  };
  // What stands in the way of a picture, as a sentence; null where nothing does.
  const objection = (found: Reply<"how_far_back">) => {
    if (found.error !== undefined) return page.objection(found);
    if (!found.families.length) return page.say("reach_no_family");
    return found.networks ? null : page.say("empty");
  };

  const notesOn = ({ total, tokens, unknown, family, networks }: Reach) => {
    const notes: string[] = [];
    const { instead } = state;
    if (instead)
      notes.push(page.say(`reach_instead_${instead.why}`, { unknown: instead.unknown, count: instead.count }));
    else if (unknown > tokens.length / 2) notes.push(page.say("most_unknown", { unknown, count: tokens.length }));
    if (networks.every(({ model }) => model !== state.model))
      notes.push(page.say("reach_elsewhere", { family: page.familyOf(family), model: page.titleOf(state.model) }));
    if (page.holds.length) notes.push(page.say("read_unheld"));
    if (total > tokens.length) notes.push(page.say("reach_long", { count: tokens.length }));
    const list = notes.map((note) => make("p", {}, note));
    if (instead?.why === "short") list[0].append(mine);
    return list;
  };

  const draw = () => {
    page.translate(box);
    if (page.shown) follow();
    const { found } = state;
    const against = found ? objection(found) : null;
    whole.hidden = !found?.networks;
    if (against) notice(against);
    else if (found?.networks) notices.replaceChildren(...notesOn(found));
    if (found && found.error === undefined && found.families.length) families(found);
    if (!found?.networks || !state.room) return;
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
    state.at = undefined;
    details.draw();
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
    const column = there(scroll.querySelector(".rv-column"));
    column.setAttribute("x", String(t === null ? 0 : edges[t]));
    column.setAttribute("width", String(t === null ? 0 : edges[t + 1] - edges[t]));
    for (const node of all(scroll, "[data-token]")) node.classList.toggle("rv-at", Number(node.dataset.token) === t);
    const [rnn, gru, lstm] = t === null ? [] : found.networks.map(({ norms }) => amount(norms[t]));
    readout.textContent = t === null ? "" : page.say("reach_at", { word: isolated(found.tokens[t]), rnn, gru, lstm });
  };

  const tokenAt = (event: MouseEvent) => {
    if (closest(event, ".rv-reach-axis")) return null; // what lies under it is out of sight
    const word = closest(event, ".rv-reach-word");
    if (word) return Number(word.dataset.token); // a key pressed on it is a click at no place
    const x = event.clientX - scroll.getBoundingClientRect().left + scroll.scrollLeft;
    return columnAt(state.edges, x);
  };
  const point = (t: number | null) =>
    page.hover(t === null || !linked() || t >= page.reading.tokens.length ? null : wordAlone(t));
  scroll.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(tokenAt(event)));
  scroll.addEventListener("pointerleave", () => page.hover(null));
  scroll.addEventListener(
    "focusin",
    (event) => targetOf(event).matches(":focus-visible") && point(Number(targetOf(event).dataset.token)),
  );
  scroll.addEventListener("focusout", () => page.hover(null));
  scroll.addEventListener("click", (event) => {
    const t = tokenAt(event);
    if (t === null || !linked() || t >= page.reading.tokens.length) return;
    page.leave();
    page.pin({ ...page.pinned, token: t });
  });
  onWidth(scroll, () => {
    state.room = scroll.clientWidth; // asked here alone: whoever asks makes the browser lay the whole page out
    draw();
    page.mark();
  });
  return { draw, mark };
};
