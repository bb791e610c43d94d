// Networks that a visitor trained here or brings as a file: they open as any other, and stay in this browser.

import type { Folder } from "../engine/folders";
import type { Trained } from "../engine/training/learning";
import { base64Of } from "../model/base64";
import type { BrowserEngine, Outcome } from "./browserEngine";
import type { Objection } from "./contract";
import type { ModelOffer, NetworkFiles } from "./types";

/** A network that is open; or why it is not. */
export type OpenedHere = ModelOffer | { refused: Objection } | null;

const NEEDED = ["config.json", "model.safetensors"] as const; // and a vocabulary, which the engine asks for

/** What a config.json says of its network, for the menu; the engine checks the file. */
const offerOf = (name: string, config: Uint8Array): ModelOffer => {
  const { title, tokens, task } = JSON.parse(new TextDecoder().decode(config));
  return {
    name,
    title: (typeof title === "string" && title.slice(0, 200)) || name,
    tokens: tokens === "letters" ? tokens : "words",
    task: task === "next" ? task : "classify",
  };
};
const sizeOf = (folder: Folder): number => Object.values(folder).reduce((sum, file) => sum + file.length, 0);
const replyOf = (outcome: Outcome): unknown => ("reply" in outcome ? outcome.reply : null);

export class OwnNetworks {
  readonly #engine: BrowserEngine;
  readonly #folders = new Map<string, Folder>();

  constructor(engine: BrowserEngine) {
    this.#engine = engine;
  }

  async openTrained(trained: Trained): Promise<OpenedHere> {
    return this.#open(replyOf(await this.#engine.pack({ folder: trained })) as Folder);
  }
  /** Null where the file holds no checkpoint. */
  async openZip(zip: Uint8Array): Promise<OpenedHere> {
    return this.#open(replyOf(await this.#engine.pack({ unzip: zip })) as Folder);
  }
  async zipOf(trained: Trained): Promise<Uint8Array<ArrayBuffer>> {
    return replyOf(await this.#engine.pack({ zip: trained })) as Uint8Array<ArrayBuffer>;
  }

  /** One of these networks for a page that is saved; null if it is none, or too large. */
  inside(name: string, most: number): Record<string, NetworkFiles> | null {
    const folder = this.#folders.get(name);
    if (!folder || sizeOf(folder) > most) return null;
    const files = Object.entries(folder).map(([file, bytes]) => [file, { base64: base64Of(bytes) }]);
    return { [name]: { bytes: sizeOf(folder), files: Object.fromEntries(files) } };
  }

  async #open(folder: Folder): Promise<OpenedHere> {
    const config = folder["config.json"];
    if (!config || NEEDED.some((file) => !folder[file])) return null;
    const name = `own-${Date.now().toString(36)}`; // of no other tab, so that no link means another network
    this.#folders.set(name, folder);
    this.#engine.addOwn(name, { bytes: sizeOf(folder), files: folder });
    const loaded = await this.#engine.load(name);
    return "refused" in loaded ? loaded : offerOf(name, config);
  }
}
