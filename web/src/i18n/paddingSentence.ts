// What padding does to an answer, as a sentence: of the view that fills a text up, and of the class's question about it.

import type { Drift } from "../client/contract";
import type { Names } from "./names";

/** What has become of the answer when a text is filled up to a length. */
export const paddingSentence = (
  { say, share, classOf }: Pick<Names, "say" | "share" | "classOf">,
  { tokens, labels, verdicts, winners, alone }: Drift,
  length: number,
): string => {
  const [before, after] = [alone.winner, winners[length - 1]];
  const before_share = share(alone.verdict[before]);
  const said = {
    before: classOf(labels[before]),
    before_share,
    after: classOf(labels[after]),
    after_share: share(verdicts[length - 1][after]),
    count: length - tokens.length,
  };
  if (said.count === 0) return say("drift_none", said);
  if (before !== after) return say("drift_turned", said);
  const between = winners.slice(tokens.length, length).find((place) => place !== before);
  if (between !== undefined) return say("drift_returned", { ...said, between: classOf(labels[between]) });
  return say(said.after_share === before_share ? "drift_same" : "drift_moved", said);
};
