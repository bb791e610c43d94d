// A network as the browser holds it: its shape, its weights under PyTorch's names, its vocabulary.
//
// The shape is ModelConfig of rnnviz/model_config.py, with the same names.

/** Which hidden states reach the linear layer. */
export const POOLINGS = ["last", "last-layers", "output-last", "mean", "sum", "max", "max+mean"] as const;

/** What is done to numbers before a linear layer reads them. */
export const SQUASHES = ["nothing", "relu", "tanh"] as const;
export type Squash = (typeof SQUASHES)[number];

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
  /** Of the pooled states. */
  squash: Squash;
  /** Outputs of a linear layer before the last one; 0 where there is none. */
  inner_size: number;
  inner_squash: Squash;
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

/** How many states of a layer lie side by side in the pooled ones. */
export const blocksOf = ({ pooling, layers }: Pick<ModelConfig, "pooling" | "layers">): number => {
  if (pooling === "last-layers") return layers;
  return pooling === "max+mean" ? 2 : 1;
};

/** The lowest layer whose states are pooled. */
export const lowestRead = ({ pooling, layers }: Pick<ModelConfig, "pooling" | "layers">): number =>
  pooling === "last-layers" ? 0 : layers - 1;

/** Name and shape of every parameter: `shapes` of rnnviz/model_config.py. */
export const shapesOf = (config: ModelConfig): Map<string, number[]> => {
  const directions = config.bidirectional ? 2 : 1;
  const gates = GATES[config.cell] * config.hidden_size;
  const pooled = config.hidden_size * directions * blocksOf(config);
  const shapes = new Map<string, number[]>([
    ["embedding.weight", [config.vocabulary_size, config.embedding_size]],
    ["fc.weight", [config.classes, config.inner_size || pooled]],
    ["fc.bias", [config.classes]],
  ]);
  if (config.inner_size) {
    shapes.set("inner.weight", [config.inner_size, pooled]).set("inner.bias", [config.inner_size]);
  }
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
