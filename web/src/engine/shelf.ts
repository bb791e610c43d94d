// Where the engine's networks and sentences come from: addresses that are fetched, or bytes that are there already.

import type { Words } from "../client/contract";
import type { Dictionary } from "../client/types";
import { bytesOf } from "../model/base64";
import { joined } from "../model/bytes";
import { type Checkpoint, openCheckpoint } from "./checkpoint";
import type { FileName } from "./files";
import type { Shelf } from "./localServer";

/** The files of a network: each at an address (absolute: a worker has none of its own), in base64, or as bytes. */
export type Source = Partial<Record<FileName, string | { base64: string } | Uint8Array>>;
export interface NetworkSource {
  /** Of all files together, as far as that is known. */
  bytes: number;
  files: Source;
}
export interface ShelfDescription {
  networks: Record<string, NetworkSource>;
  /** The sentences of the page, and of its lesson, by name; or the address of a JSON file of them. */
  words: Partial<Record<Words, string | Dictionary>>;
}

/** A network was asked for that is not loaded. */
export class NotLoaded extends Error {
  readonly network: string;

  constructor(network: string) {
    super(`${network} is not loaded`);
    this.network = network;
  }
}
/** A file did not come. */
export class NotFetched extends Error {}

/** What is told of a network without opening it. */
const TOLD = ["config.json", "units.json"] as const;

export type Progress = (name: string, share: number) => void;

export class FetchedShelf implements Shelf {
  readonly #networks: Map<string, NetworkSource>;
  readonly #words: ShelfDescription["words"];
  readonly #progress: Progress;
  readonly #files = new Map<string, Promise<Uint8Array | undefined>>();
  readonly #loaded = new Map<string, Promise<Checkpoint>>();

  constructor({ networks, words }: ShelfDescription, progress: Progress) {
    this.#networks = new Map(Object.entries(networks));
    this.#words = words;
    this.#progress = progress;
  }

  get names(): string[] {
    return [...this.#networks.keys()];
  }

  /** Put a network on the shelf, or another in its place. */
  add(name: string, source: NetworkSource): void {
    this.#networks.set(name, source);
    this.#loaded.delete(name);
    for (const key of this.#files.keys()) if (key.startsWith(`${name}/`)) this.#files.delete(key);
  }

  /** Fetch a network and open it; EngineError says why it cannot be trusted, NotFetched that a file did not come. */
  load(name: string): Promise<Checkpoint> {
    const known = this.#loaded.get(name);
    if (known) return known;
    const loading = this.#load(name);
    this.#loaded.set(name, loading);
    loading.catch(() => this.#loaded.get(name) === loading && this.#loaded.delete(name)); // so that it is tried again
    return loading;
  }

  /** The network of a name, if it is loaded. */
  open(name: string): Promise<Checkpoint> {
    const known = this.#loaded.get(name);
    return known ?? Promise.reject(new NotLoaded(name));
  }

  /** A file, or undefined where the network has none; NotFetched where it does not come. */
  async file(name: string, file: FileName): Promise<Uint8Array | undefined> {
    const key = `${name}/${file}`;
    const coming = this.#files.get(key) ?? this.#fetch(name, file, () => {});
    this.#files.set(key, coming);
    coming.catch(() => this.#files.get(key) === coming && this.#files.delete(key)); // so that it is tried again
    return coming;
  }

  async words(name: Words): Promise<Dictionary> {
    const there = this.#words[name];
    if (there === undefined) throw new NotFetched(name);
    if (typeof there !== "string") return there;
    return JSON.parse(new TextDecoder().decode(await bytesAt(there, () => {})));
  }

  async #load(name: string): Promise<Checkpoint> {
    const source = this.#networks.get(name);
    if (!source) throw new NotLoaded(name);
    const names = Object.keys(source.files) as FileName[];
    let got = 0;
    const more = (bytes: number) => {
      got += bytes;
      this.#progress(name, source.bytes ? Math.min(1, got / source.bytes) : 0);
    };
    const bytes = await Promise.all(names.map((file) => this.#fetch(name, file, more)));
    const files = new Map(names.flatMap((file, place) => (bytes[place] ? [[file, bytes[place]] as const] : [])));
    if (this.#networks.get(name) === source) {
      for (const file of TOLD) this.#files.set(`${name}/${file}`, Promise.resolve(files.get(file)));
    }
    return openCheckpoint(name, files);
  }

  async #fetch(name: string, file: FileName, more: (bytes: number) => void): Promise<Uint8Array | undefined> {
    const there = this.#networks.get(name)?.files[file];
    if (there === undefined || there instanceof Uint8Array) return there;
    return typeof there === "string" ? bytesAt(there, more) : bytesOf(there.base64);
  }
}

/** What lies at an address, told as it comes. */
const bytesAt = async (address: string, more: (bytes: number) => void): Promise<Uint8Array> => {
  const response = await fetch(address).catch(() => null);
  if (!response?.ok || !response.body) throw new NotFetched(address);
  const parts: Uint8Array[] = [];
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    more(next.value.length);
  }
  return joined(...parts);
};
