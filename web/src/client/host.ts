// Who answers the page's questions: the engine in this browser once a network's files are there, Python else.

import { Corpus, type CorpusFile } from "../engine/corpus";
import type { LocalName } from "../engine/localServer";
import type { Source } from "../engine/shelf";
import { tokenise } from "../engine/tokens";
import type { Trained } from "../engine/training/learning";
import { offers } from "../engine/training/offers";
import type { Trainer } from "../engine/training/trainers";
import { isOfHere, type Trainings, trainings } from "../engine/training/trainings";
import { base64Of } from "../model/base64";
import { BrowserEngine, type Line, type Outcome } from "./browserEngine";
import type { Find, Objection, Words } from "./contract";
import { OwnNetworks } from "./ownNetworks";
import { shellOf } from "./shell";
import type { NetworkFiles, Props, Question, Reply, Server } from "./types";

/** Whoever answers, and the engine, if there is one. */
export interface Host {
  server: Server | null;
  engine: BrowserEngine | null;
  /** The server that runs Python; null on a static site and in a file. */
  python: Server | null;
  /** A network with its files in base64, for a page that is saved; null where there is none, or it is too large. */
  inside(name: string): Promise<Record<string, NetworkFiles> | null>;
  /** The network of a training in this browser. */
  trained(ticket: string): Trained | null;
  /** The visitor's own networks; null where no engine is there to read with them. */
  own: OwnNetworks | null;
}

const MOST_INSIDE = 5_000_000; // bytes of a network that goes into a saved page

const IN_BROWSER: readonly LocalName[] = [
  "read_sentence",
  "open_cell",
  "pack_sentences",
  "about_model",
  "compare",
  "how_far_back",
  "attribute",
  "padding_drift",
  "words",
  "save_reading",
];
/** What Python tells without a file being fetched, or without any error of another engine. */
const BY_PYTHON: readonly LocalName[] = ["words", "about_model", "save_reading"];

/** What the page's host is made of. */
export interface Means {
  line: Line;
  trainer: Trainer;
  /** Of the page, as it stands before it begins. */
  template: string;
}

/** Whether this browser may read: there are networks for it, and it has workers. */
const canRead = ({ networks }: Props): boolean => Object.keys(networks ?? {}).length > 0 && "Worker" in globalThis;

/** The host of a page. Without networks to read with and without Python, as in a saved picture, nobody answers. */
export const hostOf = (python: Server | null, props: Props, { line, trainer, template }: Means): Host => {
  const networks = props.networks ?? {};
  const shipped = insideOf(networks);
  if (!canRead(props)) return { server: python, engine: null, python, inside: shipped, trained: () => null, own: null };
  const engine = new BrowserEngine(line, { networks: shelfOf(networks), words: wordsOf(props) });
  const local = IN_BROWSER.map((name) => [name, python ? inBoth(name, engine, python) : inBrowser(name, engine)]);
  const here = trainings({ tokenise, trainer });
  const own = new OwnNetworks(engine);
  const inside = async (name: string) => own.inside(name, MOST_INSIDE) ?? shipped(name);
  const server = {
    ...(python ?? {
      standalone: () => shellOf(document, template),
      train_receive: needsPython,
      evaluate_file: needsPython,
      find: finder(props),
      project: needsPython,
      groups: needsPython,
      slices: needsPython,
    }),
    ...Object.fromEntries(local),
    ...trainingsOf(here, python),
  } as Server;
  return { server, engine, python, inside, trained: here.trained, own };
};

/** What the form of the view Train offers: the tasks, which are trained in this browser, and what Python trains. */
export const trainedHere = (props: Props, python: Server | null): Props => {
  if (!canRead(props)) return props;
  const { training } = props;
  const file = training?.file ?? offers().file;
  return { ...props, training: { ...offers(), file, own_files: Boolean(python && training?.own_files) } };
};

/** Files of one's own are trained on by Python, tasks in this browser; a ticket tells where it came from. */
const trainingsOf = (here: Trainings, python: Server | null): Partial<Server> => {
  const ofTicket = ({ ticket }: { ticket: string }) => (isOfHere(ticket) || !python ? here : python);
  return {
    train_start: (question) => (question.data && python ? python : here).train_start(question),
    train_poll: (question) => ofTicket(question).train_poll(question),
    train_cancel: (question) => ofTicket(question).train_cancel(question),
  };
};

/** The networks that a question names. */
const networksOf = (question: unknown): string[] => {
  const { model, other_model: other } = Object(question);
  return [model, other].filter((name) => typeof name === "string");
};
const SILENT_MS = 5_000; // of the worker, until Python is asked instead

