// Write: a network that tells the next letter goes on with a text, letter by letter, in this browser.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { BrowserEngine } from "../client/browserEngine";
import type { Finding } from "../client/contract";
import type { Known } from "../client/types";
import { limits, memoryOf, SIGNALS } from "../engine/signals";
import type { Watched, Writing } from "../engine/write";
import { MOST_LETTERS } from "../engine/writers";
import { colourOf, css, inkOn, isDark } from "../model/colours";
import { clamp } from "../model/numbers";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import {
  bitsOf,
  fitted,
  forked,
  LETTER_COLUMNS,
  letterRows,
  MOST_BITS,
  partingOf,
  programOf,
  settingsOf,
  unitsOf,
  type WritingSettings,
} from "../model/writing";
import type { Page } from "../state/page";
import { closest, countUp, steady } from "../ui/dom";
import { fileName, give } from "../ui/give";
import type { Savable, Saves } from "../ui/saveData";
import { stepper } from "../ui/stepper";
import { findings } from "../writing/findings";
import { type Chosen, choiceCard } from "../writing/writeChoice";
import {
  beginning,
  colours,
  drawing,
  holding,
  player,
  type WriteActions,
  type WriteShown,
} from "../writing/writeControls";
import { notesOf, partingTold, storyOf, type Told } from "../writing/writeSentences";
import { WriteSide } from "../writing/writeSide";
import { type Look, WriteText } from "../writing/writeText";
import type { View } from "./views";

const STEP_MS = 40;
/** So many letters are made before they are shown. */
const AHEAD = 24;
/** While a text is made anew, the one before stays for so long. */
const PATIENCE_MS = 400;

interface Pointed {
  side: 0 | 1;
  place: number;
}

