// What padding does to the answer of the text that is shown: nothing where the network reads packed batches; where it
// reads padded ones, what the view "Packed batch" shows of it.

import type { Drift } from "../client/contract";
import type { Reply } from "../client/types";
import { last } from "../model/numbers";
import { MOST_FILLED } from "../model/padding";
import type { Page } from "../state/page";

/** "none" where nobody has measured it for this network. */
type Truth = Drift | "packed" | "waiting" | "none";

class PaddingTruth {
  private readonly page: Page;
  private readonly changed: () => void;
  private readonly ask: (question: { text: string; pad_to: number }) => void;
  private truth: Truth = "waiting";
  /** The network and the text that were asked about. */
  private asked = { model: "", text: "" };

  constructor(page: Page, changed: () => void) {
    this.page = page;
    this.changed = changed;
    this.ask = page.asker("padding_drift", {
      again: true,
      use: (found: Reply<"padding_drift">, { text }: { text: string; pad_to: number }) => this.use(found, text),
    });
  }

  /** What padding does to the text that is shown; once it is known, the page is told. */
  now(): Truth {
    const { model, text } = this.page.reading;
    if (model !== this.asked.model || text !== this.asked.text) {
      this.asked = { model, text };
      this.truth = "waiting";
      this.learn(this.asked);
    }
    return this.truth;
  }
  /** Whether another answer stands at the end of the padding than without it. */
  changes(): boolean {
    const found = this.now();
    return typeof found === "object" && last(found.winners) !== found.alone.winner;
  }

  private async learn(asked: PaddingTruth["asked"]): Promise<void> {
    const { reading } = await this.page.about(asked.model);
    if (asked !== this.asked) return;
    if (reading === "padded") this.ask({ text: asked.text, pad_to: MOST_FILLED });
    else this.know(reading === "packed" ? "packed" : "none");
  }
  private use(found: Reply<"padding_drift">, text: string): void {
    if (text !== this.asked.text) return; // another text has been asked about since
    this.know(found.tokens && found.model === this.asked.model ? found : "none");
  }
  private know(truth: Truth): void {
    this.truth = truth;
    this.changed();
  }
}

export const paddingTruth = (page: Page, changed: () => void): PaddingTruth => new PaddingTruth(page, changed);
