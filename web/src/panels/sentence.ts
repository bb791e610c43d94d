// The sentence, the model, the examples; what the server answers about them, and what is said when it objects.

import { unpackReading } from "../model/reading";
import { sendable } from "../model/text";
import { NOWHERE } from "../state/page";
import { button, grow, keyed, make, refill, tell } from "../ui/dom";

export const sentence = (page) => {
  const { root, part } = page;
  const [text, model] = [part("#rv-text"), part("#rv-model")];
  const scroll = part(".rv-scroll");
  let wanted = null; // a place to go to once its reading has come
  let pasted = false; // what is being asked about
  let blank = null; // what is said in the picture's place; a function, since the language may change

  const drawn = (state) => {
    root.dataset.state = state;
    root.dataset.seq = Number(root.dataset.seq) + 1;
  };
  const notice = (...sentences) => {
    const box = part(".rv-notices");
    if (sentences.length || box.firstChild) refill(box, ...sentences);
  };
  const alert = (sentence) => notice(make("p", { class: "rv-alert" }, sentence));

  // --- notices about a reading -------------------------------------------------------------------------------------

  const times = (count) =>
    page.has(`times_${count}`) ? page.say(`times_${count}`) : page.say("times_many", { count });
  const about = (reading) => {
    const list = page.missing
      ? [make("p", {}, page.say("link_model", { model: page.missing, other: page.titleOf(reading.model) }))]
      : [];
    const example = page.props.models.find(({ name }) => name === reading.model)?.example;
    const known = reading.unknown_total < reading.read;
    const foreign = !known || (example && reading.unknown_total > reading.read / 2);
    if (!known && reading.total === 1) list.push(make("p", {}, page.say("one_unknown")));
    if (!known && reading.total > 1 && reading.read === reading.total) {
      list.push(make("p", {}, page.say("all_unknown", { count: reading.total, times: times(reading.total) })));
    }
    if (known && foreign)
      list.push(make("p", {}, page.say("most_unknown", { unknown: reading.unknown_total, count: reading.read })));
    const letters = reading.text.match(/\p{L}/gu) ?? [];
    if (letters.filter((letter) => !/\p{Script=Latin}/u.test(letter)).length > letters.length / 4)
      list.push(make("p", {}, page.say("reads_english")));
    if (foreign && example) list.at(-1)?.append(button(page.say("own_words"), () => page.visit({ text: example })));
    if (reading.windowed) list.push(windowNotice(reading));
    if (reading.cut) list.push(make("p", {}, page.say("text_cut", { count: reading.text.length })));
    return list;
  };
  const windowNotice = (reading) => {
    const [first, last] = [reading.start + 1, reading.start + reading.tokens.length];
    const note = make(
      "p",
      {},
      page.say(reading.read < reading.total ? "window" : "window_all", {
        first,
        last,
        count: reading.total,
        read: reading.read,
      }),
    );
    const step = (name, start, possible) => {
      const node = button(page.say(name), () => ask({ start, holds: page.holds }));
      node.disabled = !possible;
      return node;
    };
    note.append(
      step("earlier", Math.max(0, reading.start - reading.size), reading.start > 0),
      step("later", reading.start + reading.size, last < reading.read),
    );
    return note;
  };

  // --- answers -----------------------------------------------------------------------------------------------------

  const clear = (sentence, state) => {
    blank = sentence;
    part(".rv-body").classList.add("rv-blank");
    part(".rv-empty").hidden = false;
    drawn(state);
    draw();
  };

  // Layer, direction, signal and pin outlive a new reading as far as they still mean the same.
  const keepPlace = (before, reading) => {
    const shape = ({ cell, layers, directions, units }) => [cell, layers, directions, units].join();
    if (!before || shape(before) !== shape(reading)) {
      Object.assign(page.view, { layer: reading.layers - 1, direction: 0 });
      page.pinned = { ...page.pinned, unit: null };
    }
    page.view.signal = reading.signal(page.view.wish) ? page.view.wish : reading.memory;
    page.hovered = NOWHERE;
    page.played = null;
    const elsewhere = !before || before.model !== reading.model || before.start !== reading.start;
    const { token } = page.pinned;
    if (page.range?.[1] >= reading.tokens.length) page.range = null;
    if (elsewhere || (token !== null && before.tokens[token] !== reading.tokens[token])) page.letGo();
    return elsewhere;
  };

  const inSight = (token) => {
    const room = scroll.clientWidth - page.edges[0];
    scroll.scrollLeft = Math.max(0, page.edges[token + 1] - page.edges[0] - room * 0.8); // 0 where it is in view from the start
  };
  const show = (payload, question) => {
    if (payload.empty) return clear(() => page.say("empty"), "empty");
    if (payload.error && page.reading) {
      if (model.value === question.model) model.value = page.reading.model; // the picture and the model in use stay
      page.refused();
      count();
      alert(page.objection(payload));
      return drawn(root.dataset.state);
    }
    if (payload.error) return clear(() => page.objection(payload), "error");
    const before = page.reading;
    page.reading = { ...unpackReading(payload), payload, text: question.text, cut: question.cut };
    blank = null;
    page.holds = question.holds ?? [];
    const elsewhere = keepPlace(before, page.reading);
    part(".rv-body").classList.remove("rv-blank");
    part(".rv-empty").hidden = true;
    const gone = arrive();
    page.draw();
    // While one types, the newest word is in view; of one that was chosen or pasted, the word that story and cell speak of.
    const typed = document.activeElement === text && text.selectionEnd === text.value.length && !pasted;
    if (typed) scroll.scrollLeft = scroll.scrollWidth;
    else if (elsewhere || gone || pasted) inSight(page.here().token);
    pasted = false; // the next answer may be about a gate that is held, and moves nothing
    root.dataset.model = payload.model;
    drawn("shown");
  };

  const draw = () => {
    const { reading } = page;
    text.placeholder = page.say("sentence_hint");
    fillModels();
    fillChips();
    part(".rv-empty").textContent = blank?.() ?? "";
    count();
    if (blank) return notice();
    if (reading) notice(...about(reading));
  };
  const count = () => {
    const { reading } = page;
    const unknown = reading?.unknown_total ? page.say("counted_unknown", { count: reading.unknown_total }) : "";
    tell(part(".rv-wait"), "");
    tell(part(".rv-count"), blank || !reading ? "" : page.say("counted", { count: reading.read }) + unknown);
  };

  // --- questions ---------------------------------------------------------------------------------------------------

  const asker = page.asker("read_sentence", {
    again: true,
    use: show,
    fail: () => {
      page.refused();
      count();
      alert(page.say("offline"));
    },
    wait: () => [".rv-count", ".rv-wait"].forEach((place) => tell(part(place), page.say("waiting"))), // seen where it moves nothing, and heard
  });
  const ask = (more = {}) => {
    const whole = sendable(text.value);
    asker({ model: model.value, text: whole, cut: whole.length < text.value.length, start: 0, holds: [], ...more });
  };
  // Whether what stands in the boxes is what is shown, and not on its way or without an answer.
  const stands = () => page.reading.model === model.value && page.reading.text === sendable(text.value);
  const typedIn = ({ inputType }) => {
    pasted = ["insertFromPaste", "insertFromDrop"].includes(inputType);
    wanted = page.missing = null;
    page.stopPlaying();
    grow(text);
    ask();
  };

  // Go to a place of the page: {model, text, start, holds} are read if they are not what is shown, then what else is
  // given is chosen: {token, unit, layer, direction, signal, all, range}, and in `at` the unit's own layer and direction. Tour, links, lessons and examples come through here.
  const go = (place) => {
    const { reading } = page;
    wanted = place;
    if (place.model !== undefined) model.value = place.model;
    if (place.text !== undefined) text.value = place.text;
    grow(text);
    const start = place.start ?? 0;
    const same = reading && !blank && stands() && reading.start === start;
    if (same && !place.holds && !page.holds.length) {
      arrive();
      page.draw();
      drawn("shown");
    } else ask({ start, holds: place.holds ?? [] });
  };
  const arrive = () => {
    const { reading } = page;
    if (!wanted || (wanted.text !== undefined && sendable(wanted.text) !== reading.text)) return false;
    const { token, unit, layer, direction, at, signal, all, range } = wanted;
    wanted = null;
    const inside = (value, count) => Number.isInteger(value) && value >= 0 && value < count;
    if (reading.signal(signal)) page.view.signal = page.view.wish = signal;
    if (layer === "all" || inside(layer, reading.layers)) page.view.layer = layer;
    if (direction === "both" || inside(direction, reading.directions)) page.view.direction = direction;
    if (all !== undefined) page.view.all = Boolean(all);
    const [block] =
      at && inside(at.layer, reading.layers) && inside(at.direction, reading.directions) ? [at] : page.blocks();
    const pinned = {
      token: inside(token, reading.tokens.length) ? token : null,
      unit: inside(unit, reading.units) ? unit : null,
    };
    page.pinned =
      pinned.token === null && pinned.unit === null
        ? NOWHERE
        : { ...pinned, layer: block.layer, direction: block.direction };
    page.range =
      Array.isArray(range) && range.length === 2 && range.every((t) => inside(t, reading.tokens.length)) ? range : null;
    return true;
  };

  // --- controls ----------------------------------------------------------------------------------------------------

  const fillModels = () => {
    const chosen = model.value || page.props.value.model;
    const { models } = page.props;
    const titles = models.map(({ name, problem }) =>
      problem ? page.say("network_unread", { name }) : page.titleOf(name),
    );
    const option = ({ name, problem }, title) =>
      make("option", problem ? { value: name, disabled: "", title: page.objection(problem) } : { value: name }, title);
    keyed(model, titles, (place) => option(models[place], titles[place]));
    model.value = chosen;
  };
  const fillChips = () => {
    const box = part(".rv-chips");
    const { chips = [] } = page.props;
    box.hidden = !chips.length;
    const show = (place) => {
      page.visit(place);
      if (place.tab) page.part(".rv-views").scrollIntoView(); // the example is about a view below
    };
    const chip = ({ name, ...place }) =>
      button(page.say(`chip_${name}`), () => show(place), { class: "rv-chip", "data-chip": name });
    const names = [page.say("try"), ...chips.map(({ name }) => page.say(`chip_${name}`))];
    keyed(box, names, (place) => (place === 0 ? make("span", {}, names[0]) : chip(chips[place - 1])));
  };
  text.addEventListener("input", typedIn);
  text.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && event.preventDefault());
  model.addEventListener("change", typedIn);
  part("form").addEventListener("submit", (event) => event.preventDefault());
  page.ask = ask;
  page.stands = stands;
  page.alert = alert;
  page.isBlank = () => blank !== null;

  const begin = () => {
    fillModels();
    text.value = page.props.value.text;
    grow(text);
    wanted = page.props.place ?? null;
    if (page.props.value.data) show(page.props.value, { text: text.value, holds: page.props.value.holds });
    else ask();
  };
  return { draw, go, begin };
};
