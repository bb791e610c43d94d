// The sentence, the model, the examples; what the server answers about them, and what is said when it objects.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Empty, Objection } from "../client/contract";
import type { Chip, Destination, ModelOffer, OneOf, Payload, Props, ReadQuestion } from "../client/types";
import { unpackReading } from "../model/reading";
import { sendable } from "../model/text";
import type { Page, Panel } from "../state/page";
import { all, countUp, grow, tell } from "../ui/dom";
import { readingNotices } from "./readingNotices";

/** Whether the first reading came with the page. */
const isPayload = (value: Props["value"]): value is Props["value"] & Payload => value.data !== undefined;
const isPasted = (event: Event): boolean =>
  event instanceof InputEvent && ["insertFromPaste", "insertFromDrop"].includes(event.inputType);
const alertLine = (sentence: string): TemplateResult => html`<p class="rv-alert">${sentence}</p>`;

class SentencePanel implements Panel {
  private readonly page: Page;
  private readonly text: HTMLTextAreaElement;
  private readonly model: HTMLSelectElement;
  private readonly scroll: HTMLElement;
  private readonly body: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly notices: HTMLElement;
  private readonly counted: HTMLElement;
  private readonly waiting: HTMLElement;
  private readonly about: ReturnType<typeof readingNotices>;
  private readonly asker: (question: ReadQuestion) => void;
  /** A place to go to once its reading has come. */
  private wanted: Destination | null = null;
  /** Whether what is being asked about was pasted. */
  private pasted = false;
  /** The network of a question without an answer yet. */
  private asked: string | null = null;
  /** Why nothing is held where a place asked for it. */
  private unheld: Objection | null = null;
  /** What is said in the picture's place; a function, since the language may change. */
  private blank: (() => string) | null = null;

  constructor(page: Page) {
    this.page = page;
    this.text = page.part("#rv-text");
    this.model = page.part("#rv-model");
    this.scroll = page.part(".rv-scroll");
    this.body = page.part(".rv-body");
    this.empty = page.part(".rv-empty");
    this.notices = page.part(".rv-notices");
    this.counted = page.part(".rv-count");
    this.waiting = page.part(".rv-wait");
    this.about = readingNotices(page);
    this.asker = page.asker("read_sentence", {
      again: true,
      use: (reply, question: ReadQuestion) => this.show(reply, question),
      fail: () => this.keep(page.offline()),
      // Seen where it moves nothing, and heard.
      wait: () => {
        for (const place of [this.counted, this.waiting]) tell(place, page.say("waiting"));
      },
    });
    // Where Python answers meanwhile, nobody waits for a network.
    if (!page.host.python) page.host.engine?.onProgress((name, share) => this.fetching(name, share));
    this.listen();
  }

  /** The first picture: the reading that came with the page, or that of its text. */
  begin(): void {
    const { page, text } = this;
    const { value, place } = page.props;
    this.drawModels();
    text.value = value.text;
    grow(text);
    this.wanted = place ?? null;
    if (isPayload(value))
      this.show(value, { model: value.model, text: text.value, start: 0, holds: value.holds ?? [] });
    else this.ask();
  }

  draw(): void {
    const { page } = this;
    this.text.placeholder = page.say("sentence_hint");
    this.drawModels();
    this.drawChips();
    this.empty.textContent = this.blank?.() ?? "";
    this.count();
    if (this.blank) this.notice([]);
    else if (page.shown) this.notice(this.about.of(page.shown));
  }

  // --- answers -------------------------------------------------------------------------------------------------------

