// What signals, classes, networks, words and units are called, in the page's language.

import type { Hold, Objection, Signal } from "../client/contract";
import type { Language, Props, Values } from "../client/types";
import type { Task } from "../engine/config";
import type { Tokens } from "../engine/tokens";
import { WAYS } from "../model/colours";
import { wholePercents } from "../model/numbers";
import type { Block, Unit } from "../model/place";
import type { TypedReading } from "../model/reading";
import { told, visible } from "../model/text";
import { coversAll, onlyUnit, rangesText } from "../model/units";
import { type Speaker, speaker } from "./speaker";

/** In place of the name of a network that is not in the menu, as one that is being trained. */
export const NO_NETWORK = "";

type Shape = Pick<TypedReading, "layers" | "directions">;

/** The speaker, and the names of what a reading is made of. All of it may be handed on as functions. */
export abstract class Names {
  readonly props: Props;
  private readonly speech: Speaker;

  /** The reading that is shown; there must be one. */
  abstract readonly reading: TypedReading;
  abstract readonly shown: TypedReading | null;

  constructor(props: Props) {
    this.props = props;
    this.speech = speaker(props.words, props.language);
  }

  readonly use: Speaker["use"] = (dictionary, language) => this.speech.use(dictionary, language);
  /** What a network reads and answers. */
  readonly kindOf = (model: string): { tokens: Tokens; task: Task } => {
    const { tokens = "words", task = "classify" } = this.props.models.find(({ name }) => name === model) ?? {};
    return { tokens, task };
  };
  readonly tellsNext = (model: string): boolean => this.kindOf(model).task === "next";
  /** Speak of letters, and of what comes next, where the network that reads does so. */
  protected readonly speakOf = (model: string): boolean => {
    const { tokens, task } = this.kindOf(model);
    return this.speech.prefer([...(task === "next" ? ["next_"] : []), ...(tokens === "letters" ? ["letters_"] : [])]);
  };
  readonly say = (key: string, values?: Values): string => this.speech.say(key, values);
  readonly has = (key: string): boolean => this.speech.has(key);
  readonly list = (words: string[]): string => this.speech.list(words);
  readonly written: Speaker["written"] = (value, form) => this.speech.written(value, form);
  readonly count = (value: number): string => this.speech.count(value);
  readonly signed = (value: number, digits?: number): string => this.speech.signed(value, digits);
  readonly share = (value: number, form?: Intl.NumberFormatOptions): string => this.speech.share(value, form);
  readonly small = (value: number): string => this.speech.small(value);
  readonly translate = (root: HTMLElement): void => this.speech.translate(root);
  readonly language = (): Language => this.speech.language();
  readonly dictionary = () => this.speech.dictionary();

  /** Shares of one whole in whole per cent that add up to 100. */
  readonly sharesOf = (parts: number[]): string[] => wholePercents(parts).map((one) => this.share(one / 100));
  /** What a button that plays shows and says: that it stops, or what it plays. */
  readonly playParts = (plays: boolean, key: string): [sign: string, caption: string] =>
    plays ? ["■", this.say("stop")] : ["▶", this.say(key)];
  readonly playLabel = (plays: boolean, key: string): string => this.playParts(plays, key).join(" ");

  /** The name of a thing, if this language has one for it. */
  private readonly named = (key: string, otherwise: string): string => (this.has(key) ? this.say(key) : otherwise);
  readonly nameOf = (signal: { name: string }): string => this.named(`signal_${signal.name}`, signal.name);
  readonly meaningOf = (signal: Signal): string =>
    this.named(`meaning_${this.reading.cell}_${signal.name}`, signal.meaning);
  /** A class of a network, of the one that reads unless another is named; a token in quotes, where it tells the next. */
  readonly classOf = (label: string, model = this.shown?.model ?? NO_NETWORK): string =>
    this.tellsNext(model) ? this.say("quoted", { word: visible(label) }) : this.named(`class_${label}`, visible(label));
  readonly classesOf = (labels: readonly string[], model?: string): string[] =>
    labels.map((label) => this.classOf(label, model));
  readonly titleOf = (model: string): string => {
    const title = this.props.models.find(({ name }) => name === model)?.title;
    return this.named(`model_${model}`, visible(title ?? model));
  };
  readonly familyOf = (name: string): string => this.named(`family_${name}`, visible(name));

