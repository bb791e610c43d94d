// Two things that are often said of gated networks, held against the numbers of one: rnnviz/analysis/claims.py.

import type { FlagsClaim, GateClaim, MasksClaim } from "../client/contract";
import type { Summary } from "./about";

type Verdict = GateClaim["verdict"];
type DirectionName = GateClaim["direction"];

const SUPPORTED = 0.9;
const NOT_SUPPORTED = 0.5;
const TWO_PEAKS = 5 / 9;
const HALF_EMPTY = 0.5;

export interface Place {
  layer: number;
  direction: DirectionName;
  summary: Summary;
}

/** Whether the gates act like bit masks over the training texts; null where there are none. */
export const masksOf = (places: readonly Place[]): MasksClaim | null => {
  const gates = places.flatMap(({ layer, direction, summary }) =>
    Object.entries(summary.saturation ?? {}).map(([name, ends]): GateClaim => {
      const [shut, open] = [mean(ends.shut), mean(ends.open)];
      const verdict = verdictOf(shut + open);
      return { layer, direction, name, shut, open, between: Math.max(0, 1 - shut - open), verdict };
    }),
  );
  if (!gates.length) return null;
  const share = mean(gates.map((gate) => gate.shut + gate.open));
  return { gates, share, verdict: verdictOf(share) };
};

/** Whether the memory is made of flags over the training texts; null where that was not measured. */
export const flagsOf = (places: readonly Place[]): FlagsClaim | null => {
  const candidates = places.flatMap(({ layer, direction, summary }) => {
    const { bimodality = [], valley = [] } = summary;
    return bimodality
      .slice(0, valley.length)
      .map((peaks, unit) => ({ layer, direction, summary, unit, peaks: peaks ?? 0, depth: valley[unit] ?? 0 }));
  });
  if (!candidates.length) return null;
  const flags = candidates.filter(({ peaks, depth }) => isFlag(peaks, depth)).length;
  const size = ({ peaks, depth }: (typeof candidates)[number]) => Math.min(peaks, depth);
  const most = candidates.reduce((best, one) => (size(one) > size(best) ? one : best));
  const share = flags / candidates.length;
  return {
    flags,
    units: candidates.length,
    share,
    verdict: verdictOf(share),
    most: {
      layer: most.layer,
      direction: most.direction,
      unit: most.unit,
      bimodality: most.peaks,
      valley: most.depth,
      raised_by: most.summary.raised_by?.[most.unit] ?? [],
      lowered_by: most.summary.lowered_by?.[most.unit] ?? [],
    },
  };
};

/** Whether a unit keeps to two values; null for one that never moves. */
export const isFlag = (bimodality: number | null, valley: number | null): boolean =>
  bimodality !== null && valley !== null && bimodality > TWO_PEAKS && valley >= HALF_EMPTY;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const verdictOf = (share: number): Verdict => {
  if (share >= SUPPORTED) return "supported";
  return share < NOT_SUPPORTED ? "not supported" : "partly";
};
