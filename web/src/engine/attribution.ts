// What each word gives to the score of a class, by the three measures, as rnnviz/page/attribution.py.

import type { Attributions, Measure } from "../client/contract";
import type { Checkpoint } from "./checkpoint";
import { type Shared, sharedScores } from "./gradients";
import { EngineError } from "./objection";
import { WINDOW } from "./payload";
import { general } from "./pythonText";
import { contributions } from "./ranking";
import { encode, readEncoded } from "./read";

/** Share the score of a class out among the tokens of a text that has one; the answer's, where no class is named. */
export const attributions = (
  checkpoint: Checkpoint,
  tokens: readonly string[],
  model: string,
  asked?: unknown,
): Attributions => {
  const { config, weights, labels } = checkpoint;
  const encoded = encode(checkpoint, checkpoint.vocabulary.joined(tokens.slice(0, WINDOW)));
  const isClass = Number.isInteger(asked) && labels[Number(asked)] !== undefined;
  const found = sharedScores(config, weights, encoded.ids, isClass ? Number(asked) : undefined);
  const account = contributions(readEncoded(checkpoint, encoded));
  const measures = [
    measureOf("gradient_times_input", found.gradientTimesInput),
    measureOf("integrated_gradients", found.integratedGradients),
  ];
  if (account) measures.push(measureOf("ledger", ledgerOf(account, labels.length, found)));
  return {
    model,
    tokens: encoded.tokens,
    total: tokens.length,
    labels: [...labels],
    scored: found.label,
    score: digits(found.score),
    steps: found.integratedGradients.steps,
    measures,
  };
};

/** Object to an attribution beside a reading that is another one: longer, or with something held. */
export const checkWhole = (tokens: readonly string[], isHeld: boolean): void => {
  if (isHeld || tokens.length > WINDOW) throw new EngineError("attribution_whole", { limit: WINDOW });
};

const ledgerOf = (
  { byToken, bias }: { byToken: Float64Array; bias: Float64Array },
  classes: number,
  { label, score }: { label: number; score: number },
): Shared => {
  const centred = (values: Float64Array) => values[label] - values.reduce((sum, value) => sum + value, 0) / classes;
  const parts = Float64Array.from({ length: byToken.length / classes }, (_, token) =>
    centred(byToken.subarray(token * classes, (token + 1) * classes)),
  );
  const baseline = centred(bias);
  return { parts, baseline, residual: score - baseline - parts.reduce((sum, part) => sum + part, 0) };
};

const measureOf = (method: Measure["method"], { parts, baseline, residual }: Shared): Measure => ({
  method,
  parts: Array.from(parts, digits),
  baseline: digits(baseline),
  residual: digits(residual),
});

const digits = (value: number): number => Number(general(value, 6));
