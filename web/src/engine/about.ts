// What is known of a network without opening its weights: rnnviz/page/about.py. What cannot be read, or is not what
// rnnviz writes, is left out, and what is good beside it is kept.

import type { About, Card, Finding, LayerSummary, PaddingExample, PaddingFacts } from "../client/contract";
import { flagsOf, isFlag, masksOf, type Place } from "./claims";
import type { Files } from "./files";
import { POOLINGS } from "./network";
import { general } from "./pythonText";
import { SIGNALS } from "./signals";
import { isObject, type Json, type JsonObject } from "./strictJson";

/** The most words that are named for a unit, in each direction. */
const WORDS = 8;
const MOST_BYTES = 4_000_000;
const LONGEST_TEXT = 200;
const MOST_OF_CARD = 4_000;
const MOST_NOTES = 8;
const SETS = ["test", "dev"];
const WEIGHTS_LICENCE = "Apache-2.0"; // as on the card: rnnviz/checkpoint/card.py
const MOST_LABELS = 1_000;
const MOST_EXAMPLES = 5;
const MOST_FINDINGS = 20;
const MEASURES = ["AUC", "R²"] as const;
const MOST_LAYERS = 7;
const MOST_UNITS = 2_048;
const MOST_COUNTED = 1e9;
const LONGEST = 1e6;
const DIRECTIONS = ["forward", "backward"] as const;
const WORD_LISTS = ["raised_by", "lowered_by"] as const;

/** The good parts of what units.json says of one layer and direction, one entry a unit. */
export interface Summary {
  raised_by?: string[][];
  lowered_by?: string[][];
  half_life?: number[];
  saturation?: Record<string, { shut: number[]; open: number[] }>;
  bimodality?: (number | null)[];
  valley?: (number | null)[];
}

const SQUASHED = ["relu", "tanh"] as const;

/** Describe a network. Only its name is always there. */
export const about = (name: string, files: Files): About => {
  const config = objectOf(files.get("config.json"));
  const model = inner(config, "model");
  const test = inner(inner(config, "scores"), "test");
  const facts: About = { name };
  const know = <Field extends keyof About>(field: Field, value: About[Field] | null) => {
    if (value !== null && value !== undefined) facts[field] = value;
  };
  know("title", text(config.title));
  know("weights_sha256", text(config.weights_sha256));
  know("cell", oneOf(["rnn", "gru", "lstm"] as const, model.cell));
  know("layers", count(model.layers, MOST_LAYERS));
  know(
    "directions",
    typeof model.bidirectional === "boolean" ? DIRECTIONS.slice(0, model.bidirectional ? 2 : 1) : null,
  );
  know("units", count(model.hidden_size, MOST_UNITS));
  know("embedding", count(model.embedding_size));
  know("vocabulary", count(model.vocabulary_size));
  know("labels", labelsOf(inner(config, "data").classes));
  know("pooling", oneOf(POOLINGS, model.pooling));
  know("squashed", oneOf(SQUASHED, model.squash) || oneOf(SQUASHED, model.inner_squash) ? true : null);
  know("reading", oneOf(["packed", "padded"] as const, model.reading));
  know("accuracy", share(test.accuracy));
  know("tested", count(test.n));
  know("padding", paddingOf(inner(test, "padding")));
  know("card", cardOf(config));
  return { ...facts, ...described(objectOf(files.get("units.json")), facts) };
};

/** What units.json says of a network of this shape, as far as it does. */
const described = (units: JsonObject, { cell, layers, directions, units: size }: About): Partial<About> => {
  if (!cell || !layers || !directions || !size) return {};
  const there = Array.isArray(units.layers) && units.layers.length === layers ? units.layers : [];
  const places: Place[] = Array.from({ length: layers }, (_, layer) =>
    directions.map((direction) => ({
      layer,
      direction,
      summary: summaryOf(inner(there[layer], direction), cell, size),
    })),
  ).flat();
  const named = [...new Set(places.flatMap(({ summary }) => namedIn(summary)))].sort(byCode);
  const indices = new Map(named.map((word, index) => [word, index]));
  const sent = Array.from({ length: layers }, (_, layer) =>
    Object.fromEntries(
      places
        .filter((place) => place.layer === layer)
        .map(({ direction, summary }) => [direction, shortened(summary, indices)]),
    ),
  );
  const [masks, flags] = [masksOf(places), flagsOf(places)];
  return {
    places: sent,
    words: named,
    ...(masks ? { masks: threeDigits(masks) } : {}),
    ...(flags ? { flags: threeDigits(flags) } : {}),
  };
};

