// Answers to what the page asks, made in this browser, in the form that Python's have: rnnviz/page/service.py.
//
// Left out: trainings and `standalone`, which others answer.

import type {
  About,
  EmptySide,
  HeldReading,
  Hold,
  NoNetwork,
  Objection,
  OpenedCell,
  Questions,
  Words,
} from "../client/contract";
import type { Dictionary, Question, Reply } from "../client/types";
import { about } from "./about";
import { attributions, checkWhole } from "./attribution";
import { type Checkpoint, openCheckpoint } from "./checkpoint";
import { asciiOf, unknownName } from "./choices";
import type { CheckpointConfig } from "./config";
import { pairsOf } from "./difflib";
import { download, kindOfFile } from "./downloads";
import { drift, MOST_PADDED } from "./drift";
import { configOf, FILES, type FileName, type Files } from "./files";
import { opened } from "./gateSums";
import { clampsOf, holdsOf } from "./hold";
import { EngineError } from "./objection";
import { answersOf, type LocalReading, MOST_TEXTS, packedPayload, payload, WINDOW } from "./payload";
import { unitOrders } from "./ranking";
import { chosenFamily, familiesOf, howFarBack } from "./reach";
import { encode, read, readEncoded, tokensOf } from "./read";
import { tokenise } from "./tokens";
import type { Trace } from "./trace";

/** Of a text that is read; the rest is cut. */
const MOST_CHARACTERS = 64_000;
const MOST_TOKENS = 2_000;
const MOST_PADDING = 8;
/** A network that reads from both ends re-reads every beginning of the text, so the work grows with the square. */
const MOST_TOKENS_BOTH_WAYS = WINDOW;

/** Where the networks come from. */
export interface Shelf {
  /** Of all networks, in the order of the page. */
  names: readonly string[];
  /** A file of a network; undefined where it has no such file. */
  file(name: string, file: FileName): Promise<Uint8Array | undefined>;
  /** All sentences of the page in one of its languages. */
  words(name: Words): Promise<Dictionary>;
  /** Open a network by name; from its files where there is nothing better, such as a worker. */
  open?(name: string): Promise<Checkpoint>;
}

/** A reply in which nothing is said of a replay, for there was none beside the reading. */
type Local<Answer> = Answer extends { replay_error: number }
  ? Omit<Answer, "replay_error"> & { replay_error?: undefined }
  : Answer extends { one: unknown; other: unknown }
    ? Omit<Answer, "one" | "other"> & { one: LocalReading; other: LocalReading }
    : Answer;

/** The questions that are answered here. */
export type LocalName =
  | "read_sentence"
  | "open_cell"
  | "pack_sentences"
  | "about_model"
  | "compare"
  | "how_far_back"
  | "attribute"
  | "padding_drift"
  | "words"
  | "save_reading";
export type LocalServer = {
  [Name in LocalName]: (question: Question<Name>) => Promise<Local<Questions[Name]["reply"]>>;
};

const TOLD: readonly FileName[] = ["config.json", "units.json"];

/** Answer the page's questions with the networks of a shelf. */
export const localServer = (shelf: Shelf): LocalServer => {
  const library = new Library(shelf);
  return {
    read_sentence: objecting((question) => readSentence(library, question)),
    open_cell: objecting((question) => openCell(library, question)),
    pack_sentences: objecting(async (question) => packSentences(question)),
    about_model: objecting(({ model }) => library.about(model)),
    compare: objecting((question) => compare(library, question)),
    how_far_back: objecting((question) => reach(library, question)),
    attribute: objecting((question) => attribute(library, question)),
    padding_drift: objecting((question) => paddingDrift(library, question)),
    words: objecting((name) => shelf.words(name)),
    save_reading: objecting((question) => saveReading(library, question)),
  };
};

/** Answer with the objection where one is thrown; any other error stays a bug. */
const objecting =
  <Asked, Answer>(core: (question: Asked) => Promise<Answer>) =>
  async (question: Asked): Promise<Answer | Objection> => {
    try {
      return await core(question);
    } catch (error) {
      if (error instanceof EngineError) return error.objection;
      throw error;
    }
  };

