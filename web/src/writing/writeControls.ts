// The controls of the view Write: the beginning, the player, how it draws, the colours, what is held.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Chip, Known } from "../client/types";
import { SIGNALS } from "../engine/signals";
import { isolated } from "../model/text";
import { LARGEST_SEED, MOST_TEMPERATURE, type WritingSettings } from "../model/writing";
import type { Page } from "../state/page";
import { grow } from "../ui/dom";

export interface WriteActions {
  change(part: Partial<WritingSettings>): void;
  play(): void;
  rewind(): void;
  step(): void;
  save(): void;
}
/** What the controls show. */
export interface WriteShown {
  settings: WritingSettings;
  known: Known;
  plays: boolean;
  /** Whether a letter can be added, and whether one is there. */
  hasMore: boolean;
  hasSome: boolean;
  /** Why what is typed as held cannot be. */
  holdProblem: string | null;
}

const field = (event: Event) => event.target as HTMLInputElement;
const SIDES = [3, 7]; // of the seed that comes next by chance: large enough to be another, small enough to be said

export const beginning = (page: Page, { settings }: WriteShown, act: WriteActions): TemplateResult => {
  const { model } = page.reading;
  const own = (page.props.chips ?? []).filter((chip) => chip.model === model);
  const examples = own.length
    ? own
    : [
        { text: "The ", lang: "en" },
        { text: "I ", lang: "en" },
      ];
  const chip = ({ text, lang }: Pick<Chip, "text" | "lang">) =>
    html`<button type="button" class="rv-chip" lang=${lang ?? nothing} @click=${() => act.change({ start: text, length: 0 })}>${isolated(text.replaceAll("\n", "↵"))}</button>`;
  return html`<div class="rv-field"><label for="rv-write-start">${page.say("write_start")}</label
    ><textarea id="rv-write-start" rows="2" maxlength="1900" spellcheck="false" autocapitalize="off" autocomplete="off" placeholder=${page.say("write_hint")}
      .value=${live(settings.start)} @input=${(event: Event) => {
        grow(event.target as HTMLTextAreaElement);
        act.change({ start: field(event).value, length: 0 });
      }}></textarea
    ></div><div class="rv-chips" role="group" aria-label=${page.say("try")}>${examples.map(chip)}</div>`;
};

export const player = (page: Page, { plays, hasMore, hasSome }: WriteShown, act: WriteActions): TemplateResult =>
  html`<div class="rv-write-player" role="group" aria-label=${page.say("tab_write")}
    ><button type="button" class="rv-write-round" ?disabled=${!hasSome} title=${page.say("write_rewind")}
      aria-label=${page.say("write_rewind")} @click=${act.rewind}>⏮</button
    ><button type="button" class="rv-write-round rv-write-play" aria-pressed=${plays} ?disabled=${!plays && !hasMore}
      aria-label=${page.say(plays ? "stop" : "write_play")} title=${page.say(plays ? "stop" : "write_play")} @click=${act.play}>${plays ? "■" : "▶"}</button
    ><button type="button" class="rv-write-round rv-write-step" ?disabled=${!hasMore} title=${page.say("write_step")}
      aria-label=${page.say("write_step")} @click=${act.step}>⏭</button></div>`;

export const drawing = (page: Page, { settings }: WriteShown, act: WriteActions): TemplateResult => {
  const { temperature, topK, seeds } = settings;
  const isGreedy = temperature === 0;
  const another = () => {
    const [{ seed }] = seeds;
    act.change({ seeds: [{ at: 0, seed: (seed * SIDES[0] + SIDES[1]) % 1000 }] });
  };
  return html`<div class="rv-write-drawing"
    ><label class="rv-write-range"><span>${page.say("write_temperature")} <output>${isGreedy ? "–" : page.written(temperature, { minimumFractionDigits: 2 })}</output></span
      ><input type="range" class="rv-write-temperature" min="0.05" max=${MOST_TEMPERATURE} step="0.05" .value=${live(String(temperature || 1))} ?disabled=${isGreedy}
        @input=${(event: Event) => act.change({ temperature: Number(field(event).value) })}></label
    ><label class="rv-write-number"><span>${page.say("write_top")}</span
      ><input type="number" class="rv-write-top" min="1" step="1" placeholder=${page.say("write_all")} .value=${live(topK === null ? "" : String(topK))}
        @change=${(event: Event) => act.change({ topK: wholeOf(field(event).value, 1, 1_000_000) })}></label
    ><label class="rv-write-number"><span>${page.say("write_seed")}</span
      ><input type="number" class="rv-write-seed" min="0" max=${LARGEST_SEED} step="1" .value=${live(String(seeds[0].seed))}
        @change=${(event: Event) => act.change({ seeds: [{ at: 0, seed: wholeOf(field(event).value, 0, LARGEST_SEED) ?? 1 }] })}></label
    ><button type="button" class="rv-button rv-write-dice" @click=${another}>${page.say("write_dice")}</button
    ><label class="rv-check"><input type="checkbox" class="rv-write-greedy" .checked=${live(isGreedy)}
      @change=${(event: Event) => act.change({ temperature: field(event).checked ? 0 : 1 })}><span>${page.say("write_greedy")}</span></label></div>`;
};
const wholeOf = (text: string, low: number, high: number): number | null =>
  /^\d+$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : null;