const namedIn = (summary: Summary): string[] => WORD_LISTS.flatMap((list) => (summary[list] ?? []).flat());

/** Python's order of texts: by characters, not by halves of them. */
const byCode = (one: string, other: string): number => {
  const [left, right] = [[...one], [...other]];
  const at = left.findIndex((character, k) => character !== right[k]);
  if (at < 0) return left.length - right.length;
  return (left[at].codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
};

const summaryOf = (own: JsonObject, cell: NonNullable<About["cell"]>, units: number): Summary => {
  const saturation: NonNullable<Summary["saturation"]> = {};
  for (const { name, low, high } of SIGNALS[cell]) {
    if (low !== 0 || high !== 1) continue;
    const stated = inner(inner(own, "saturation"), name);
    const [shut, open] = [each(stated.shut, units, share), each(stated.open, units, share)];
    if (shut && open) saturation[name] = { shut, open };
  }
  const summary: Summary = {};
  const know = <Field extends keyof Summary>(field: Field, value: Summary[Field] | null) => {
    if (value !== null) summary[field] = value;
  };
  for (const list of WORD_LISTS) know(list, each(own[list], units, wordsOf));
  know(
    "half_life",
    each(own.half_life, units, (value) => number(value, 0, LONGEST)),
  );
  know("saturation", Object.keys(saturation).length ? saturation : null);
  know("bimodality", eachOrNone(own.bimodality, units));
  know("valley", eachOrNone(own.valley, units));
  return summary;
};

/** A summary as it is sent: words as indices, three digits a number, which units are flags instead of valleys. */
const shortened = (own: Summary, indices: ReadonlyMap<string, number>): LayerSummary => {
  const { raised_by, lowered_by, valley, ...rest } = own;
  const sent: LayerSummary = threeDigits(rest);
  const numbered = (lists: string[][]) => lists.map((words) => words.map((word) => indices.get(word) ?? -1));
  if (raised_by) sent.raised_by = numbered(raised_by);
  if (lowered_by) sent.lowered_by = numbered(lowered_by);
  if (rest.bimodality && valley) {
    sent.two_valued = rest.bimodality.flatMap((peaks, unit) => (isFlag(peaks, valley[unit]) ? [unit] : []));
  }
  return sent;
};

/** The same with three digits that count in each number; whole numbers stay as they are. */
const threeDigits = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === "number" && !Number.isInteger(part) ? Number(general(part, 3)) : part,
  );

