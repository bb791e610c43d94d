// Python's difflib, as far as it is asked here: two sequences laid side by side, and the name nearest to another.
//
// Source: Ratcliff and Metzener 1988, as in difflib.SequenceMatcher without its rule for long texts.

interface Match {
  one: number;
  other: number;
  size: number;
}

const NEAR = 0.6;

/** The longest piece that two ranges share; the one that begins first in `one`, then in `other`. */
const longest = (
  one: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [from, to, otherFrom, otherTo]: readonly number[],
): Match => {
  let best: Match = { one: from, other: otherFrom, size: 0 };
  let lengths = new Map<number, number>(); // of the pieces that end at the item before, by where they end in `other`
  for (let i = from; i < to; i += 1) {
    const within = (places.get(one[i]) ?? []).filter((j) => otherFrom <= j && j < otherTo);
    const before = lengths;
    lengths = new Map(within.map((j) => [j, (before.get(j - 1) ?? 0) + 1]));
    for (const [j, size] of lengths) if (size > best.size) best = { one: i - size + 1, other: j - size + 1, size };
  }
  return best;
};

/** The pieces that two sequences share, in order; neighbours are joined, and an empty one stands at the end. */
const matches = (one: readonly string[], other: readonly string[]): Match[] => {
  const places = new Map<string, number[]>();
  for (const [j, item] of other.entries()) places.set(item, [...(places.get(item) ?? []), j]);
  const found: Match[] = [];
  const ranges = [[0, one.length, 0, other.length]];
  for (let range = ranges.pop(); range; range = ranges.pop()) {
    const [from, to, otherFrom, otherTo] = range;
    const match = longest(one, places, range);
    if (!match.size) continue;
    found.push(match);
    ranges.push([from, match.one, otherFrom, match.other]);
    ranges.push([match.one + match.size, to, match.other + match.size, otherTo]);
  }
  const joined: Match[] = [];
  for (const match of found.sort((left, right) => left.one - right.one)) {
    const last = joined.at(-1);
    if (last && last.one + last.size === match.one && last.other + last.size === match.other) last.size += match.size;
    else joined.push({ ...match });
  }
  return [...joined, { one: one.length, other: other.length, size: 0 }];
};

export type Pair = [number | null, number | null];

/** Positions side by side: equal words, and words replaced by as many others; what was left out or put in is alone. */
export const pairsOf = (one: readonly string[], other: readonly string[]): Pair[] => {
  const pairs: Pair[] = [];
  let [left, right] = [0, 0];
  for (const match of matches(one, other)) {
    const [gap, otherGap] = [placesFrom(left, match.one - left), placesFrom(right, match.other - right)];
    if (gap.length === otherGap.length) pairs.push(...gap.map((place, k): Pair => [place, otherGap[k]]));
    else pairs.push(...gap.map((place): Pair => [place, null]), ...otherGap.map((place): Pair => [null, place]));
    pairs.push(...placesFrom(match.one, match.size).map((place, k): Pair => [place, match.other + k]));
    [left, right] = [match.one + match.size, match.other + match.size];
  }
  return pairs;
};

const placesFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, k) => first + k);

/** The choice nearest to what was given, whatever its case; undefined if none is near. */
export const nearest = (given: string, choices: readonly string[]): string | undefined => {
  const asked = [...given.toLowerCase()];
  const scored = choices.map((choice) => {
    const letters = [...choice.toLowerCase()];
    const shared = matches(letters, asked).reduce((sum, { size }) => sum + size, 0);
    return { choice, lower: choice.toLowerCase(), ratio: (2 * shared) / (letters.length + asked.length) };
  });
  const near = scored.filter(({ ratio }) => ratio >= NEAR);
  // Python's heapq.nlargest compares (ratio, name).
  near.sort((one, two) => two.ratio - one.ratio || (one.lower < two.lower ? 1 : one.lower > two.lower ? -1 : 0));
  return near[0]?.choice;
};