export const colours = (page: Page, { settings, known }: WriteShown, act: WriteActions): TemplateResult => {
  const { colour } = settings;
  const { cell = "lstm", units = 1, layers = 1 } = known;
  const value = colour.by === "unit" ? colour.signal : colour.by;
  const choose = (chosen: string) =>
    act.change({
      colour:
        chosen === "surprise" || chosen === "none"
          ? { ...colour, by: chosen }
          : { ...colour, by: "unit", signal: chosen === "cell" ? "cell" : "hidden" },
    });
  const states = SIGNALS[cell].filter(({ name }) => name === "cell" || name === "hidden");
  const option = (name: string, said: string) =>
    html`<option value=${name} .selected=${live(name === value)}>${said}</option>`;
  return html`<div class="rv-write-colours"><label class="rv-write-menu"><span>${page.say("write_colour")}</span
    ><select class="rv-write-colour" @change=${(event: Event) => choose(field(event).value)}>
      ${option("surprise", page.say("write_surprise"))}${states.map((state) => option(state.name, page.nameOf(state)))}${option("none", page.say("write_plain"))}</select></label
    >${colour.by === "unit" ? unitChoice(page, settings, units, layers, act) : nothing}</div>`;
};
const unitChoice = (
  page: Page,
  { colour }: WritingSettings,
  units: number,
  layers: number,
  act: WriteActions,
): TemplateResult => {
  const to = (event: Event) =>
    act.change({ colour: { ...colour, unit: Math.min(Number(field(event).value) || 0, units - 1) } });
  return html`<label class="rv-write-range"><span>${page.say("write_unit")} <output>${page.count(colour.unit)}</output></span
    ><input type="range" class="rv-write-unit" min="0" max=${units - 1} step="1" .value=${live(String(colour.unit))} @input=${to}></label
    >${layers > 1 ? layerChoice(page, colour.layer, layers, (layer) => act.change({ colour: { ...colour, layer } })) : nothing}`;
};
const layerChoice = (page: Page, layer: number, layers: number, choose: (layer: number) => void): TemplateResult =>
  html`<label class="rv-write-menu"><select aria-label=${page.say("choose_layers")} @change=${(event: Event) => choose(Number(field(event).value))}>${Array.from(
    { length: layers },
    (_, n) => html`<option value=${n} .selected=${live(n === layer)}>${page.say("layer", { number: n + 1 })}</option>`,
  )}</select></label>`;

export const holding = (page: Page, shown: WriteShown, act: WriteActions): TemplateResult => {
  const { settings, known, holdProblem } = shown;
  const { cell = "lstm" } = known;
  const { hold } = settings;
  const signal = cell === "lstm" ? "cell" : "hidden";
  const first = { signal, units: String(settings.colour.unit), value: 0, layer: 0 };
  const toggle = (event: Event) => act.change({ hold: field(event).checked ? first : null });
  return html`<div class="rv-write-hold"><label class="rv-check"><input type="checkbox" class="rv-write-holds" .checked=${live(hold !== null)} @change=${toggle}
    ><span>${page.say("write_hold")}</span></label>${hold ? holdFields(page, shown, act) : nothing}</div
    >${holdProblem ? html`<p class="rv-note rv-write-problem" role="alert">${holdProblem}</p>` : nothing}`;
};
const holdFields = (page: Page, { settings, known }: WriteShown, act: WriteActions): TemplateResult => {
  const { cell = "lstm", layers = 1 } = known;
  const hold = settings.hold ?? { signal: "hidden", units: "0", value: 0, layer: 0 };
  const kind = SIGNALS[cell].find(({ name }) => name === hold.signal);
  const [low, high] = [Math.max(kind?.low ?? -1, -4), Math.min(kind?.high ?? 1, 4)];
  const change = (part: Partial<typeof hold>) => act.change({ hold: { ...hold, ...part } });
  return html`<label class="rv-write-menu"><span>${page.say("write_signal")}</span><select class="rv-write-hold-signal" @change=${(
    event: Event,
  ) => change({ signal: field(event).value, value: 0 })}>${SIGNALS[cell].map(
    (one) => html`<option value=${one.name} .selected=${live(one.name === hold.signal)}>${page.nameOf(one)}</option>`,
  )}</select></label
    ><label class="rv-write-number"><span>${page.say("write_units")}</span><input type="text" class="rv-write-hold-units" inputmode="text" .value=${live(hold.units)}
      @input=${(event: Event) => change({ units: field(event).value.slice(0, 200) })}></label
    >${layers > 1 ? layerChoice(page, hold.layer, layers, (layer) => change({ layer })) : nothing}<label class="rv-write-range"><span>${page.say("write_value")} <output>${page.signed(hold.value)}</output></span
      ><input type="range" class="rv-write-hold-value" min=${low} max=${high} step="0.05" .value=${live(String(hold.value))}
      @input=${(event: Event) => change({ value: Number(field(event).value) })}></label>`;
};