/** The networks of a shelf, each opened on first use and kept. */
class Library {
  private readonly shelf: Shelf;
  private readonly open = new Map<string, Promise<Checkpoint>>();

  constructor(shelf: Shelf) {
    this.shelf = shelf;
  }

  /** The network of a name; EngineError if there is none, or if it cannot be trusted. */
  checkpoint(name: string): Promise<Checkpoint> {
    this.check(name);
    const known = this.open.get(name);
    if (known) return known;
    const opening = this.shelf.open?.(name) ?? this.files(name, FILES).then((files) => openCheckpoint(name, files));
    this.open.set(name, opening);
    opening.catch(() => this.open.delete(name)); // so that it is tried again
    return opening;
  }

  async about(name: string): Promise<About> {
    this.check(name);
    return about(name, await this.files(name, TOLD));
  }

  /** The settings of all networks that have some. */
  async configs(): Promise<[string, CheckpointConfig][]> {
    const all = this.shelf.names.map(async (name): Promise<[string, CheckpointConfig][]> => {
      try {
        return [[name, configOf(name, await this.files(name, ["config.json"]))]];
      } catch (error) {
        if (error instanceof EngineError) return [];
        throw error;
      }
    });
    return (await Promise.all(all)).flat();
  }

  private async files(name: string, wanted: readonly FileName[]): Promise<Files> {
    const files = new Map<FileName, Uint8Array>();
    for (const file of wanted) {
      const bytes = await this.shelf.file(name, file);
      if (bytes) files.set(file, bytes);
    }
    return files;
  }

  private check(name: unknown): void {
    const { names } = this.shelf;
    if (typeof name !== "string" || !names.includes(name)) throw unknownName("model", asciiOf(name, 80), names);
  }
}

/** What was typed, as far as it is read. */
const textOf = (typed: unknown): string => {
  if (typeof typed !== "string") return "";
  if (typed.length <= MOST_CHARACTERS) return typed;
  return [...typed].slice(0, MOST_CHARACTERS).join("");
};

interface Opened {
  checkpoint: Checkpoint;
  /** As much of the text as is read. */
  text: string;
  /** All its tokens. */
  total: number;
}

/** The network and the text; null where that has no token. */
const textAndNetwork = async (library: Library, asked: { model: string; text: string }): Promise<Opened | null> => {
  const text = textOf(asked.text);
  if (!text) return null;
  const checkpoint = await library.checkpoint(asked.model);
  const words = tokensOf(checkpoint, text);
  if (!words.length) return null;
  const limit = checkpoint.config.bidirectional ? MOST_TOKENS_BOTH_WAYS : MOST_TOKENS;
  return {
    checkpoint,
    text: words.length <= limit ? text : checkpoint.vocabulary.joined(words.slice(0, limit)),
    total: words.length,
  };
};

type Read =
  | (LocalReading & { nonlinearity: string })
  | (Omit<HeldReading, "replay_error"> & { replay_error?: undefined });

const readSentence = async (library: Library, asked: Question<"read_sentence">): Promise<Read | { empty: true }> => {
  const network = await textAndNetwork(library, asked);
  if (network === null) return { empty: true };
  const { checkpoint, text, total } = network;
  const start = Number.isInteger(asked.start) ? Number(asked.start) : 0;
  const { nonlinearity } = checkpoint.config;
  const padding = paddingOf(asked.padding);
  if (padding) {
    const padded = read(checkpoint, text, total + padding);
    return { ...payload(padded, asked.model, padded.tokens.length), nonlinearity };
  }
  const clamps = clampsOf(asked.holds, checkpoint.config.cell);
  const free = read(checkpoint, text);
  if (!clamps.length) return { ...payload(free, asked.model, total, start), nonlinearity };
  const sent = payload(heldReading(checkpoint, text, clamps), asked.model, total, start);
  return { ...sent, order: unitOrders(free), ghost: answersOf(free, sent.start), nonlinearity };
};

/** How many tokens of padding are read after a text. */
const paddingOf = (asked: unknown): number =>
  Number.isInteger(asked) ? Math.min(Math.max(Number(asked), 0), MOST_PADDING) : 0;

