// A network as the browser holds it: its shape, its weights under PyTorch's names, its vocabulary.
//
// The shape is ModelConfig of rnnviz/model_config.py, with the same names.

/** Which hidden states of the top layer reach the linear layer. */
export const POOLINGS = ["last", "output-last", "mean", "sum", "max", "max+mean"] as const;

export interface ModelConfig {
  cell: "rnn" | "gru" | "lstm";
  /** Of a plain RNN; the gated cells use tanh. */
  nonlinearity: "tanh" | "relu";
  vocabulary_size: number;
  embedding_size: number;
  hidden_size: number;
  layers: number;
  bidirectional: boolean;
  pooling: (typeof POOLINGS)[number];
  reading: "packed" | "padded";
  /** Whether a text starts from states that are weights, "start.hidden" and "start.cell"; else from zeros. */
  learned_start: boolean;
  classes: number;
  embedding_dropout: number;
  dropout: number;
  recurrent_dropout: number;
  forget_bias: number;
}

/** Numbers in row-major order. */
export interface Tensor {
  shape: readonly number[];
  data: Float32Array;
}

/** Every parameter under its name in PyTorch: "embedding.weight", "rnn.weight_ih_l0_reverse", "fc.bias", … */
export type Weights = ReadonlyMap<string, Tensor>;

export const UNKNOWN_ID = 0;
export const PADDING_ID = 1;

const GATES = { rnn: 1, gru: 3, lstm: 4 };

/** Name and shape of every parameter: `shapes` of rnnviz/model_config.py. */
export const shapesOf = (config: ModelConfig): Map<string, number[]> => {
  const directions = config.bidirectional ? 2 : 1;
  const gates = GATES[config.cell] * config.hidden_size;
  const pooled = config.hidden_size * directions * (config.pooling === "max+mean" ? 2 : 1);
  const shapes = new Map([
    ["embedding.weight", [config.vocabulary_size, config.embedding_size]],
    ["fc.weight", [config.classes, pooled]],
    ["fc.bias", [config.classes]],
  ]);
  for (let layer = 0; layer < config.layers; layer += 1) {
    const features = layer === 0 ? config.embedding_size : config.hidden_size * directions;
    for (const suffix of [`l${layer}`, `l${layer}_reverse`].slice(0, directions)) {
      shapes.set(`rnn.weight_ih_${suffix}`, [gates, features]);
      shapes.set(`rnn.weight_hh_${suffix}`, [gates, config.hidden_size]);
      for (const bias of ["ih", "hh"]) shapes.set(`rnn.bias_${bias}_${suffix}`, [gates]);
    }
  }
  for (const name of startsOf(config)) shapes.set(name, [config.layers * directions, config.hidden_size]);
  return shapes;
};

/** The learned states from which a text starts, by name. */
const startsOf = ({ learned_start: learned, cell }: ModelConfig): string[] => {
  if (!learned) return [];
  return cell === "lstm" ? ["start.hidden", "start.cell"] : ["start.hidden"];
};