  private show(reply: OneOf<Payload | Empty | Objection>, question: ReadQuestion): void {
    const { page } = this;
    this.asked = null;
    if (reply.error !== undefined && this.wanted?.holds?.length) {
      // A link may hold what this network does not have: the text is read all the same, and it is said.
      this.unheld = reply;
      this.go({ ...this.wanted, holds: [] });
    } else if (reply.empty) this.clear(() => page.say("empty"), "empty");
    else if (reply.error === undefined) this.accept(reply, question);
    else if (page.shown) this.refuse(reply, question);
    else this.clear(() => page.objection(reply), "error");
  }
  private refuse(objection: Objection, question: ReadQuestion): void {
    const { page, model } = this;
    this.unheld = null;
    if (model.value === question.model) model.value = page.reading.model; // the picture and the model in use stay
    this.keep(page.objection(objection));
    this.drawn(page.root.dataset.state ?? "");
  }
  private accept(payload: Payload, question: ReadQuestion): void {
    const { page, scroll } = this;
    const unpacked = unpackReading(payload);
    // What comes next changes at every letter: no such change is told of.
    const isNext = page.tellsNext(payload.model);
    const turns = isNext ? unpacked.turns.map(() => false) : unpacked.turns;
    const reading = { ...unpacked, turns, payload, text: question.text, cut: question.cut };
    this.blank = null;
    const elsewhere = page.accept(reading, question.holds);
    this.body.classList.remove("rv-blank");
    this.empty.hidden = true;
    const gone = this.arrive();
    page.draw();
    // While one types, the newest word is in view; of one that was chosen or pasted, the word that story and cell speak
    // of.
    if (this.isTyping()) scroll.scrollLeft = scroll.scrollWidth;
    else if (elsewhere || gone || this.pasted) this.bringIntoView(page.here().token);
    this.pasted = false; // the next answer may be about a gate that is held, and moves nothing
    page.root.dataset.model = payload.model;
    if (this.unheld) this.alert(page.objection(this.unheld));
    this.unheld = null;
    this.drawn("shown");
  }
  private isTyping(): boolean {
    const { text } = this;
    return document.activeElement === text && text.selectionEnd === text.value.length && !this.pasted;
  }
  private bringIntoView(token: number): void {
    const { edges } = this.page;
    const room = this.scroll.clientWidth - edges[0];
    // 0 where it is in view from the start.
    this.scroll.scrollLeft = Math.max(0, edges[token + 1] - edges[0] - room * 0.8);
  }
  /** Say something in the picture's place. */
  private clear(sentence: () => string, state: string): void {
    this.blank = sentence;
    this.body.classList.add("rv-blank");
    this.empty.hidden = false;
    this.drawn(state);
    this.draw();
  }
  /** The picture stays, and it is said why no other came. */
  private keep(sentence: string): void {
    this.asked = null;
    delete this.page.root.dataset.coming;
    this.page.refused();
    this.count();
    this.alert(sentence);
  }
  private drawn(state: string): void {
    delete this.page.root.dataset.coming;
    this.page.root.dataset.state = state;
    countUp(this.page.root);
  }

  // --- questions -----------------------------------------------------------------------------------------------------

  ask(more: Partial<ReadQuestion> = {}): void {
    const { page, text, model } = this;
    const sent = sendable(text.value);
    const cut = sent.length < text.value.length;
    this.asked = model.value;
    if (page.shown && model.value !== page.shown.model) page.root.dataset.coming = model.value;
    this.asker({ model: model.value, text: sent, cut, start: 0, holds: [], ...more });
  }
  /** Whether what stands in the boxes is what is shown, and not on its way or without an answer. */
  private stands(): boolean {
    const { shown } = this.page;
    return shown?.model === this.model.value && shown.text === sendable(this.text.value);
  }
  private typed(event: Event): void {
    this.pasted = isPasted(event);
    this.wanted = null;
    this.page.setMissing(null);
    this.page.stopPlaying();
    grow(this.text);
    this.ask();
  }

