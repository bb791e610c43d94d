// Searches a small corpus where there is no Python: the search of rnnviz/corpus/find.py through the states themselves,
// and what rnnviz/page/finding.py tells of it.

import type { CorpusTold, Find, FoundHits, Hit } from "../client/contract";
import { bytesOf } from "../model/base64";
import { counting } from "../model/numbers";
import { halfFrom } from "./half";
import type { Tokens } from "./tokens";

/** An index as rnnviz/page/portable.py writes it. */
export interface CorpusFile {
  name: string;
  kind: Tokens;
  both_ways: boolean;
  units: number;
  thresholds: number[];
  words: string[];
  tokens: number[];
  offsets: number[];
  classes: string[];
  labels: number[];
  answer_names: string[];
  answers: number[];
  probabilities: number[];
  /** float16 [position, unit] in base64. */
  states: string;
}

// As in rnnviz/page/finding.py and as_read.py.
const AROUND: Record<Tokens, number> = { words: 12, letters: 60 };
const MOST_OF_HIT: Record<Tokens, number> = { words: 40, letters: 200 };
const [MOST_TOKENS, MOST_TOKENS_BOTH_WAYS] = [2_000, 200];

/** A stretch by its first position and the one after its last; which of the chosen units it matches. */
interface Stretch {
  start: number;
  stop: number;
  matched: boolean[];
}
type Asked = Required<Pick<Find, "units" | "length" | "before" | "after" | "every" | "most">>;

const countOf = ({ matched }: Stretch): number => matched.filter(Boolean).length;

export class Corpus {
  private readonly file: CorpusFile;
  private readonly states: Float32Array;
  /** The text of each position. */
  private readonly texts: Uint32Array;

  constructor(file: CorpusFile) {
    this.file = file;
    this.states = Float32Array.from(new Uint16Array(bytesOf(file.states).buffer), halfFrom);
    this.texts = new Uint32Array(file.tokens.length);
    for (const text of file.labels.keys()) this.texts.fill(text, file.offsets[text], file.offsets[text + 1]);
  }

  /** What is found; without units, only what there is to search. */
  find({
    units = [],
    threshold,
    length = 1,
    before = false,
    after = false,
    every = false,
    most = 20,
  }: Find): FoundHits | CorpusTold {
    const began = performance.now();
    const { file } = this;
    const { name, thresholds } = file;
    const corpus = { name, texts: file.labels.length, tokens: file.tokens.length, thresholds };
    if (!units.length) return { corpus };
    const level = thresholds.find((one) => one === threshold) ?? thresholds[0];
    const asked = { units, length, before, after, every, most };
    const rows = units.map(([unit, sign]) => this.row(unit, sign, level));
    const { hits, least } = this.search(rows, asked);
    const surprise = rows.map(
      (row) =>
        -Math.log2(
          Math.max(
            1,
            row.reduce((sum, on) => sum + on, 0),
          ) / row.length,
        ),
    );
    const bitsOf = ({ matched }: Stretch) => surprise.reduce((sum, bits, n) => sum + (matched[n] ? bits : 0), 0);
    const marked = new Set(hits.map(({ start }) => this.texts[start]));
    return {
      corpus,
      hits: this.best(hits, bitsOf, asked).map((hit) => this.told(hit, bitsOf(hit), units)),
      total: hits.length,
      texts: marked.size,
      least,
      labels: file.classes.map((label, place) => this.share(label, place, marked)),
      seconds: (performance.now() - began) / 1000,
    };
  }

  /** Where a unit is on. */
  private row(unit: number, sign: number, threshold: number): Uint8Array {
    const { units, tokens } = this.file;
    return Uint8Array.from(tokens, (_, p) => Number(sign * this.states[p * units + unit] > threshold));
  }