class WriteView implements View, WriteActions {
  readonly saves: Saves = { write: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly engine: BrowserEngine;
  /** With nothing held, and with something held. */
  private readonly sides: readonly [WriteSide, WriteSide];
  private readonly texts: readonly [WriteText, WriteText];
  private readonly steps = stepper(
    STEP_MS,
    () => this.next(),
    () => this.update(),
  );
  private settings = settingsOf("");
  private known: Known = {};
  private model = "";
  private pinned: Pointed | null = null;
  private hovered: Pointed | null = null;
  private changedAt = 0;

  constructor(box: HTMLElement, page: Page, engine: BrowserEngine) {
    this.box = box;
    this.page = page;
    this.engine = engine;
    box.classList.add("rv-write");
    box.dataset.seq = "0";
    const changed = () => this.update();
    this.sides = [new WriteSide(engine, changed), new WriteSide(engine, changed)];
    this.render();
    this.texts = [new WriteText(this.part(".rv-write-free")), new WriteText(this.part(".rv-write-held"))];
    steady(this.part(".rv-write-told"));
    this.listen();
  }
  private part(selector: string): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(selector));
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    const { model } = page.reading;
    if (model !== this.model) this.begin(model);
    else this.adopt(page.writingOf(model) ?? this.settings);
    this.update();
  }
  close(): void {
    this.steps.stop();
  }

  /** Another network: what a link asks for or it showed before, else the first of its examples. */
  private begin(model: string): void {
    const { page } = this;
    this.model = model;
    this.known = {};
    const example = page.props.chips?.find((chip) => chip.model === model)?.text ?? page.reading.text;
    this.adopt(page.writingOf(model) ?? settingsOf(example));
    page.about(model).then((known) => {
      if (this.model !== model) return;
      this.known = known;
      this.set(fitted(this.settings, known));
      this.update();
    });
  }
  private adopt(settings: WritingSettings): void {
    if (settings === this.settings) return;
    this.steps.halt();
    this.pinned = null;
    this.hovered = null;
    this.set(fitted(settings, this.known));
    this.changedAt = performance.now();
  }
  private set(part: Partial<WritingSettings>): void {
    this.settings = { ...this.settings, ...part };
    this.page.setWriting(this.model, this.settings);
  }

  // --- what may be done ----------------------------------------------------------------------------------------------

  readonly change = (part: Partial<WritingSettings>): void => {
    if (part.start !== undefined) {
      this.steps.halt();
      this.pinned = null;
      if (this.settings.seeds.length > 1) this.set({ seeds: this.settings.seeds.slice(0, 1) }); // forks are of the old text
    }
    this.set(part);
    this.changedAt = performance.now();
    this.update();
  };
  readonly play = (): void => {
    if (this.steps.running) this.steps.stop();
    else if (this.hasMore()) this.steps.start();
    this.update();
  };
  readonly rewind = (): void => {
    this.steps.halt();
    this.pinned = null;
    this.set({ length: 0 });
    this.update();
  };
  readonly step = (): void => {
    this.steps.halt();
    this.set({ length: this.settings.length + 1 });
    this.update();
  };
  readonly save = (): void => {
    const { model, settings } = this;
    const [free, held] = [0, 1].map((side) => this.told(side as 0 | 1));
    const tokens = ({ letters, start }: Told) => letters.slice(start).map(({ token }) => token);
    const units = this.heldUnits();
    const parts = [settings.start + tokens(free).join("")];
    if (units) parts.push(this.heldName(), settings.start + tokens(held).join(""));
    const seeds = settings.seeds.map(({ at, seed }) => `${at}: ${seed}`).join(", ");
    const programs = [programOf(model, settings, tokens(free), null)];
    if (units) programs.push(programOf(model, settings, tokens(held), units));
    parts.push(`network: ${model}\nseeds by written letter: ${seeds}\n${programs.join("\n")}\n`);
    give(new Blob([parts.join("\n\n----\n\n")], { type: "text/plain" }), fileName(model, "wrote", "txt"));
  };
  /** The letters that are shown, as a table. */
  private savable(): Savable | null {
    const { model, settings } = this;
    const { start, seeds, temperature, topK, hold } = settings;
    const sides = this.active().map((_, side) => this.told(side as 0 | 1));
    if (!sides[0].start) return null;
    const data: ViewData = {
      what: "write",
      networks: [model],
      texts: [start],
      settings: { seeds, temperature, top_k: topK, held: this.heldUnits() && hold },
      columns: LETTER_COLUMNS,
      rows: sides.flatMap((told, side) => letterRows(side ? "held" : "free", told)),
    };
    return { data };
  }
  /** Keep so many written letters, and go on from there with another seed. */
  private readonly fork = (at: number): void => {
    this.pinned = null;
    this.change({ seeds: forked(this.settings.seeds, at), length: at });
    if (!this.steps.running) this.steps.start();
    this.update();
  };

  /** Show one letter more, once it is there; whether there can be one. */
  private next(): boolean {
    if (!this.hasMore()) return false;
    const { length } = this.settings;
    const isThere = this.active().every(({ letters, start }) => start > 0 && letters.length > start + length);
    if (isThere) this.set({ length: length + 1 });
    this.update();
    return true;
  }
  private hasMore(): boolean {
    const { start } = this.sides[0];
    return (
      this.engine.has(this.model) &&
      this.settings.start !== "" &&
      start + this.settings.length < MOST_LETTERS &&
      !this.sides[0].objection
    );
  }

  // --- the two texts -------------------------------------------------------------------------------------------------

  private heldUnits(): number[] | null {
    const { hold } = this.settings;
    return hold && unitsOf(hold.units, this.known.units ?? 1);
  }
  private heldName(): string {
    const { page } = this;
    const { hold } = this.settings;
    if (!hold) return "";
    const values = { units: hold.units, value: page.signed(hold.value), signal: page.nameOf({ name: hold.signal }) };
    return page.say("write_held", values);
  }
  private active(): WriteSide[] {
    return this.heldUnits() ? [...this.sides] : [this.sides[0]];
  }
  private told(side: 0 | 1): Told {
    const { letters, start } = this.sides[side];
    return { letters: letters.slice(0, start + this.settings.length), start };
  }
  private watched(): Watched | null {
    const { by, signal, unit, layer } = this.settings.colour;
    return by === "unit" ? { signal, unit, layer } : null;
  }

  /** Ask for what is missing, and draw what is there. */
  private update(): void {
    if (!this.model || this.box.hidden) return;
    if (!this.engine.has(this.model)) {
      this.render();
      return;
    }
    const { start, seeds, temperature, topK, hold, length } = this.settings;
    const units = this.heldUnits();
    const free: Writing = { start, seeds, temperature, topK, holds: [] };
    const held = hold && units ? { ...free, holds: [{ ...hold, units }] } : null;
    for (const [n, writing] of [free, held].entries()) {
      const side = this.sides[n];
      side.set(this.model, start ? writing : null, this.watched());
      side.want(Math.min(MOST_LETTERS, (side.start || start.length) + length + AHEAD));
    }
    this.render();
    this.drawTexts();
    countUp(this.box);
  }
  private drawTexts(): void {
    const look = this.looks();
    const { seeds, length } = this.settings;
    const forks = new Set(seeds.slice(1).map(({ at }) => at));
    const parting = partingOf(this.sides[0].letters, this.sides[1].letters);
    for (const side of [0, 1] as const) {
      const { letters, values, start, version } = this.sides[side];
      const other = this.sides[1 - side].letters;
      const made = side === 1 ? Math.min(letters.length, other.length) : letters.length; // else it is not known what differs
      const known = this.settings.colour.by === "unit" ? Math.min(made, values.length) : made;
      const isYoung = performance.now() - this.changedAt < PATIENCE_MS;
      if (isYoung && this.settings.start && known < start + length) continue; // the one before stays a moment
      this.texts[side].draw({
        letters,
        shown: Math.min(start + length, known),
        start,
        look: (place) => look.of(side, place),
        differs: (place) =>
          side === 1 && parting >= 0 && place >= parting && letters[place].token !== other[place]?.token,
        isFork: (place) => forks.has(place - start),
        key: [version, look.key, seeds.length, parting, this.page.language()].join(),
      });
    }
    this.mark();
  }
  /** The ends of the colours' scale. */
  private range(): [number, number] {
    const { settings, sides, known } = this;
    const { by, signal } = settings.colour;
    if (by !== "unit") return [0, MOST_BITS];
    const kind = SIGNALS[known.cell ?? "lstm"].find(({ name }) => name === signal) ?? SIGNALS.rnn[0];
    return limits(kind, Math.max(0, ...sides.flatMap(({ values }) => values.map(Math.abs))));
  }
  /** The colours of the letters. */
  private looks(): { key: string; of(side: 0 | 1, place: number): Look | null } {
    const { page, settings, sides } = this;
    const { by, signal, unit } = settings.colour;
    if (by === "none") return { key: by, of: () => null };
    const [low, high] = this.range();
    const numberOf = (side: 0 | 1, place: number): number | null =>
      by === "unit" ? (sides[side].values[place] ?? null) : bitsOf(sides[side].letters[place]);
    const of = (side: 0 | 1, place: number): Look | null => {
      const value = numberOf(side, place);
      if (value === null) return null;
      const colour = colourOf(value, low, high);
      return { background: css(colour), ink: inkOn(colour), title: by === "unit" ? page.signed(value) : "" };
    };
    return { key: [by, signal, unit, low, high, isDark()].join(), of };
  }

  // --- a letter ------------------------------------------------------------------------------------------------------

  private chosen(): Chosen | null {
    const pointed = this.hovered ?? this.pinned;
    if (!pointed) return null;
    const { letters, start } = this.told(pointed.side);
    const letter = letters[pointed.place];
    return letter ? { letter, place: pointed.place, start, topK: this.settings.topK } : null;
  }
  mark(): void {
    const pointed = this.hovered ?? this.pinned;
    for (const side of [0, 1] as const) this.texts[side].mark(pointed?.side === side ? pointed.place : null);
  }
  private point(pointed: Pointed | null): void {
    if (pointed?.place === this.hovered?.place && pointed?.side === this.hovered?.side) return;
    this.hovered = pointed;
    this.render();
    this.mark();
  }
  private pin(pointed: Pointed | null): void {
    const isSame = pointed?.place === this.pinned?.place && pointed?.side === this.pinned?.side;
    this.pinned = isSame ? null : pointed;
    this.hovered = null;
    this.render();
    this.mark();
  }

  // --- the template --------------------------------------------------------------------------------------------------

  private shown(): WriteShown {
    const { settings, known, steps } = this;
    return {
      settings,
      known,
      plays: steps.running,
      hasMore: this.hasMore(),
      hasSome: settings.length > 0,
      holdProblem: this.holdProblem(),
    };
  }
  private holdProblem(): string | null {
    const { page, known, sides } = this;
    const { hold } = this.settings;
    if (!hold) return null;
    if (known.units !== undefined && !this.heldUnits()) return page.say("write_hold_bad", { last: known.units - 1 });
    const { objection } = sides[1];
    return objection === "away" || objection === null ? null : page.objection(objection);
  }
  private render(): void {
    const { page } = this;
    if (!page.shown) return;
    const shown = this.shown();
    const held = this.heldUnits() !== null;
    const isEmpty = this.settings.start === "";
    const texts = page.say("write_text");
    render(
      html`${beginning(page, shown, this)}
        <div class="rv-write-bar-of-tools">${player(page, shown, this)}${drawing(page, shown, this)}</div>
        <p class="rv-said rv-write-told" role="status" aria-live=${shown.plays ? "off" : "polite"}>${this.story()}</p>
        <div class="rv-notices">${this.notices()}</div>
        <div class="rv-write-body"><div class="rv-write-texts" ?data-two=${held}>
          <div class="rv-write-one"><h3 ?hidden=${!held}>${page.say("write_free")}</h3
            ><div class="rv-write-text rv-write-free" role="group" tabindex="0" aria-label=${texts} ?hidden=${isEmpty}></div></div>
          <div class="rv-write-one" ?hidden=${!held}><h3>${this.heldName()}</h3
            ><div class="rv-write-text rv-write-held" role="group" tabindex="0" aria-label=${texts}></div></div>
        </div><aside class="rv-write-choice" aria-label=${page.say("write_choice")} aria-live=${this.hovered ? "off" : "polite"}
          ><h3>${page.say("write_choice")}</h3>${choiceCard(page, this.chosen(), this.fork)}</aside></div>
        <div class="rv-write-foot">${colours(page, shown, this)}${this.legend()}</div>
        ${holding(page, shown, this)}${this.findings()}
        <button type="button" class="rv-button rv-write-save" ?disabled=${!shown.hasSome} @click=${this.save}>${page.say("write_save")}</button>`,
      this.box,
    );
  }
  /** What is known of single units, each a colour for the text. */
  private findings(): TemplateResult | typeof nothing {
    const { page, known } = this;
    if (!known.card?.findings) return nothing;
    const signal = memoryOf(known.cell ?? "lstm");
    const colour = ({ unit, layer }: Finding) => this.change({ colour: { by: "unit", signal, unit, layer } });
    return html`<details class="rv-write-findings"><summary>${page.say("card_findings")}</summary>${findings(page, known, colour)}</details>`;
  }
  private story(): string {
    const { page, sides } = this;
    if (!this.engine.has(this.model)) return page.say("write_off");
    if (this.settings.start === "") return page.say("write_empty");
    const { objection } = sides[0];
    if (objection) return objection === "away" ? page.offline() : page.objection(objection);
    const free = this.told(0);
    if (!free.start) return page.say("waiting");
    const parting = this.heldUnits() && sides[1].letters.length ? partingTold(page, free, this.told(1)) : "";
    return `${storyOf(page, free)} ${parting}`;
  }
  private notices(): TemplateResult[] {
    const { page } = this;
    const notes = [...notesOf(page, this.told(0))];
    for (const { at, seed } of this.settings.seeds.slice(1))
      notes.push(page.say("write_forked", { place: at + 1, seed: String(seed) }));
    return notes.map((note) => html`<p>${note}</p>`);
  }
  private legend(): TemplateResult | typeof nothing {
    const { page, settings } = this;
    const { by, signal, unit } = settings.colour;
    if (by === "none") return nothing;
    const said =
      by === "surprise"
        ? page.say("write_surprise_told", { bits: MOST_BITS })
        : page.say("write_unit_told", { signal: page.nameOf({ name: signal }), unit });
    const [low, high] = this.range();
    const swatch = (n: number) =>
      html`<span .style=${`background: ${css(colourOf(low + ((high - low) * n) / 8, low, high))}`}></span>`;
    const scale = html`<span class="rv-write-scale" aria-hidden="true">${Array.from({ length: 9 }, (_, n) => swatch(n))}</span>`;
    return html`<p class="rv-note rv-write-legend"><span>${page.signed(low, 0)}</span>${scale}<span>${page.signed(high, 0)}</span><span class="rv-write-means">${said}</span></p>`;
  }

  // --- pointer and keys ----------------------------------------------------------------------------------------------

  private listen(): void {
    for (const side of [0, 1] as const) {
      const text = this.texts[side];
      const at = (event: Event): Pointed | null => {
        const place = text.placeOf(event);
        return place === null ? null : { side, place };
      };
      text.box.addEventListener("pointerover", (event) => event.pointerType !== "touch" && this.point(at(event)));
      text.box.addEventListener("pointerleave", () => this.point(null));
      text.box.addEventListener("click", (event) => this.pin(at(event)));
      text.box.addEventListener("keydown", (event) => this.walk(event, side));
    }
    this.box.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("keydown", (event) => event.target === document.body && this.press(event));
  }
  private press(event: KeyboardEvent): void {
    if (event.key !== " " || event.defaultPrevented || this.box.hidden) return;
    if (event.target !== document.body && closest(event, "input, textarea, select, button")) return;
    event.preventDefault();
    this.play();
  }
  private walk(event: KeyboardEvent, side: 0 | 1): void {
    const last = this.told(side).letters.length - 1;
    const now = this.pinned?.side === side ? this.pinned.place : null;
    const to: Partial<Record<string, number>> = {
      ArrowRight: (now ?? -1) + 1,
      ArrowLeft: (now ?? last + 1) - 1,
      Home: 0,
      End: last,
    };
    if (event.key === "Escape") this.pin(null);
    const place = to[event.key];
    if (place === undefined || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.pinned = { side, place: clamp(place, 0, last) };
    this.hovered = null;
    this.render();
    this.mark();
    this.texts[side].show(this.pinned.place);
  }
}

/** In the place of the view where no engine can write. */
const closed = (box: HTMLElement, page: Page): View => ({
  draw: () => render(html`<p class="rv-note">${page.say("write_off")}</p>`, box),
});

export const write = (box: HTMLElement, page: Page): View =>
  page.host.engine ? new WriteView(box, page, page.host.engine) : closed(box, page);
