// What the memory ledger says in words about the account that it draws.

import { type Account, largest } from "../model/account";
import { LITTLE } from "../model/ledgerBars";
import type { Here } from "../model/place";
import type { Page } from "../state/page";

class LedgerSentences {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /**
   * Of a unit's memory.
   *
   * @param seen - The word at which the memory is looked at.
   * @param atEnd - Whether that is where the reading ends, unless a window hides the end.
   */
  ofUnit(account: Account, here: Here, seen: number, atEnd: boolean): string {
    const { page } = this;
    const values = { unit: page.unitOf(here), holds: page.signed(account.total), at: page.token(seen) };
    const ends = atEnd && page.reading.earlier(seen, 1 - here.direction) === null;
    const end = here.direction === 0 ? "ledger_unit_end" : "ledger_unit_start";
    const said = [page.say(ends ? end : "ledger_unit_at", values), ...this.most(account)];
    if (account.elsewhere !== null) said.push(page.say("ledger_before", { left: page.signed(account.elsewhere) }));
    if (account.bias !== undefined) said.push(page.say("ledger_bias", { left: page.signed(account.bias) }));
    if (page.played === null) said.push(this.ofWord(account, here.token, seen));
    return said.join(" ");
  }

  /** Of the score of a class; `place` is its index in the labels. */
  ofClass(account: Account, place: number, token: number): string {
    const { page } = this;
    const label = page.classOf(page.reading.labels[place]);
    const said = [page.say("ledger_class", { label, score: page.signed(account.total) }), ...this.most(account)];
    if (account.elsewhere !== null) said.push(page.say("ledger_elsewhere", { left: page.signed(account.elsewhere) }));
    const left = page.signed(account.rows[token].left);
    if (token !== largest(account)) said.push(page.say("ledger_class_word", { word: page.token(token), left }));
    said.push(page.say("ledger_bias", { left: page.signed(account.bias ?? 0) }));
    if (page.reading.contributions?.squashed) said.push(page.say("ledger_squashed"));
    return said.join(" ");
  }

  /** The word of which most is left, if that is not next to nothing. */
  private most(account: Account): string[] {
    const { page } = this;
    const most = largest(account);
    const { left } = account.rows[most];
    if (Math.abs(left) < LITTLE) return [];
    const key = page.reading.windowed ? "ledger_most_shown" : "ledger_most";
    return [page.say(key, { word: page.wordAt(most), left: page.signed(left) })];
  }

  private ofWord(account: Account, t: number, seen: number): string {
    const { page } = this;
    const { wrote = 0, share } = account.rows[t];
    const values = { word: page.token(t), wrote: page.signed(wrote), share: page.share(share) };
    if (Math.abs(wrote) < LITTLE) return page.say("ledger_nothing", values);
    if (t === seen) return page.say("ledger_now", values);
    if (share < 0.01) return page.say("ledger_gone", { ...values, share: page.share(0.01) });
    return page.say("ledger_left", values);
  }
}

export const ledgerSentences = (page: Page) => new LedgerSentences(page);
