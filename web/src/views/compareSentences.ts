// What the view Compare says: where the answers part, which units are shown, one column, one unit at one column.

import { type Comparison, isWhole, type Limits, type Pair, type UnitGroup } from "../model/comparison";
import { apart, argmax } from "../model/numbers";
import type { Unit } from "../model/place";
import type { Reading } from "../model/reading";
import { told } from "../model/text";
import type { Page } from "../state/page";

const ALIKE = 0.005; // answers that never differ by more are called alike
const MOST_CLASSES = 8; // that are listed

class CompareSentences {
  private readonly page: Page;
  private readonly found: Comparison;

  constructor(page: Page, found: Comparison) {
    this.page = page;
    this.found = found;
  }

  /** Where and how far the answers part. */
  story(): string {
    const { page, found } = this;
    const { left, right, apart } = found;
    if (!found.sameClasses) {
      const listed = ({ labels, model }: Reading) => page.list(page.classesOf(labels.slice(0, MOST_CLASSES), model));
      return page.say("compare_classes", { one: listed(left), other: listed(right) });
    }
    if (!found.first && found.sameNetwork) return page.say("compare_same");
    const pair = apart && found.pairs[apart.column];
    if (!pair || !isWhole(pair)) return page.say("compare_nothing");
    if (apart.size < ALIKE) return page.say("compare_alike");
    const said = this.parting(pair, apart.label);
    const isPages = found.sameNetwork && left.model === page.reading.model;
    return isPages ? `${said} ${this.unitAt(apart.column)}` : said;
  }
  private parting(pair: [number, number], label: number): string {
    const { page, found } = this;
    const { left, right, first } = found;
    const values = {
      word: this.placed(pair),
      label: page.classOf(left.labels[label], left.model),
      one: page.share(left.verdicts[pair[0]][label]),
      other: page.share(right.verdicts[pair[1]][label]),
    };
    if (!first) return page.say("compare_apart", values);
    return page.say("compare_parted", { ...values, first: this.placed(first) });
  }
  /** The word of a pair; with its number where its text has it several times, and its side where B counts otherwise. */
  private placed(pair: Pair): string {
    const { page, found } = this;
    const [l, r] = pair;
    const [side, t, { tokens }] = l === null ? (["B", r ?? 0, found.right] as const) : (["A", l, found.left] as const);
    if (tokens.indexOf(tokens[t]) === tokens.lastIndexOf(tokens[t])) return found.word(pair);
    const position = page.say("word_at", { position: t + 1 });
    return `${found.word(pair)} (${l === r ? position : `${side}: ${position}`})`;
  }
  /** The unit that differs most at a column, of all layers and directions that are shown. */
  private unitAt(column: number): string {
    const { page, found } = this;
    const signal = found.signalOf(page.view.signal);
    const most = found.within(page.blocks()).map((place) => ({ place, ...found.unitAt(column, signal.name, place) }));
    const { place, unit, before, after } = most[argmax(most.map((one) => Math.abs(one.after - one.before)))];
    const ofUnit = { unit: page.unitOf({ unit, ...place }), signal: page.nameOf(signal) };
    return page.say("compare_unit", { ...ofUnit, one: page.signed(before), other: page.signed(after) });
  }

  /** Which answers these are, where they are of two networks, or of one that reads both ways. */
  aboutAnswers(): string {
    const { page, found } = this;
    const alone = found.sameClasses && !found.sameNetwork ? [page.say("compare_alone")] : [];
    return [...alone, ...this.ofBothWays("both_answers")].join(" ");
  }
  /** Which units are shown, and which colours they have: those of B − A reach so far. */
  aboutUnits(groups: UnitGroup[], far: number, { low, high, beyond }: Limits): string {
    const { page, found } = this;
    const signal = found.signalOf(page.view.signal);
    const isPinned = groups.some(({ units, most }) => units.length > most.length);
    const units = page.say("compare_units", {
      signal: page.nameOf(signal),
      count: groups[0].most.length,
      units: found.left.units,
      pinned: isPinned ? page.say("compare_pinned", { unit: page.pinned.unit }) : "",
      low: (beyond ? "≤ " : "") + page.signed(low),
      high: (beyond ? "≥ " : "") + page.signed(high),
      change: page.signed(far),
    });
    return [units, ...this.ofBothWays("both_answers", "both_units")].join(" ");
  }
  /** A network that reads both ways gives its answers and its units in two readings. */
  private ofBothWays(...keys: string[]): string[] {
    const { left, right } = this.found;
    return left.directions > 1 || right.directions > 1 ? keys.map((key) => this.page.say(key)) : [];
  }

  /** A column in words, for who points at it or hears it. */
  column(pair: Pair): string {
    const { page, found } = this;
    const { left, right, apart } = found;
    const values = { one: this.answer(left, pair[0]), other: this.answer(right, pair[1]) };
    if (apart === null || found.change(pair) === null) return page.say("compare_column", values);
    const label = page.classOf(left.labels[apart.label], left.model);
    return page.say("compare_column_change", { ...values, label, points: this.points(pair) });
  }
  private answer(reading: Reading, t: number | null): string {
    const { page } = this;
    if (t === null) return page.say("compare_gap");
    const winner = reading.winners[t];
    return page.say("word_says", {
      word: told(reading.tokens[t]),
      label: page.classOf(reading.labels[winner], reading.model),
      share: page.share(reading.verdicts[t][winner]),
    });
  }
  /** The change in points: in whole per cent, with its sign. */
  points(pair: Pair): string {
    const { page, found } = this;
    const label = found.apart?.label;
    if (label === undefined || !isWhole(pair)) return "";
    const [before, after] = [found.left.verdicts[pair[0]][label], found.right.verdicts[pair[1]][label]];
    const whole = Math.round(100 * apart(before, after));
    const sign = whole < 0 ? "−" : "+";
    return `${whole ? sign : ""}${page.count(Math.abs(whole))}`;
  }
  /** A unit at a column: A, B and B − A. */
  unit(column: number, { unit, ...place }: Unit): string {
    const { page, found } = this;
    const signal = found.signalOf(page.view.signal);
    const [before, after] = found.values(column, unit, signal.name, place);
    const number = (value: number | null) => (value === null ? page.say("compare_gap") : page.signed(value));
    return page.say("compare_at", {
      word: found.word(found.pairs[column]),
      unit: page.unitOf({ unit, ...place }),
      signal: page.nameOf(signal),
      one: number(before),
      other: number(after),
      change: number(before === null || after === null ? null : apart(before, after)),
    });
  }

  /** What the reader should know of the comparison. */
  notes(): string[] {
    const { page, found } = this;
    const notes = page.holds.length ? [page.say("read_unheld")] : [];
    return found.long ? [...notes, page.say("compare_long", { count: found.left.size })] : notes;
  }
}

export const compareSentences = (page: Page, found: Comparison): CompareSentences => new CompareSentences(page, found);
