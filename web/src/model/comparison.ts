// Two readings side by side, in numbers: which words stand beside which, where the answers part, which units differ most.

import { shownClasses } from "./colours";
import { argmax, unpackReading } from "./reading";
import { isolated } from "./text";

export const comparison = (answer) => {
  const FINEST = 0.1; // the scale of differences reaches at least so far: next to nothing must not look like much
  const [left, right] = [unpackReading(answer.one), unpackReading(answer.other)];
  const { pairs } = answer;
  const sameClasses = left.labels.join("\n") === right.labels.join("\n");
  const sameNetwork = left.model === right.model;
  // Where the classes are the same, they have the same colours, one upon the other in the same order.
  if (sameClasses)
    left.classes = right.classes = shownClasses(left.labels, [...left.verdicts, ...right.verdicts], left.answer);
  const whole = ([l, r]) => l !== null && r !== null;

  // The column and the class in which the answers are furthest apart; null where there are no two to compare.
  const parting = () => {
    let most = null;
    if (!sameClasses) return most;
    pairs.forEach(([l, r], column) => {
      if (!whole([l, r])) return;
      for (const label of [left.answer, ...left.labels.keys()]) {
        const size = Math.abs(right.verdicts[r][label] - left.verdicts[l][label]);
        if (most === null || size > most.size + 1e-9) most = { size, column, label };
      }
    });
    return most;
  };

  // A signal of a unit on both sides, at a column; null where there is no word.
  const values = (column, unit, signal, { layer, direction }) =>
    [left, right].map((reading, side) => {
      const t = pairs[column][side];
      return t === null ? null : reading.value(reading.signal(signal), t, unit, layer, direction);
    });
  // How far B is from A there; null where one of them has no word.
  const difference = (column, unit, signal, place) => {
    if (!whole(pairs[column])) return null;
    const [before, after] = values(column, unit, signal, place);
    return after - before;
  };
  const unitAt = (column, signal, place) => {
    const sizes = [...Array(left.units).keys()].map((unit) => Math.abs(difference(column, unit, signal, place)));
    const unit = argmax(sizes);
    const [before, after] = values(column, unit, signal, place);
    return { unit, before, after };
  };
  const apart = parting();
  // The unit that differs most where the answers do, then those that differ most over all words.
  const unitsApart = (signal, place, count) => {
    const differs = (unit) =>
      pairs.reduce((sum, _, column) => sum + Math.abs(difference(column, unit, signal, place) ?? 0), 0);
    const order = [...Array(left.units).keys()]
      .map((unit) => ({ unit, size: differs(unit) }))
      .sort((a, b) => b.size - a.size);
    const first = apart ? [unitAt(apart.column, signal, place).unit] : [];
    return [...new Set([...first, ...order.map(({ unit }) => unit)])].slice(0, count);
  };
  // How far the scale of B − A reaches for some units: to their largest difference.
  const furthest = (units, signal, place) => {
    const sizes = units.flatMap((unit) =>
      pairs.map((_, column) => Math.abs(difference(column, unit, signal, place) ?? 0)),
    );
    return Math.max(FINEST, ...sizes);
  };
  // The scale of a signal on both sides, and whether a few values lie beyond it.
  const limits = (name) => {
    const found = [left, right].map((reading) => reading.signal(name));
    const high = Math.max(...found.map((signal) => signal.high));
    return {
      low: Math.min(...found.map((signal) => signal.low)),
      high,
      beyond: found.some(({ scale }) => scale > high),
    };
  };

  const word = ([l, r]) => {
    const [before, after] = [
      l === null ? null : isolated(left.tokens[l]),
      r === null ? null : isolated(right.tokens[r]),
    ];
    if (before === null || after === null) return before ?? after;
    return before === after ? before : `${before} / ${after}`;
  };
  const first = pairs.find((pair) => !whole(pair) || left.tokens[pair[0]] !== right.tokens[pair[1]]) ?? null;
  const long = [left, right].some(({ tokens, total }) => total > tokens.length);
  // How far the class's share differs at a pair of words, −1 to 1; null where there are no two.
  const change = ([l, r]) =>
    apart === null || !whole([l, r]) ? null : right.verdicts[r][apart.label] - left.verdicts[l][apart.label];
  return {
    left,
    right,
    pairs,
    sameClasses,
    sameNetwork,
    first,
    long,
    apart,
    change,
    values,
    difference,
    unitAt,
    unitsApart,
    furthest,
    limits,
    word,
  };
};
