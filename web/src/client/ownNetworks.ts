// Networks that a visitor trained here or brings as a file: they open as any other, and stay in this browser.

import type { Folder } from "../engine/folders";
import type { Trained } from "../engine/training/learning";
import type { BrowserEngine, Outcome } from "./browserEngine";
import type { Objection } from "./contract";

/** A network that is open; or why it is not. */
export type OpenedHere = { name: string; title: string } | { refused: Objection } | null;

const NEEDED = ["config.json", "model.safetensors", "vocabulary.txt"] as const;

/** What a config.json calls its network; the engine checks the file, here it is only a name for the menu. */
const titleOf = (config: Uint8Array): string => {
  try {
    const { title } = JSON.parse(new TextDecoder().decode(config));
    return typeof title === "string" ? title.slice(0, 200) : "";
  } catch {
    return "";
  }
};
const replyOf = (outcome: Outcome): unknown => ("reply" in outcome ? outcome.reply : null);

export class OwnNetworks {
  readonly #engine: BrowserEngine;
  #count = 0;

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

  async #open(folder: Folder): Promise<OpenedHere> {
    const config = folder["config.json"];
    if (!config || NEEDED.some((file) => !folder[file])) return null;
    this.#count += 1;
    const name = `own-${this.#count}`;
    const bytes = Object.values(folder).reduce((sum, file) => sum + file.length, 0);
    this.#engine.addOwn(name, { bytes, files: folder });
    const loaded = await this.#engine.load(name);
    return "refused" in loaded ? loaded : { name, title: titleOf(config) || name };
  }
}