const heldReading = (checkpoint: Checkpoint, text: string, clamps: readonly Hold[]): Trace => {
  const encoded = encode(checkpoint, text);
  return readEncoded(checkpoint, encoded, holdsOf(checkpoint.config, clamps, encoded.ids.length));
};

const openCell = async (library: Library, asked: Question<"open_cell">): Promise<OpenedCell | { empty: true }> => {
  const network = await textAndNetwork(library, asked);
  if (network === null) return { empty: true };
  const { checkpoint, text } = network;
  return opened(checkpoint, text, clampsOf(asked.holds, checkpoint.config.cell), asked);
};

const packSentences = (asked: Question<"pack_sentences">) => {
  const sentences = textOf(asked)
    .split("\n")
    .map(tokenise)
    .filter((words) => words.length);
  return packedPayload(sentences.slice(0, MOST_TEXTS + 1));
};

type Beside = { one: LocalReading; other: LocalReading; pairs: [number | null, number | null][] };

const compare = async (library: Library, asked: Question<"compare">): Promise<Beside | EmptySide> => {
  const sideOf = async (model: string, text: unknown) => {
    const checkpoint = await library.checkpoint(model);
    return { model, checkpoint, tokens: tokensOf(checkpoint, textOf(text)) };
  };
  const sides = [await sideOf(asked.model, asked.text), await sideOf(asked.other_model, asked.other_text)];
  const empty = sides.findIndex(({ tokens }) => !tokens.length);
  if (empty >= 0) return { empty: empty ? "other" : "one" };
  const [one, other] = sides.map(({ checkpoint, tokens }) =>
    read(checkpoint, checkpoint.vocabulary.joined(tokens.slice(0, WINDOW))),
  );
  return {
    one: payload(one, sides[0].model, sides[0].tokens.length),
    other: payload(other, sides[1].model, sides[1].tokens.length),
    pairs: pairsOf(one.tokens, other.tokens),
  };
};

const reach = async (library: Library, asked: Question<"how_far_back">) => {
  const there = familiesOf(await library.configs());
  const family = chosenFamily(there, asked);
  if (family === undefined) return { families: [...there.keys()] };
  return howFarBack((name) => library.checkpoint(name), there, family, textOf(asked.text));
};

const attribute = async (library: Library, asked: Question<"attribute">) => {
  const text = textOf(asked.text);
  if (!text) return { empty: true } as const;
  const checkpoint = await library.checkpoint(asked.model);
  const tokens = tokensOf(checkpoint, text);
  if (!tokens.length) return { empty: true } as const;
  return attributions(checkpoint, tokens, asked.model, asked.label);
};

/** Of the first network that reads padded, and forward only. */
const paddingDrift = async (
  library: Library,
  asked: Question<"padding_drift">,
): Promise<Reply<"padding_drift"> | NoNetwork> => {
  const found = (await library.configs()).find(([, { model }]) => model.reading === "padded" && !model.bidirectional);
  if (!found) return {};
  const [name] = found;
  const checkpoint = await library.checkpoint(name);
  const tokens = checkpoint.vocabulary.tokenise(textOf(asked.text)).slice(0, MOST_PADDED);
  if (!tokens.length) return { empty: true };
  const padTo = Number.isInteger(asked.pad_to) ? asked.pad_to : 0;
  return drift(checkpoint, tokens, padTo, await library.about(name));
};

const saveReading = async (library: Library, asked: Question<"save_reading">) => {
  const kind = kindOfFile(asked.kind);
  const network = await textAndNetwork(library, asked);
  if (network === null) return { empty: true } as const;
  const { checkpoint, text } = network;
  const clamps = clampsOf(asked.holds, checkpoint.config.cell);
  const trace = clamps.length ? heldReading(checkpoint, text, clamps) : read(checkpoint, text);
  if (!Number.isInteger(asked.attribution)) return download(trace, kind);
  const tokens = tokensOf(checkpoint, textOf(asked.text));
  checkWhole(tokens, clamps.length > 0);
  return download(trace, kind, attributions(checkpoint, tokens, asked.model, asked.attribution));
};