  /** What stands under the scale of a signal's colours: at the low end, in the middle, at the high end. */
  readonly scaleOf = ({ low, high, scale }: Signal): [string, string, string] => {
    const whole = (value: number) => (value < 0 ? "−" : "") + this.count(Math.abs(value));
    const end = (value: number) => (Number.isInteger(value) ? whole(value) : this.signed(value));
    const beyond = scale > high; // a few values lie outside the colours, and have that of the end
    return [(beyond ? "≤ " : "") + end(low), low < 0 ? end(0) : "½", (beyond ? "≥ " : "") + end(high)];
  };

  /** The title of a layer and direction, or of all of them; empty where the network has only one. */
  readonly blockOf = (
    { layer, direction }: { layer: number | "all"; direction: number | "both" },
    { layers, directions }: Shape = this.reading,
  ): string => {
    const parts = [];
    if (layers > 1) parts.push(layer === "all" ? this.say("layers_all") : this.say("layer", { number: layer + 1 }));
    if (directions > 1) parts.push(this.say({ 0: "forward", 1: "backward", both: "directions_both" }[direction] ?? ""));
    return parts.join(" · ");
  };
  /** A unit's number, with its layer and direction where there are several. */
  readonly unitOf = ({ unit, ...block }: Unit): string => this.inBlock(this.count(unit), block);
  /** The units of a hold: one, all of a layer, or some. */
  readonly unitsOf = ({ units, ...block }: Hold): string => {
    const { units: count } = this.reading;
    if (coversAll(units, count)) return this.inBlock(this.say("units_all", { count }), block);
    const one = onlyUnit(units);
    if (one !== null) return this.say("units_one", { unit: this.unitOf({ unit: one, ...block }) });
    return this.say("units_some", { units: this.inBlock(rangesText(units, "–", ", "), block) });
  };
  private readonly inBlock = (unit: string, { layer, direction }: Block): string => {
    const { layers, directions } = this.reading;
    const values = { unit, number: layer + 1, arrow: WAYS[direction] };
    if (layers === 1) return directions === 1 ? unit : this.say("unit_of_way", values);
    return this.say(directions === 1 ? "unit_of_layer" : "unit_of_layer_way", values);
  };

  readonly token = (t: number): string => told(this.reading.tokens[t]);
  /** A word that is told of without being shown: with its position where the text has it several times. */
  readonly wordAt = (t: number): string => {
    const { tokens, start } = this.reading;
    if (tokens.indexOf(tokens[t]) === tokens.lastIndexOf(tokens[t])) return this.token(t);
    return `${this.token(t)} (${this.say("word_at", { position: start + t + 1 })})`;
  };

  /** What the server objects to. */
  readonly objection = ({ error = "", values, message }: Partial<Objection>): string => {
    if (!this.has(`error_${error}`)) return visible(message ?? error);
    const signal = this.shown?.find(String(values?.signal));
    return this.say(`error_${error}`, signal ? { ...values, signal: this.nameOf(signal) } : values);
  };

  /** In a network that reads both ways, whether what a unit holds depends on the whole text: it reads from the end, or
   * stands above one that does. The answers do not: for each, the text up to that word is read anew. */
  readonly knowsAll = ({ layer, direction }: Block): boolean =>
    this.reading.directions > 1 && (direction === 1 || layer > 0);
  readonly whichAnswers = (): string[] => (this.reading.directions > 1 ? [this.say("both_answers")] : []);
}