  /** All hits at the largest number of units at which there are enough, and that number. */
  private search(rows: Uint8Array[], asked: Asked): { hits: Stretch[]; least: number } {
    const counts = Uint16Array.from(this.file.tokens, (_, p) => rows.reduce((sum, row) => sum + row[p], 0));
    let kept: Stretch[] = [];
    let hits: Stretch[] = [];
    for (let least = rows.length; least > 0; least -= 1) {
      kept = apart(kept, this.stretches(rows, counts, least, asked));
      const most = least;
      hits = kept.filter((one) => countOf(one) >= most);
      const amount = asked.every ? hits.length : new Set(hits.map(({ start }) => this.texts[start])).size;
      if (amount >= asked.most || least === 1) return { hits, least };
    }
    return { hits, least: 1 };
  }
  /** As many tokens in a row as there are at which so many units are on, at one of them no more. */
  private stretches(rows: Uint8Array[], counts: Uint16Array, least: number, asked: Asked): Stretch[] {
    const found: Stretch[] = [];
    for (let start = 0; start < counts.length; start += 1) {
      if (counts[start] < least) continue;
      const end = this.file.offsets[this.texts[start] + 1];
      let stop = start + 1;
      while (stop < end && counts[stop] >= least) stop += 1;
      if (counts.subarray(start, stop).includes(least)) found.push(this.matching(rows, start, stop, asked));
      start = stop - 1;
    }
    return found;
  }
  private matching(rows: Uint8Array[], start: number, stop: number, { before, after }: Asked): Stretch {
    const isAt = (row: Uint8Array, place: number) => this.texts[place] === this.texts[start] && row[place] === 1;
    const isMatched = (row: Uint8Array) =>
      !row.subarray(start, stop).includes(0) && !(before && isAt(row, start - 1)) && !(after && isAt(row, stop));
    return { start, stop, matched: rows.map(isMatched) };
  }

  /** The first hits, best first. */
  private best(hits: Stretch[], bitsOf: (hit: Stretch) => number, { length, every, most }: Asked): Stretch[] {
    const away = ({ start, stop }: Stretch) => Math.abs(stop - start - length);
    const bits = (hit: Stretch) => Math.round(bitsOf(hit) * 1e9);
    const order = [...hits].sort(
      (one, other) =>
        countOf(other) - countOf(one) || away(one) - away(other) || bits(other) - bits(one) || one.start - other.start,
    );
    const seen = new Set<number>();
    const isFirst = ({ start }: Stretch) => !seen.has(this.texts[start]) && seen.add(this.texts[start]);
    return (every ? order : order.filter(isFirst)).slice(0, most);
  }

  private told({ start, stop, matched }: Stretch, bits: number, units: Asked["units"]): Hit {
    const { file, texts } = this;
    const text = texts[start];
    const [own, end] = [file.offsets[text], file.offsets[text + 1]];
    const [around, most] = [AROUND[file.kind], MOST_OF_HIT[file.kind]];
    const first = Math.max(own, start - around);
    const until = Math.min(end, stop - start > most ? start + most : stop + around);
    const [label, answer] = [file.labels[text], file.answers[text]];
    return {
      text,
      tokens: this.words(first, until),
      first: first - own,
      more: until < end,
      start: start - own,
      stop: stop - own,
      units: units.filter((_, n) => matched[n]).map(([unit]) => unit),
      bits,
      label: file.classes[label] ?? null,
      answer: file.answer_names[answer] ?? null,
      probability: file.probabilities[text],
      whole: this.whole(own, end, stop),
    };
  }
  /** A text as the page reads it; null where it does not read it, or so far. */
  private whole(own: number, end: number, stop: number): string | null {
    const { kind, both_ways: bothWays } = this.file;
    if (bothWays ? end - own > MOST_TOKENS_BOTH_WAYS : stop - own > MOST_TOKENS) return null;
    return this.words(own, Math.min(end, own + MOST_TOKENS)).join(kind === "letters" ? "" : " ");
  }
  private words(from: number, to: number): string[] {
    return this.file.tokens.slice(from, to).map((token) => this.file.words[token]);
  }
  private share(label: string, place: number, marked: Set<number>): FoundHits["labels"][number] {
    const own = counting(this.file.labels.length).filter((text) => this.file.labels[text] === place);
    return { label, texts: own.filter((text) => marked.has(text)).length, all: own.length };
  }
}

/** Stretches of more units, and those of fewer around them: of each inside another the one that matches more. */
const apart = (inner: Stretch[], outer: Stretch[]): Stretch[] => {
  if (!inner.length) return outer;
  const isInside = (one: Stretch, other: Stretch) => one.start >= other.start && one.stop <= other.stop;
  const most = new Map(outer.map((one) => [one, 0]));
  const around = inner.map((one) => outer.find((other) => isInside(one, other)));
  for (const [n, other] of around.entries())
    if (other) most.set(other, Math.max(most.get(other) ?? 0, countOf(inner[n])));
  const better = new Set(outer.filter((one) => countOf(one) > (most.get(one) ?? 0)));
  const kept = inner.filter((_, n) => {
    const other = around[n];
    return !other || !better.has(other);
  });
  return [...kept, ...outer.filter((one) => better.has(one))];
};
