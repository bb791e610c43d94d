// C, the memory ledger: under each word, what was written there that is still in the memory, or in the score of a
// class.

import { html, nothing, render, svg, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import { type Account, accountOfClass, accountOfUnit } from "../model/account";
import type { Value } from "../model/csv";
import { type BarPath, barPaths, LITTLE, outlineOf } from "../model/ledgerBars";
import { last } from "../model/numbers";
import { type Here, type Place, wordAlone } from "../model/place";
import { visible } from "../model/text";
import type { ViewData } from "../model/viewData";
import type { Page, Panel } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { closest, placeBetween, tell } from "../ui/dom";
import { type Savable, saveButtons } from "../ui/saveData";
import { ledgerSentences } from "./ledgerSentences";

/** Whose account is drawn: that of a class, by its index in the labels, or the selected unit's. */
type Subject = number | "unit";

/** An account, and what of its picture does not depend on the word that is pointed at. */
interface Drawn {
  key: string;
  account: Account;
  numbers: string[];
  paths: BarPath[];
}

class LedgerPanel implements Panel {
  private readonly page: Page;
  private readonly sentences: ReturnType<typeof ledgerSentences>;
  private readonly of: HTMLElement;
  private readonly when: HTMLElement;
  private readonly entries: HTMLElement;
  private readonly fine: HTMLElement;
  private readonly said: HTMLElement;
  /** What the reader chose; null for the unit if one is pinned, else the answer. */
  private chosen: Subject | null = null;
  /** The unit is looked at as the selected word is read, not at the end. */
  private follows = false;
  /** The network and the pinned unit that `chosen` was chosen for. */
  private chosenFor = "";
  private drawings = 0;
  private drawn: Drawn | null = null;

  constructor(page: Page) {
    this.page = page;
    this.sentences = ledgerSentences(page);
    this.of = page.part(".rv-ledger-of");
    this.when = page.part(".rv-ledger-when");
    this.entries = page.part(".rv-entries");
    this.fine = page.part(".rv-ledger .rv-fine");
    this.said = page.part(".rv-account");
    for (const group of [this.of, this.when]) walkable(group);
  }

  draw(): void {
    render(
      saveButtons(this.page, "ledger", () => this.savable()),
      this.page.part(".rv-ledger-saves"),
    );
    this.drawings += 1; // whatever was drawn is of another reading, language or width
  }

  mark(): void {
    const { page } = this;
    if (!page.view.ledger) return; // it is folded
    const here = page.here();
    this.forgetChoice();
    const about = this.subject();
    this.offer(about, here);
    for (const part of [this.entries, this.fine]) part.hidden = about === null;
    if (about === null) {
      this.said.classList.remove("rv-untold");
      render(nothing, this.entries);
      tell(this.said, page.say("ledger_rnn"));
      return;
    }
    const ofClass = about !== "unit";
    const waits = ofClass ? this.isPartOfBothWays() : page.toCome({ ...here, token: page.played ?? 0 });
    this.entries.classList.toggle("rv-untold", waits);
    this.said.classList.toggle("rv-untold", waits || (ofClass && page.played !== null)); // how a score ends
    this.drawn = this.drawingOf(about, here);
    render(this.picture(this.drawn, here.token, ofClass), this.entries);
    tell(this.said, this.sentence(about, this.drawn.account, here));
  }

  /** A row a word: what it wrote, the share of that which is left, and how much that is. */
  private savable(): Savable | null {
    const { page, drawn } = this;
    const about = this.subject();
    if (!page.shown || !drawn || about === null) return null;
    const { reading, holds } = page;
    const { unit, layer, direction, token } = page.here();
    const { rows, total, bias, elsewhere } = drawn.account;
    const seen = reading.start + this.seenAt({ unit, layer, direction, token }) + 1;
    const of = about === "unit" ? { unit, layer, direction, seen_at: seen } : { class: reading.labels[about] };
    const data: ViewData = {
      what: "ledger",
      networks: [reading.model],
      texts: [reading.text],
      holds,
      settings: { ...of, total, bias: bias ?? null, elsewhere },
      columns: ["position", "word", "wrote", "share_left", "left"],
      rows: rows.map(({ wrote, share, left }, t): Value[] => {
        return [reading.start + t + 1, reading.tokens[t], wrote ?? null, share, left];
      }),
    };
    return { data };
  }

  // --- whose account -------------------------------------------------------------------------------------------------

  /** What was done last decides: another unit or another network ends a choice. */
  private forgetChoice(): void {
    const { pinned, reading } = this.page;
    const now = [reading.model, pinned.unit, pinned.layer, pinned.direction].join();
    if (now !== this.chosenFor) this.chosen = null;
    this.chosenFor = now;
  }
  private subject(): Subject | null {
    const { reading, pinned } = this.page;
    if (reading.cell === "rnn") return null;
    if (!reading.contributions || (this.chosen === null && pinned.unit !== null)) return "unit";
    return this.chosen ?? reading.answer;
  }
  private offer(about: Subject | null, here: Here): void {
    const { page } = this;
    const { reading } = page;
    const subjects: Subject[] = [...(reading.contributions ? reading.classes.shown : []), "unit"];
    const title = (name: Subject) =>
      name === "unit" ? page.say("unit", { unit: page.unitOf(here) }) : page.classOf(reading.labels[name]);
    const titles = about === null ? [] : subjects.map(title);
    const now = about === null ? -1 : subjects.indexOf(about);
    choices(this.of, titles, now, (place) => {
      this.chosen = subjects[place];
      this.chose();
    });
    choices(this.when, [page.say("ledger_when_end"), page.say("ledger_when_word")], Number(this.follows), (place) => {
      this.follows = place === 1;
      this.chose();
    });
    this.when.hidden = about !== "unit";
  }
  private chose(): void {
    this.mark();
    this.page.mark();
  }

  // --- its account ---------------------------------------------------------------------------------------------------

  /** Where a direction is looked at: at the end of its way, or as far as it has been played or followed. */
  private seenAt({ token, direction }: Here): number {
    const { played, reading } = this.page;
    if (played !== null) return played;
    if (this.follows) return token;
    return direction === 0 ? reading.tokens.length - 1 : 0;
  }
  private isPartOfBothWays(): boolean {
    const { played, reading } = this.page;
    return played !== null && reading.directions > 1 && played < reading.tokens.length - 1;
  }
  private drawingOf(about: Subject, here: Here): Drawn {
    const { page, drawn } = this;
    const { reading, edges, played } = page;
    const seen = this.seenAt(here);
    const of = about === "unit" ? ["unit", here.unit, here.layer, here.direction, seen] : [about, played];
    const key = [this.drawings, ...of].join();
    if (drawn?.key === key) return drawn;
    const { contributions, windowed } = reading;
    const account =
      about === "unit" || !contributions
        ? accountOfUnit(reading, here, seen)
        : accountOfClass(contributions, about, windowed);
    // Of a score, which is known at the end alone, there are no bars for words to come.
    const end = about !== "unit" && played !== null ? played : reading.tokens.length - 1;
    const numbers = account.rows.map(({ left }) => page.signed(left));
    return { key, account, numbers, paths: barPaths(account, edges, end) };
  }
  private sentence(about: Subject, account: Account, here: Here): string {
    if (about !== "unit") return this.sentences.ofClass(account, about, here.token);
    const atEnd = !this.follows && this.page.played === null;
    return this.sentences.ofUnit(account, here, this.seenAt(here), atEnd);
  }

  // --- the picture ---------------------------------------------------------------------------------------------------

  private picture({ key, account, numbers, paths }: Drawn, token: number, ofClass: boolean): TemplateResult {
    const { page } = this;
    const { edges, played, reading } = page;
    const width = last(edges) + 1;
    const outline = outlineOf(account, edges, token);
    const hidden = ofClass && played !== null && token > played;
    const entries = reading.tokens.map((word, t) =>
      guard([key, t === token, played], () => this.entry(word, t, numbers[t], token)),
    );
    return html`<div class="rv-scale" aria-hidden="true"
        ><span class="rv-most">${page.signed(account.scale)}</span><span class="rv-zero">0</span
        ><span class="rv-least">${page.signed(-account.scale)}</span></div>
      <ol aria-label=${page.say("ledger")} .style=${`width: ${width}px`}
        @pointerover=${(event: PointerEvent) => event.pointerType !== "touch" && page.hover(wordOf(event))}
        @pointerleave=${() => page.hover(null)}
        @click=${(event: Event) => this.pin(wordOf(event))}>${entries}</ol>
      <svg class="rv-bars" height="80" width=${width} aria-hidden="true">
        <line x1="0" x2="100%" y1="40" y2="40"></line>
        ${paths.map(({ kind, side, d }) => svg`<path class="rv-${kind} rv-${side}" d=${d}></path>`)}
        <path class="rv-then ${outline.above ? "rv-above" : ""}" d=${hidden ? "" : outline.d}></path>
      </svg>`;
  }
  private entry(word: string, t: number, number: string, token: number): TemplateResult {
    const { edges, played } = this.page;
    const names = [t === token ? "rv-at" : "", played !== null && t > played ? "rv-later" : ""];
    const little = Math.abs(this.drawn?.account.rows[t].left ?? 0) < LITTLE;
    return html`<li data-token=${t} class=${names.join(" ")}
      .style=${placeBetween(edges[t], edges[t + 1])}
      ><bdi class="rv-unseen">${visible(word)}</bdi><span class=${little ? "rv-little" : ""}>${number}</span></li>`;
  }
  private pin(place: Place | null): void {
    if (place) this.page.pin({ ...this.page.pinned, token: place.token });
  }
}

const wordOf = (event: Event): Place | null => {
  const node = closest(event, "li");
  return node ? wordAlone(Number(node.dataset.token)) : null;
};

export const ledger = (page: Page): Panel => new LedgerPanel(page);
