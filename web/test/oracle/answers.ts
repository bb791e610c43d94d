// Answers questions to the engine, one line of JSON each, in their order: {name, question, folder}. The network lies in
// the folder's folder of its name.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Find } from "../../src/client/contract";
import { type Checkpoint, openCheckpoint } from "../../src/engine/checkpoint";
import { Corpus, type CorpusFile } from "../../src/engine/corpus";
import { draw } from "../../src/engine/draw";
import { FILES, type FileName } from "../../src/engine/files";
import { clampsOf, holdsOf } from "../../src/engine/hold";
import { Plain } from "../../src/engine/kernel";
import { type LocalName, type LocalServer, localServer, type Shelf } from "../../src/engine/localServer";
import { EngineError } from "../../src/engine/objection";
import { Pcg32 } from "../../src/engine/pcg32";
import { encode, readEncoded } from "../../src/engine/read";
import { letters, tokenise } from "../../src/engine/tokens";
import { Writer, type Writing } from "../../src/engine/write";
import { base64Of } from "../../src/model/base64";

interface Asked {
  folder: string;
  name: string;
  question: unknown;
}

const bytesOf = (folder: string, name: string, file: string): Uint8Array | undefined => {
  const path = `${folder}/${name}/${file}`;
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
};

const servers = new Map<string, LocalServer>();
const serverOf = (folder: string): LocalServer => {
  let server = servers.get(folder);
  if (!server) {
    const names = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/config.json`));
    const shelf: Shelf = {
      names: names.sort(),
      file: async (name, file) => bytesOf(folder, name, file),
      words: async () => ({}),
    };
    server = localServer(shelf);
    servers.set(folder, server);
  }
  return server;
};

const checkpoints = new Map<string, Promise<Checkpoint>>();
const opened = (folder: string, name: string): Promise<Checkpoint> => {
  const key = `${folder}/${name}`;
  let checkpoint = checkpoints.get(key);
  if (!checkpoint) {
    const files = FILES.map((file) => [file, bytesOf(folder, name, file)] as const);
    const there = files.filter((entry): entry is [FileName, Uint8Array] => entry[1] !== undefined);
    checkpoint = openCheckpoint(name, new Map(there));
    checkpoints.set(key, checkpoint);
  }
  return checkpoint;
};

const numbers = (values: Float32Array): string =>
  base64Of(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

/** Every number of a reading, as it is. */
const trace = async (folder: string, asked: { model: string; text: string; holds: unknown; pad_to?: number }) => {
  const checkpoint = await opened(folder, asked.model);
  const encoded = encode(checkpoint, asked.text, asked.pad_to);
  const holds = holdsOf(checkpoint.config, clampsOf(asked.holds, checkpoint.config.cell), encoded.ids.length);
  const found = readEncoded(checkpoint, encoded, holds);
  return {
    tokens: found.tokens,
    unknown: found.unknown,
    verdicts: numbers(found.verdicts),
    inputs: numbers(found.inputs),
    signals: Object.fromEntries([...found.signals].map(([name, values]) => [name, numbers(values)])),
  };
};

/** Milliseconds that a reading takes: for benchmarks/browser_reading.py. */
const time = async (folder: string, asked: { model: string; text: string }): Promise<number> => {
  const server = serverOf(folder);
  const before = performance.now();
  await server.read_sentence(asked);
  return performance.now() - before;
};

/** A whole text, token by token. */
const write = async (folder: string, { model, writing, to }: { model: string; writing: Writing; to: number }) => {
  const writer = new Writer(await opened(folder, model), writing);
  writer.until(to);
  return writer.letters;
};
/** What a corpus that lies in a file is searched for. */
const found = ({ path, asked }: { path: string; asked: Find }) =>
  new Corpus(JSON.parse(readFileSync(path, "utf-8")) as CorpusFile).find(asked);
const drawn = ({
  logits,
  temperature,
  topK,
  seed,
}: Omit<Writing, "start" | "seeds" | "holds"> & { logits: number[]; seed: number }) =>
  draw(Float32Array.from(logits), temperature, topK, new Pcg32(seed).share());

const answer = async ({ folder, name, question }: Asked): Promise<unknown> => {
  if (name === "tokenise") return (question as string[]).map(tokenise);
  if (name === "letters") return (question as string[]).map(letters);
  if (name === "trace") return trace(folder, question as Parameters<typeof trace>[1]);
  if (name === "in_wasm") return !((await opened(folder, question as string)).kernel instanceof Plain);
  if (name === "write") return write(folder, question as Parameters<typeof write>[1]);
  if (name === "draw") return (question as Parameters<typeof drawn>[0][]).map(drawn);
  if (name === "find") return found(question as Parameters<typeof found>[0]);
  if (name === "time") return time(folder, question as Parameters<typeof time>[1]);
  const server = serverOf(folder) as unknown as Record<LocalName, (asked: unknown) => Promise<unknown>>;
  return server[name as LocalName](question);
};

for await (const line of createInterface({ input: process.stdin })) {
  try {
    process.stdout.write(`${JSON.stringify({ answer: await answer(JSON.parse(line)) })}\n`);
  } catch (error) {
    const said = error instanceof EngineError ? error.objection : { error: "bug", message: String(error) };
    process.stdout.write(`${JSON.stringify({ answer: said })}\n`);
  }
}