const objectOf = (bytes: Uint8Array | undefined): JsonObject => {
  if (!bytes || bytes.length > MOST_BYTES) return {};
  try {
    const value: Json = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

const inner = (outer: Json | undefined, name: string): JsonObject => {
  const found = isObject(outer) && Object.hasOwn(outer, name) ? outer[name] : undefined;
  return isObject(found) ? found : {};
};

/** So many values that are all good, or nothing. */
const each = <Good>(values: Json | undefined, size: number, good: (value: Json) => Good | null): Good[] | null => {
  if (!Array.isArray(values) || values.length !== size) return null;
  const checked = values.map(good);
  return checked.every((value): value is Good => value !== null) ? checked : null;
};

/** So many shares, of which some may not be there. */
const eachOrNone = (values: Json | undefined, size: number): (number | null)[] | null => {
  if (!Array.isArray(values) || values.length !== size) return null;
  const checked = values.map(share);
  return checked.every((value, place) => value !== null || values[place] === null) ? checked : null;
};

const wordsOf = (words: Json): string[] | null =>
  Array.isArray(words) ? each(words.slice(0, WORDS), Math.min(words.length, WORDS), (word) => text(word)) : null;

const labelsOf = (classes: Json | undefined): string[] | null => {
  if (!Array.isArray(classes) || !classes.length || classes.length > MOST_LABELS) return null;
  return each(classes, classes.length, (entry) => text(isObject(entry) ? entry.name : undefined));
};

/** The good parts of what a config.json says of the texts, the training and the scores. */
const cardOf = (config: JsonObject): Card | null => {
  const [data, training] = [inner(config, "data"), inner(config, "training")];
  const licence = training.licence ?? (Object.keys(training).length ? WEIGHTS_LICENCE : undefined);
  const said = Array.isArray(training.notes) ? training.notes.slice(0, MOST_NOTES) : [];
  const notes = said.map(longText).filter((note) => note !== null && note !== "") as string[];
  const card: Card = {};
  const know = <Field extends keyof Card>(field: Field, value: Card[Field] | null) => {
    if (value !== null && value !== "") card[field] = value;
  };
  know("data", longText(data.source));
  know("data_licence", longText(data.licence));
  know("weights_licence", text(licence));
  know("notes", notes.length ? notes : null);
  know("seed", count(training.seed, MOST_COUNTED, 0));
  know("texts", count(training.texts));
  know("epochs", count(training.epochs));
  know("command", longText(training.command));
  const scores = SETS.flatMap((set) => {
    const one = inner(inner(config, "scores"), set);
    const [accuracy, n] = [share(one.accuracy), count(one.n)];
    return accuracy === null || n === null ? [] : [[set, { accuracy, n }] as const];
  });
  know("scores", scores.length ? Object.fromEntries(scores) : null);
  const findings = findingsOf(training.findings, inner(config, "model"));
  know("findings", findings.length ? findings : null);
  return Object.keys(card).length ? card : null;
};

/** The good ones of what `rnnviz.probe` found. */
const findingsOf = (stated: Json | undefined, model: JsonObject): Finding[] => {
  const [layers, units] = [count(model.layers, MOST_LAYERS) ?? 0, count(model.hidden_size, MOST_UNITS) ?? 0];
  const there = Array.isArray(stated) ? stated.slice(0, MOST_FINDINGS) : [];
  return there.map((entry) => findingOf(isObject(entry) ? entry : {}, layers, units)).filter((one) => one !== null);
};

const findingOf = (one: JsonObject, layers: number, units: number): Finding | null => {
  const [property, measure] = [text(one.property), oneOf(MEASURES, one.measure)];
  const [layer, unit] = [count(one.layer, layers - 1, 0), count(one.unit, units - 1, 0)];
  const [value, shuffled, untrained] = [share(one.value), share(one.shuffled), share(one.untrained)];
  if (property === null || measure === null || layer === null || unit === null) return null;
  if (value === null || shuffled === null || untrained === null || typeof one.found !== "boolean") return null;
  const [loss, without] = [number(one.loss, 0, LONGEST), number(one.loss_without, 0, LONGEST)];
  const bits = loss === null || without === null ? {} : { loss, loss_without: without };
  // The numbers as they are: what counts was decided on them.
  return { property, measure, layer, unit, value, shuffled, untrained, found: one.found, ...bits };
};

/** What padding alone changes, with those of its examples that are good. */
const paddingOf = (stated: JsonObject): PaddingFacts | null => {
  const changed = count(stated.changed, MOST_COUNTED, 0);
  const [n, alone] = [count(stated.n), share(stated.accuracy_alone)];
  if (changed === null || n === null || alone === null || changed > n) return null;
  const there = Array.isArray(stated.examples) ? stated.examples.slice(0, MOST_EXAMPLES) : [];
  const examples = there.map(exampleOf).filter((example) => example !== null);
  return { changed, n, accuracy_alone: alone, examples };
};

const exampleOf = (entry: Json): PaddingExample | null => {
  const one = isObject(entry) ? entry : {};
  const [tokens, padded_to] = [count(one.tokens), count(one.padded_to)];
  const [alone, padded] = [text(one.alone), text(one.padded)];
  if (tokens === null || padded_to === null || alone === null || padded === null) return null;
  return { tokens, padded_to, alone, padded };
};

const longText = (value: Json | undefined): string | null => text(value, MOST_OF_CARD);
const text = (value: Json | undefined, most = LONGEST_TEXT): string | null =>
  typeof value === "string" && [...value].length <= most ? value.replace(/\p{Cs}/gu, "?") : null;

const oneOf = <Choice extends string>(choices: readonly Choice[], value: Json | undefined): Choice | null =>
  choices.find((choice) => choice === value) ?? null;

const count = (value: Json | undefined, most = MOST_COUNTED, least = 1): number | null =>
  typeof value === "number" && Number.isInteger(value) && least <= value && value <= most ? value : null;

const share = (value: Json | undefined): number | null => number(value, 0, 1);

const number = (value: Json | undefined, low: number, high: number): number | null =>
  typeof value === "number" && low <= value && value <= high ? value : null;
