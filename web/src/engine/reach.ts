// How far back the answers of an RNN, a GRU and an LSTM of equal size reach over one text, as rnnviz/page/reach.py.
//
// Left out: the gradient itself.

import type { FamiliesEmpty, HowFarBack, NetworkReach, Reach } from "../client/contract";
import type { Checkpoint } from "./checkpoint";
import type { CheckpointConfig } from "./config";
import { saliency } from "./gradients";
import { isLinear } from "./head";
import type { ModelConfig } from "./network";
import { rounded, WINDOW } from "./payload";
import { general } from "./pythonText";
import { encode, read } from "./read";
import { argmax, verdictAt } from "./trace";

type Cell = ModelConfig["cell"];

/** Of the members of a family, by cell, the names. */
type Members = Readonly<Record<Cell, string>>;
export type Families = ReadonlyMap<string, Members>;

const CELLS: readonly Cell[] = ["rnn", "gru", "lstm"];

/**
 * The families among some networks; the one that knows most words comes first.
 *
 * A family has an RNN, a GRU and an LSTM that differ in nothing but the cell: one layer that reads forward, the last state
 * classified, as many units, the same classes and kind of tokens; `<family>-<cell>` is the name of each.
 */
export const familiesOf = (configs: readonly (readonly [string, CheckpointConfig])[]): Families => {
  const found = new Map<string, Map<Cell, CheckpointConfig>>();
  for (const [name, config] of configs) {
    const [family, cell] = [name.slice(0, name.lastIndexOf("-")), config.model.cell];
    if (!family || name !== `${family}-${cell}`) continue;
    found.set(family, (found.get(family) ?? new Map<Cell, CheckpointConfig>()).set(cell, config));
  }
  const whole = [...found].filter(([, members]) => members.size === CELLS.length && areAlike([...members.values()]));
  const known = new Map(whole.map(([name, members]) => [name, mostWords(members)]));
  const names = [...known.keys()].sort(
    (one, other) => (known.get(other) ?? 0) - (known.get(one) ?? 0) || (one < other ? -1 : 1),
  );
  return new Map(
    names.map((family) => [family, { rnn: `${family}-rnn`, gru: `${family}-gru`, lstm: `${family}-lstm` }]),
  );
};

const mostWords = (members: ReadonlyMap<Cell, CheckpointConfig>): number =>
  [...members.values()].reduce((most, { model }) => Math.max(most, model.vocabulary_size), 0);

const areAlike = (members: readonly CheckpointConfig[]): boolean => {
  const plain = members.every(
    ({ model }) =>
      model.layers === 1 && !model.bidirectional && model.pooling === "last" && !model.learned_start && isLinear(model),
  );
  const likeness = members.map(({ model, labels, tokens, task }) =>
    JSON.stringify([model.hidden_size, labels, tokens, task]),
  );
  return plain && new Set(likeness).size === 1;
};

/** The family that is asked for, or the model's, or the first; undefined where there is none. */
export const chosenFamily = (there: Families, { family, model }: Partial<HowFarBack>): string | undefined => {
  if (typeof family === "string" && there.has(family)) return family;
  const own = [...there].find(([, members]) => CELLS.some((cell) => members[cell] === model));
  return own?.[0] ?? [...there.keys()][0];
};

/** How the score of one class, the LSTM's answer, answers to a small change of each word, in each network of a family. */
export const howFarBack = async (
  open: (name: string) => Promise<Checkpoint>,
  there: Families,
  family: string,
  whole: string,
): Promise<Reach | FamiliesEmpty> => {
  const families = [...there.keys()];
  const members = there.get(family);
  if (!members) return { families, empty: true };
  const checkpoints = await Promise.all(CELLS.map((cell) => open(members[cell])));
  const [{ vocabulary }] = checkpoints; // all of a family split a text alike
  const tokens = vocabulary.tokenise(whole);
  if (!tokens.length) return { families, empty: true };
  const text = vocabulary.joined(tokens.slice(0, WINDOW));
  const traces = checkpoints.map((checkpoint) => read(checkpoint, text));
  const scoring = traces[CELLS.indexOf("lstm")];
  const scored = argmax(verdictAt(scoring, scoring.tokens.length - 1));
  const networks = checkpoints.map((checkpoint, place): NetworkReach => {
    const answer = verdictAt(traces[place], traces[place].tokens.length - 1);
    const label = checkpoint.labels.indexOf(scoring.labels[scored]);
    const { norms } = saliency(checkpoint.config, checkpoint.weights, encode(checkpoint, text).ids, label);
    return {
      cell: CELLS[place],
      model: members[CELLS[place]],
      norms: Array.from(norms, (norm) => Number(general(norm, 4))),
      answer: rounded(answer),
      winner: argmax(answer),
    };
  });
  return {
    families,
    family,
    tokens: scoring.tokens,
    total: tokens.length,
    unknown: scoring.unknown.filter(Boolean).length,
    labels: [...scoring.labels],
    scored,
    units: scoring.units,
    networks,
  };
};
