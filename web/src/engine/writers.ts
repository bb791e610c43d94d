// Who asks for a text in parts has it written on, as long as it is asked for: the last few texts are kept.

import type { Checkpoint } from "./checkpoint";
import { type Letter, type Watched, Writer, type Writing } from "./write";

/** So many tokens are new in an answer at most, so that whoever asks can change their mind. */
const FRESH = 24;
const MOST_KEPT = 4;
/** Of a text, with its beginning. */
export const MOST_LETTERS = 2_000;

/** Some tokens of a text that a network writes, its beginning counted. */
export interface WriteQuestion {
  model: string;
  writing: Writing;
  from: number;
  to: number;
  watched: Watched | null;
}
export interface WriteReply {
  from: number;
  /** Fewer than were asked for, where these would take long. */
  letters: Letter[];
  /** Tokens of the beginning; 0 if it has none. */
  start: number;
  /** What the watched unit held after each of these tokens. */
  values: number[];
}

export class Writers {
  readonly #kept = new Map<string, Writer>();

  answer(checkpoint: Checkpoint, { model, writing, from, to, watched }: WriteQuestion): WriteReply {
    const writer = this.#writer(JSON.stringify([model, writing]), checkpoint, writing);
    const { start, letters } = writer;
    if (start) writer.until(Math.min(to, letters.length + FRESH, MOST_LETTERS));
    const end = Math.min(to, letters.length);
    return { from, letters: letters.slice(from, end), start, values: watched ? writer.values(watched, from, end) : [] };
  }

  #writer(key: string, checkpoint: Checkpoint, writing: Writing): Writer {
    const writer = this.#kept.get(key) ?? new Writer(checkpoint, writing);
    this.#kept.delete(key);
    this.#kept.set(key, writer); // the last one asked for is the last one to go
    if (this.#kept.size > MOST_KEPT) this.#kept.delete([...this.#kept.keys()][0]);
    return writer;
  }
}
