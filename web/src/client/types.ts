// What the page is given at the start, and the questions and replies of contract.ts as the panels use them.

import type { Task } from "../engine/config";
import type { CorpusFile } from "../engine/corpus";
import type { FileName } from "../engine/files";
import type { Tokens } from "../engine/tokens";
import type { FindSettings } from "../model/finding";
import type { WritingSettings } from "../model/writing";
import type {
  About,
  Batch,
  Forms,
  GateClaim,
  HeldReading,
  Hold,
  HowFarBack,
  Objection,
  Questions,
  Reading,
  ReadSentence,
  Standing,
  Ticket,
  TrainStart,
  Words,
} from "./contract";

export type CellKind = Reading["cell"];
export type DirectionName = GateClaim["direction"];
export type Verdict = GateClaim["verdict"];
export type TrainState = Standing["state"];
export type Language = Exclude<Words, `lesson-${string}`>;

/** Fills the places of a sentence. */
export type Values = Record<string, string | number | boolean | null | undefined>;
/** One sentence, or its forms by the plural rules of the language. */
export type Entry = string | Forms;
export type Dictionary = Record<string, Entry>;

// --- questions and replies -------------------------------------------------------------------------------------------

type FieldsOf<Union> = Union extends unknown ? (string extends keyof Union ? never : keyof Union) : never;
/** One of some types, told apart by the fields that are there: Python sends no others. */
export type OneOf<Union, Fields extends PropertyKey = FieldsOf<Union>> = Union extends unknown
  ? Union & { [Field in Exclude<Fields, keyof Union>]?: undefined }
  : never;
/** A question as it is asked. What is asked stays as it is, so it may be what the page itself holds. */
export type Asked<Question> = { [Field in keyof Question]: Readonly<Question[Field]> };

export type Question<Name extends keyof Questions> = Asked<Questions[Name]["question"]>;
export type Reply<Name extends keyof Questions> = OneOf<Questions[Name]["reply"]>;
/** The functions that Gradio lends the page: questions to Python, by name. A saved file has none. */
export type Server = { [Name in keyof Questions]: (question: Question<Name>) => Promise<Reply<Name>> };

/** Any reading: with the page, beside another one, or as an answer, which says more of it. */
export interface Payload extends Omit<Reading, "replay_error">, Partial<Omit<HeldReading, keyof Reading>> {
  /** Left out where the browser has read: there is nothing to replay. */
  replay_error?: number;
}
/** What is known of a network; nothing where nobody answers. */
export type Known = Partial<About>;
/** How a training stands, as far as the answers have said it so far. */
export type TrainAnswer = Partial<Ticket>;

/** What is asked of a text, and beside it whether it was cut, which Python does not look at. */
export interface ReadQuestion extends Asked<ReadSentence> {
  start: number;
  holds: readonly Hold[];
  cut?: boolean;
}
/** What is read in place of the page's text, and why: how many of its words are unknown, or that it is too short. */
export interface Instead {
  why: "unknown" | "short";
  text: string;
  unknown: number;
  count: number;
}
/** What is asked of a text, and beside it what it stands for, which Python does not look at. */
export interface ReachQuestion extends Asked<HowFarBack> {
  model: string;
  instead?: Instead;
}
/** A training as the form has it: nothing is left to Python. */
export interface TrainQuestion extends Asked<TrainStart> {
  units: number;
  learning_rate: number;
  watch: string;
  /** Of a task, which is trained in the browser; the usual where it is left out. */
  forget_bias?: number;
}

// --- what the page is given: rnnviz/page/layout.py, offers.py, standalone.py -----------------------------------------

export interface Offer {
  rates: Record<"low" | "good" | "high", number>;
  units: number;
  length: { default: number; least: number; most: number } | null;
}
export interface TaskOffer extends Offer {
  name: string;
  classes: string[];
  watch: string;
}
export interface Offers {
  allowed: boolean;
  own_files: boolean;
  tasks: TaskOffer[];
  file: Offer;
  /** Of a file of one's own: how it may be written, by the name of the menu. */
  file_menus?: Record<string, string[]>;
  cells: CellKind[];
  units: { least: number; most: number };
  learning_rate: { least: number; most: number };
  seconds: number;
}
export interface ModelOffer {
  name: string;
  title?: string;
  example?: string | null;
  problem?: Objection | null;
  /** What it reads and answers; words and a class where nothing is said. */
  tokens?: Tokens;
  task?: Task;
  /** Whether it learned English words. */
  english?: boolean;
}
/** A place of the page, as far as somebody says where to go: a link, an example, the tour. Nothing in it is trusted. */
export interface Destination {
  model?: string;
  text?: string;
  start?: number;
  token?: number | null;
  unit?: number | null;
  /** The unit's own layer and direction, where they are not those that are shown. */
  at?: { layer?: number; direction?: number };
  layer?: number | "all";
  direction?: number | "both";
  signal?: string;
  all?: boolean;
  range?: readonly number[] | null;
  holds?: readonly Hold[];
  /** The view that is open; null for none. */
  tab?: string | null;
  /** Whether the memory ledger is unfolded. */
  ledger?: boolean;
  batch?: string;
  other?: { model?: string; text?: string };
  /** What the view Write shows. */
  writing?: WritingSettings;
  /** What the view Find searches by. */
  finding?: FindSettings;
  /** The conditions of the view Slices. */
  slice?: string;
}
export interface Chip extends Destination {
  name: string;
  /** What it says; else the sentence of its name. Those with a title are offered by their own network alone. */
  title?: string;
  /** The language of its text and title. */
  lang?: string;
  model: string;
  text: string;
}
/** The files of a network that this browser may read with: at an address below the page's, or in base64. */
export interface NetworkFiles {
  /** Of all files together. */
  bytes: number;
  files: Partial<Record<FileName, string | { base64: string }>>;
  /** How far the browser's reading was from PyTorch's at most, over many sentences; null if nobody measured that. */
  difference?: number | null;
}
export interface Props {
  /** Of rnnviz. */
  version?: string;
  /** The networks that this browser may read with, by name. */
  networks?: Record<string, NetworkFiles>;
  /** Where there is no Python: the texts that a network is searched for in, by its name; or the address of their file. */
  corpora?: Record<string, string | CorpusFile>;
  /** Where there is no Python: all sentences of a language, or the address of a JSON file of them. */
  dictionaries?: Partial<Record<Words, string | Dictionary>>;
  /** The first reading, or only its model and text, to be read. */
  value: { model: string; text: string; holds?: Hold[] } & Partial<Payload>;
  words: Dictionary;
  language: Language;
  models: ModelOffer[];
  about?: Known;
  chips?: Chip[];
  batch: Batch & { lines: string };
  batches: { name: string; text: string }[];
  training?: Offers;
  place?: Destination;
}
