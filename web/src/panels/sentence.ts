// The sentence, the model, the examples; what the server answers about them, and what is said when it objects.

import type { Empty, Objection } from "../client/contract";
import type { Chip, Destination, ModelOffer, OneOf, Payload, Props, ReadQuestion } from "../client/types";
import { type TypedReading, unpackReading } from "../model/reading";
import { sendable } from "../model/text";
import type { Page } from "../state/page";
import { button, countUp, grow, keyed, make, refill, tell } from "../ui/dom";

/** Whether the first reading came with the page. */
const isPayload = (value: Props["value"]): value is Props["value"] & Payload => value.data !== undefined;

export const sentence = (page: Page) => {
  const { root, part } = page;
  const [text, model] = [part<HTMLTextAreaElement>("#rv-text"), part<HTMLSelectElement>("#rv-model")];
  const scroll = part(".rv-scroll");
  let wanted: Destination | null = null; // a place to go to once its reading has come
  let pasted = false; // what is being asked about
  // What is said in the picture's place; a function, since the language may change.
  let blank: (() => string) | null = null;

  const drawn = (state: string) => {
    root.dataset.state = state;
    countUp(root);
  };
  const notice = (...sentences: Node[]) => {
    const box = part(".rv-notices");
    if (sentences.length || box.firstChild) refill(box, ...sentences);
  };
  const alert = (sentence: string) => notice(make("p", { class: "rv-alert" }, sentence));

  // --- notices about a reading -------------------------------------------------------------------------------------

  const times = (count: number) =>
    page.has(`times_${count}`) ? page.say(`times_${count}`) : page.say("times_many", { count });
  const about = (reading: TypedReading) => {
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
  const windowNotice = (reading: TypedReading) => {
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
    const step = (name: string, start: number, possible: boolean) => {
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

  const clear = (sentence: () => string, state: string) => {
    blank = sentence;
    part(".rv-body").classList.add("rv-blank");
    part(".rv-empty").hidden = false;
    drawn(state);
    draw();
  };

  const inSight = (token: number) => {
    const room = scroll.clientWidth - page.edges[0];
    // 0 where it is in view from the start.
    scroll.scrollLeft = Math.max(0, page.edges[token + 1] - page.edges[0] - room * 0.8);
  };
  const show = (payload: OneOf<Payload | Empty | Objection>, question: ReadQuestion) => {
    if (payload.empty) return clear(() => page.say("empty"), "empty");
    if (payload.error !== undefined && page.shown) {
      if (model.value === question.model) model.value = page.reading.model; // the picture and the model in use stay
      page.refused();
      count();
      alert(page.objection(payload));
      return drawn(root.dataset.state ?? "");
    }
    if (payload.error !== undefined) return clear(() => page.objection(payload), "error");
    const reading = { ...unpackReading(payload), payload, text: question.text, cut: question.cut };
    blank = null;
    const elsewhere = page.accept(reading, question.holds);
    part(".rv-body").classList.remove("rv-blank");
    part(".rv-empty").hidden = true;
    const gone = arrive();
    page.draw();
    // While one types, the newest word is in view; of one that was chosen or pasted, the word that story and cell speak
    // of.
    const typed = document.activeElement === text && text.selectionEnd === text.value.length && !pasted;
    if (typed) scroll.scrollLeft = scroll.scrollWidth;
    else if (elsewhere || gone || pasted) inSight(page.here().token);
    pasted = false; // the next answer may be about a gate that is held, and moves nothing
    root.dataset.model = payload.model;
    drawn("shown");
  };

  const draw = () => {
    const { shown: reading } = page;
    text.placeholder = page.say("sentence_hint");
    fillModels();
    fillChips();
    part(".rv-empty").textContent = blank?.() ?? "";
    count();
    if (blank) return notice();
    if (reading) notice(...about(reading));
  };
  const count = () => {
    const { shown: reading } = page;
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
    wait: () => {
      // Seen where it moves nothing, and heard.
      for (const place of [".rv-count", ".rv-wait"]) tell(part(place), page.say("waiting"));
    },
  });
  const ask = (more = {}) => {
    const whole = sendable(text.value);
    asker({ model: model.value, text: whole, cut: whole.length < text.value.length, start: 0, holds: [], ...more });
  };
  // Whether what stands in the boxes is what is shown, and not on its way or without an answer.
  const stands = () => page.shown?.model === model.value && page.shown.text === sendable(text.value);
  const typedIn = (event: Event) => {
    pasted = event instanceof InputEvent && ["insertFromPaste", "insertFromDrop"].includes(event.inputType);
    wanted = null;
    page.setMissing(null);
    page.stopPlaying();
    grow(text);
    ask();
  };

  // Go to a place of the page: read its text if that is not what is shown, then choose what else it names. The tour,
  // links, lessons and examples come through here.
  const go = (place: Destination) => {
    const { shown: reading } = page;
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
    page.arrive(wanted);
    wanted = null;
    return true;
  };

  // --- controls ----------------------------------------------------------------------------------------------------

  const fillModels = () => {
    const chosen = model.value || page.props.value.model;
    const { models } = page.props;
    const titles = models.map(({ name, problem }) =>
      problem ? page.say("network_unread", { name }) : page.titleOf(name),
    );
    const option = ({ name, problem }: ModelOffer, title: string) =>
      make("option", problem ? { value: name, disabled: "", title: page.objection(problem) } : { value: name }, title);
    keyed(model, titles, (place) => option(models[place], titles[place]));
    model.value = chosen;
  };
  const fillChips = () => {
    const box = part(".rv-chips");
    const chips = page.props.chips ?? [];
    box.hidden = !chips.length;
    const show = (place: Destination) => {
      page.visit(place);
      if (place.tab) page.part(".rv-views").scrollIntoView(); // the example is about a view below
    };
    const chip = ({ name, ...place }: Chip) =>
      button(page.say(`chip_${name}`), () => show(place), { class: "rv-chip", "data-chip": name });
    const names = [page.say("try"), ...chips.map(({ name }) => page.say(`chip_${name}`))];
    keyed(box, names, (place) => (place === 0 ? make("span", {}, names[0]) : chip(chips[place - 1])));
  };
  text.addEventListener("input", typedIn);
  text.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && event.preventDefault());
  model.addEventListener("change", typedIn);
  part("form").addEventListener("submit", (event) => event.preventDefault());
  page.provide({ ask, stands, alert, isBlank: () => blank !== null });

  const begin = () => {
    fillModels();
    text.value = page.props.value.text;
    grow(text);
    wanted = page.props.place ?? null;
    const { value } = page.props;
    if (isPayload(value)) show(value, { model: value.model, text: text.value, start: 0, holds: value.holds ?? [] });
    else ask();
  };
  return { draw, go, begin };
};
