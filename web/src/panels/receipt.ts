// The receipt: who read the text, and how far that reading is from PyTorch's.

import { html, nothing, render } from "lit-html";
import type { Reply } from "../client/types";
import { furthest } from "../model/furthest";
import { type TypedReading, unpackReading } from "../model/reading";
import type { Page, Panel } from "../state/page";

const SENTENCES = 1000; // over which a network's difference was measured

class ReceiptPanel implements Panel {
  private readonly page: Page;
  private readonly box: HTMLElement;
  /** What PyTorch's own reading of a text showed. */
  private checked: { of: TypedReading; said: string } | null = null;

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-receipt");
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    const here = page.shown.replay_error === undefined;
    const check = html` <button type="button" class="rv-button" @click=${() => this.check()}>${page.say("check_pytorch")}</button>`;
    const isChecked = this.checked?.of === page.shown;
    render(
      html`${this.sentence(page.shown)}${here && page.host.python && !isChecked ? check : nothing}
        <span role="status">${isChecked ? this.checked?.said : ""}</span>`,
      this.box,
    );
  }

  private sentence({ replay_error: error, ghost, model }: TypedReading): string {
    const { page } = this;
    if (error !== undefined) return page.say(ghost ? "receipt_held" : "receipt", { error: page.small(error) });
    const difference = page.props.networks?.[model]?.difference;
    if (typeof difference !== "number") return page.say("receipt_browser_unmeasured");
    return page.say("receipt_browser", { count: SENTENCES, error: page.small(difference) });
  }

  /** Have Python read this very text, with the same held, and say how far the numbers are apart. */
  private async check(): Promise<void> {
    const { page } = this;
    const { python } = page.host;
    const of = page.reading;
    const reply = await python
      ?.read_sentence({ model: of.model, text: of.text, start: of.start, holds: page.holds })
      .catch(() => null);
    this.checked = { of, said: this.saidOf(of, reply) };
    this.draw();
  }
  private saidOf(of: TypedReading, reply: Reply<"read_sentence"> | null | undefined): string {
    const { page } = this;
    if (!reply || reply.empty) return page.offline();
    if (reply.error !== undefined) return page.objection(reply);
    return page.say("checked_pytorch", { error: page.small(furthest(of, unpackReading(reply))) });
  }
}

export const receipt = (page: Page): Panel => new ReceiptPanel(page);