/** Where there is Python: it answers while a network is not loaded, and for those that no browser reads with. */
const inBoth =
  <Name extends LocalName>(name: Name, engine: BrowserEngine, python: Server) =>
  async (question: Question<Name>): Promise<Reply<Name>> => {
    const networks = networksOf(question);
    if (networks.some((one) => engine.isOwn(one))) return inBrowser(name, engine)(question);
    if (BY_PYTHON.includes(name) || !areLoaded(engine, networks)) return python[name](question);
    const outcome = await Promise.race([engine.ask(name, question).catch(() => null), later(SILENT_MS)]);
    if (outcome !== null && "missing" in outcome) areLoaded(engine, [outcome.missing]);
    if (outcome === null || !("reply" in outcome) || isNothing(outcome.reply)) return python[name](question);
    return outcome.reply as Reply<Name>;
  };
/** Whether the engine has these networks; those that it can have begin to load. */
const areLoaded = (engine: BrowserEngine, names: string[]): boolean => {
  if (!names.every((name) => engine.has(name))) return false;
  const missing = names.filter((name) => !engine.isLoaded(name));
  for (const name of missing) engine.load(name).catch(() => {}); // Python goes on answering
  return !missing.length;
};
const later = (delay: number) => new Promise<null>((done) => setTimeout(() => done(null), delay));
/** Of the networks that the browser has, none is of the kind that was asked about. */
const isNothing = (reply: unknown): boolean => Object.keys(Object(reply)).length === 0;

/** Where there is no Python: a network is loaded first. */
const inBrowser =
  <Name extends LocalName>(name: Name, engine: BrowserEngine) =>
  async (question: Question<Name>): Promise<Reply<Name>> => {
    const outcome = await whenLoaded(engine, name, question);
    return ("reply" in outcome ? outcome.reply : outcome.refused) as Reply<Name>;
  };
const whenLoaded = async (
  engine: BrowserEngine,
  name: LocalName,
  question: unknown,
): Promise<Exclude<Outcome, { missing: string }>> => {
  const outcome = await engine.ask(name, question);
  if (!("missing" in outcome)) return outcome;
  const loaded = await engine.load(outcome.missing, true);
  return "refused" in loaded ? loaded : whenLoaded(engine, name, question);
};

const needsPython = async (): Promise<Objection> => ({
  error: "needs_python",
  values: {},
  message: "This page has no server, so it cannot do that. Install rnnviz on your machine for it.",
});

/** Searches the texts that came with the page; their file is fetched once. */
const finder = ({ corpora = {} }: Props): Server["find"] => {
  const opened = new Map<string, Corpus>();
  const fileOf = async (where: string | CorpusFile): Promise<CorpusFile> => {
    if (typeof where !== "string") return where;
    const response = await fetch(where);
    if (!response.ok) throw new Error(`${where} did not come`);
    return response.json();
  };
  return async (question) => {
    const { model } = question;
    if (!Object.hasOwn(corpora, model)) return { corpus: null };
    const corpus = opened.get(model) ?? new Corpus(await fileOf(corpora[model]));
    opened.set(model, corpus);
    return corpus.find(question as Find);
  };
};

const insideOf = (networks: Record<string, NetworkFiles>): Host["inside"] => {
  const encoded = async (where: string | { base64: string }) => {
    if (typeof where !== "string") return where;
    const response = await fetch(where);
    if (!response.ok) throw new Error(`${where} did not come`);
    return { base64: base64Of(new Uint8Array(await response.arrayBuffer())) };
  };
  return async (name) => {
    const network = Object.hasOwn(networks, name) ? networks[name] : null;
    if (!network || network.bytes > MOST_INSIDE) return null;
    const named = Object.entries(network.files).map(async ([file, where]) => [file, await encoded(where)] as const);
    return { [name]: { ...network, files: Object.fromEntries(await Promise.all(named)) } };
  };
};

/** Addresses are made whole here: a worker that was started from a Blob has no address of its own. */
const wholeAddress = (address: string): string => new URL(address, document.baseURI).href;

const shelfOf = (networks: Record<string, NetworkFiles>) =>
  Object.fromEntries(
    Object.entries(networks).map(([name, { bytes, files }]) => {
      const whole = Object.entries(files).map(([file, where]) => [
        file,
        typeof where === "string" ? wholeAddress(where) : where,
      ]);
      return [name, { bytes, files: Object.fromEntries(whole) as Source }];
    }),
  );

const wordsOf = ({ dictionaries = {} }: Props) =>
  Object.fromEntries(
    Object.entries(dictionaries).map(([language, where]) => [
      language as Words,
      typeof where === "string" ? wholeAddress(where) : where,
    ]),
  );
