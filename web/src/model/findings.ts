// Why a unit that rnnviz.probe looked at does not count: rnnviz/experiments/probes.py.

import type { Finding } from "../client/contract";

/** The least that a measure must reach. */
export const ENOUGH: Partial<Record<string, number>> = { AUC: 0.9, "R²": 0.5 };
/** By so much it must be above both controls. */
const BEYOND = 0.1;

/** Why a unit does not count, as keys of sentences. */
export const reasonsOf = ({ measure, value, ...one }: Finding): string[] => {
  if (value < (ENOUGH[measure] ?? 0)) return ["finding_weak"];
  const reasons = [];
  if (value < one.untrained + BEYOND) reasons.push("finding_untrained");
  if (value < one.shuffled + BEYOND) reasons.push("finding_shuffled");
  if (one.loss !== undefined && one.loss_without !== undefined && one.loss_without <= one.loss)
    reasons.push("finding_unused");
  return reasons;
};
