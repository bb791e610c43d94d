// Who answers the page's questions: the engine in this browser once a network's files are there, Python else.

import type { LocalName } from "../engine/localServer";
import type { Source } from "../engine/shelf";
import { base64Of } from "../model/base64";
import { there } from "../model/there";
import { BrowserEngine, type Line, type Outcome } from "./browserEngine";
import type { Objection, Questions, Words } from "./contract";
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
}

const MOST_INSIDE = 5_000_000; // bytes of a network that goes into a saved page

const IN_BROWSER: readonly LocalName[] = [
  "read_sentence",
  "open_cell",
  "pack_sentences",
  "about_model",
  "compare",
  "padding_drift",
  "words",
  "save_reading",
];
/** What Python tells without a file being fetched, or without any error of another engine. */
const BY_PYTHON: readonly LocalName[] = ["words", "about_model", "save_reading"];

/** The host of a page. Without networks to read with and without Python, as in a saved picture, nobody answers. */
export const hostOf = (python: Server | null, props: Props, line: Line, template: string): Host => {
  const inside = insideOf(props.networks ?? {});
  if (!Object.keys(props.networks ?? {}).length) return { server: python, engine: null, python, inside };
  const engine = new BrowserEngine(line, { networks: shelfOf(props.networks ?? {}), words: wordsOf(props) });
  const answered = IN_BROWSER.filter((name) => !(python && BY_PYTHON.includes(name)));
  const local = Object.fromEntries(answered.map((name) => [name, inBrowser(name, engine, python)]));
  const server = { ...(python ?? nobody()), ...local } as Server;
  if (!python) server.standalone = () => shellOf(document, template);
  return { server, engine, python, inside };
};

/** Ask the engine. While a network is not loaded, ask Python, and load it; without Python, load it first. */
const inBrowser =
  <Name extends LocalName>(name: Name, engine: BrowserEngine, python: Server | null) =>
  async (question: Question<Name>): Promise<Reply<Name>> => {
    const outcome = await (python ? orMissing(engine, name, question) : whenLoaded(engine, name, question));
    if (outcome === null || "missing" in outcome) return there(python)[name](question);
    return ("reply" in outcome ? outcome.reply : outcome.refused) as Reply<Name>;
  };

/** Null where no worker can be started. A network that is missing begins to load. */
const orMissing = async (engine: BrowserEngine, name: LocalName, question: unknown): Promise<Outcome | null> => {
  const outcome = await engine.ask(name, question).catch(() => null);
  if (outcome !== null && "missing" in outcome) engine.load(outcome.missing).catch(() => {}); // Python answers on
  return outcome;
};

const whenLoaded = async (engine: BrowserEngine, name: LocalName, question: unknown): Promise<Outcome> => {
  const outcome = await engine.ask(name, question);
  if (!("missing" in outcome)) return outcome;
  const loaded = await engine.load(outcome.missing);
  return "refused" in loaded ? loaded : whenLoaded(engine, name, question);
};

/** What only Python can do is answered with an objection where there is none. */
const nobody = (): Server => {
  const objection = async (): Promise<Objection> => ({
    error: "needs_python",
    values: {},
    message: "This page has no server: install rnnviz for that.",
  });
  const names: (keyof Questions)[] = [
    "how_far_back",
    "standalone",
    "train_start",
    "train_poll",
    "train_cancel",
    "train_receive",
  ];
  return Object.fromEntries(names.map((name) => [name, objection])) as unknown as Server;
};

const insideOf = (networks: Record<string, NetworkFiles>): Host["inside"] => {
  const encoded = async (where: string | { base64: string }) => {
    if (typeof where !== "string") return where;
    const response = await fetch(where);
    if (!response.ok) throw new Error(`${where} did not come`);
    return { base64: base64Of(new Uint8Array(await response.arrayBuffer())) };
  };
  return async (name) => {
    const network = networks[name];
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