  /** Go to a place of the page: read its text if that is not what is shown, then choose what else it names. The tour,
   * links, lessons and examples come through here. */
  go(place: Destination): void {
    const { page, text, model } = this;
    this.wanted = place;
    if (place.model !== undefined) model.value = place.model;
    if (place.text !== undefined) text.value = place.text;
    grow(text);
    const start = place.start ?? 0;
    const isShown = page.shown?.start === start && !this.blank && this.stands();
    if (isShown && !place.holds && !page.holds.length) {
      this.arrive();
      page.draw();
      this.drawn("shown");
    } else this.ask({ start, holds: place.holds ?? [] });
  }
  /** Choose what the wanted place names, once its text is shown. */
  private arrive(): boolean {
    const { page, wanted } = this;
    if (!wanted || (wanted.text !== undefined && sendable(wanted.text) !== page.reading.text)) return false;
    page.arrive(wanted);
    this.wanted = null;
    return true;
  }

  // --- what is drawn -------------------------------------------------------------------------------------------------

  private alert(sentence: string): void {
    this.notice([alertLine(sentence)]);
  }
  private notice(lines: TemplateResult[]): void {
    render(lines, this.notices);
    const focused = document.activeElement;
    if (!(focused instanceof HTMLButtonElement) || !focused.disabled || !this.notices.contains(focused)) return;
    // The first or last window is reached: the focus goes to the button that still leads somewhere.
    all<HTMLButtonElement>(this.notices, "button:not(:disabled)")[0]?.focus({ preventScroll: true });
  }
  /** How much of the network that is asked for has come. */
  private fetching(name: string, share: number): void {
    if (name === this.asked && share < 1)
      tell(this.counted, this.page.say("fetching_network", { share: this.page.share(share) }));
  }
  private count(): void {
    const { page } = this;
    const { shown: reading } = page;
    const unknown = reading?.unknown_total ? page.say("counted_unknown", { count: reading.unknown_total }) : "";
    tell(this.waiting, "");
    tell(this.counted, this.blank || !reading ? "" : page.say("counted", { count: reading.read }) + unknown);
  }
  private drawModels(): void {
    const { page, model } = this;
    const chosen = model.value || page.props.value.model;
    const option = ({ name, problem }: ModelOffer) => html`<option
      value=${name} ?disabled=${Boolean(problem)} title=${problem ? page.objection(problem) : nothing}
    >${problem ? page.say("network_unread", { name }) : page.titleOf(name)}</option>`;
    render(page.props.models.map(option), model);
    model.value = chosen;
  }
  private drawChips(): void {
    const { page } = this;
    const box = page.part(".rv-chips");
    const all = page.props.chips ?? [];
    const own = all.filter((chip) => chip.title !== undefined && chip.model === this.model.value);
    const others = all.filter((chip) => chip.title === undefined);
    const [door] = all.filter((chip) => chip.title !== undefined); // to the first network with examples of its own
    const chips = own.length ? [...others.slice(0, 1), ...own] : [...others, ...(door ? [door] : [])];
    box.hidden = !chips.length;
    const visit = (place: Destination) => {
      page.visit(place);
      if (place.tab) page.part(".rv-views").scrollIntoView(); // the example is about a view below
    };
    const chip = ({ name, title, lang, ...place }: Chip) => html`<button
      type="button" class="rv-chip" data-chip=${name} lang=${lang ?? nothing} @click=${() => visit(place)}
    >${title ?? page.say(`chip_${name}`)}</button>`;
    render([html`<span>${page.say("try")}</span>`, ...chips.map(chip)], box);
  }

  private listen(): void {
    const { page, text, model } = this;
    text.addEventListener("input", (event) => this.typed(event));
    // A line feed is a letter; where words are read, it is none.
    const reads = () => page.kindOf(model.value).tokens;
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && reads() === "words") event.preventDefault();
    });
    model.addEventListener("change", (event) => this.typed(event));
    page.part("form").addEventListener("submit", (event) => event.preventDefault());
    page.provide({
      ask: (question) => this.ask(question),
      stands: () => this.stands(),
      alert: (sentence) => this.alert(sentence),
      isBlank: () => this.blank !== null,
    });
  }
}

export type { SentencePanel };
export const sentence = (page: Page) => new SentencePanel(page);
