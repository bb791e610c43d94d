// A checkpoint's config.json, read as if a stranger had written it: rnnviz/checkpoint/config.py, model_config.py.

import { type ModelConfig, POOLINGS } from "./network";
import { EngineError } from "./objection";
import { FormatError, isObject, type Json, type JsonObject, jsonObject } from "./strictJson";
import type { Tokens } from "./tokens";

export interface Probe {
  text: string;
  logits: number[];
}

/** What a network answers: the class of a text, or at each token which one comes next. */
export type Task = "classify" | "next";

export interface CheckpointConfig {
  name: string;
  title: string;
  /** What it reads. */
  tokens: Tokens;
  task: Task;
  model: ModelConfig;
  /** Names of the classes, in the order of the logits; none where they are the entries of the vocabulary. */
  labels: string[];
  weights_sha256: string;
  vocabulary_sha256: string;
  probes: Probe[];
  scores: JsonObject;
}

/** What config.json holds; the path is for what is wrong with it. */
export const configFrom = (path: string, bytes: Uint8Array): CheckpointConfig => {
  try {
    return checked(jsonObject(bytes));
  } catch (error) {
    if (error instanceof FormatError) throw new EngineError("checkpoint_config", { path, problem: error.message });
    throw error;
  }
};

const checked = (whole: JsonObject): CheckpointConfig => {
  const of = new Fields(whole, "");
  of.only("format name title tokens task model data weights_sha256 vocabulary_sha256 probes scores training");
  const format = of.count("format", 1, 2, 1);
  const model = modelFrom(of.inner("model"));
  const labels = labelsFrom(of.inner("data"));
  of.inner("training", {});
  const config = {
    name: of.text("name", undefined, 200),
    title: of.text("title", "", 200),
    tokens: of.choice("tokens", ["words", "letters"], "words"),
    task: of.choice("task", ["classify", "next"], "classify"),
    model,
    labels,
    weights_sha256: of.text("weights_sha256", ""),
    vocabulary_sha256: of.text("vocabulary_sha256", ""),
    probes: of.list("probes", []).map(probeFrom),
    scores: of.inner("scores", {}).values,
  };
  if (config.probes.length > 16) throw new FormatError("probes: at most 16");
  if ((format === 2) !== (config.tokens === "letters")) {
    throw new FormatError("format 1 is for words, format 2 for letters");
  }
  const writes = config.task === "next";
  if (writes && (model.bidirectional || model.reading === "padded" || model.pooling !== "last")) {
    throw new FormatError("what tells the next token reads in one direction, packed, and its last state");
  }
  const names = writes ? model.vocabulary_size : labels.length;
  if (names !== model.classes) throw new FormatError(`${names} class names for ${model.classes} outputs`);
  if (!(config.weights_sha256 && config.vocabulary_sha256 && config.probes.length)) {
    throw new FormatError("the hashes or the test sentences are missing");
  }
  return config;
};

const modelFrom = (of: Fields): ModelConfig => {
  of.only(
    "cell nonlinearity vocabulary_size embedding_size hidden_size layers bidirectional pooling reading learned_start " +
      "classes embedding_dropout dropout recurrent_dropout forget_bias",
  );
  return {
    cell: of.choice("cell", ["rnn", "gru", "lstm"], "lstm"),
    nonlinearity: of.choice("nonlinearity", ["tanh", "relu"], "tanh"),
    vocabulary_size: of.count("vocabulary_size", 2, 1_000_000),
    embedding_size: of.count("embedding_size", 1, 2_048, 64),
    hidden_size: of.count("hidden_size", 1, 2_048, 32),
    layers: of.count("layers", 1, 7, 1),
    bidirectional: of.flag("bidirectional", false),
    pooling: of.choice("pooling", POOLINGS, "last"),
    reading: of.choice("reading", ["packed", "padded"], "packed"),
    learned_start: of.flag("learned_start", false),
    classes: of.count("classes", 2, 10_000),
    embedding_dropout: of.share("embedding_dropout"),
    dropout: of.share("dropout"),
    recurrent_dropout: of.share("recurrent_dropout"),
    forget_bias: of.number("forget_bias", -20, 20, 0),
  };
};

const labelsFrom = (data: Fields): string[] => {
  data.only("text_columns label_column classes spelling skip_column skip_values skip_other_classes source licence");
  return data.list("classes", []).map((entry, place) => {
    const of = new Fields(entry, `data.classes.${place}`);
    of.only("value name");
    of.text("value");
    return of.text("name");
  });
};

const probeFrom = (entry: Json, place: number): Probe => {
  const of = new Fields(entry, `probes.${place}`);
  of.only("text logits");
  const logits = of.list("logits");
  if (!logits.every((logit) => typeof logit === "number")) throw of.wrong("logits", "numbers are wanted");
  return { text: of.text("text", undefined, 1_000), logits };
};

/** The fields of an object, each checked as it is taken out; FormatError names the one that is wrong. */
class Fields {
  readonly values: JsonObject;
  private readonly path: string;

  constructor(value: Json | undefined, path: string) {
    if (!isObject(value)) throw new FormatError(`${path || "the file"}: it is no object`);
    this.values = value;
    this.path = path;
  }

  wrong(name: string, problem: string): FormatError {
    return new FormatError(`${[this.path, name].filter(Boolean).join(".").slice(0, 100)}: ${problem}`);
  }

  only(names: string): void {
    const strange = Object.keys(this.values).find((name) => !names.split(" ").includes(name));
    if (strange !== undefined) throw this.wrong(strange, "it is not expected");
  }

  inner(name: string, otherwise?: JsonObject): Fields {
    return new Fields(this.values[name] ?? otherwise, name);
  }

  list(name: string, otherwise?: Json[]): Json[] {
    const value = this.values[name] ?? otherwise;
    if (!Array.isArray(value)) throw this.wrong(name, "a list is wanted");
    return value;
  }

  text(name: string, otherwise?: string, longest = Number.POSITIVE_INFINITY): string {
    const value = this.values[name] ?? otherwise;
    if (typeof value !== "string" || [...value].length > longest) throw this.wrong(name, "a text is wanted");
    return value;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.values[name] ?? otherwise;
    if (typeof value !== "boolean") throw this.wrong(name, "true or false is wanted");
    return value;
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[], otherwise: Choice): Choice {
    const value = this.values[name] ?? otherwise;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw this.wrong(name, `one of ${choices.join(", ")} is wanted`);
    return found;
  }

  number(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.values[name] ?? otherwise;
    if (typeof value !== "number" || !(least <= value && value <= most)) {
      throw this.wrong(name, `a number from ${least} to ${most} is wanted`);
    }
    return value;
  }

  count(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.number(name, least, most, otherwise);
    if (!Number.isInteger(value)) throw this.wrong(name, "a whole number is wanted");
    return value;
  }

  share(name: string): number {
    const value = this.number(name, 0, 1, 0);
    if (value === 1) throw this.wrong(name, "a number below 1 is wanted");
    return value;
  }
}
