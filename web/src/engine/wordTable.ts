// W x + b of the first layer for each word that was read lately: a text that is typed is read again at every key.

import type { Layer } from "./layers";
import { addProduct } from "./matrix";
import type { Tensor } from "./network";

/** Numbers that are kept: 32 MB. */
const MOST_NUMBERS = 4_000_000;

export class WordTable {
  private readonly embedding: Tensor;
  private readonly layers: readonly Layer[];
  private readonly rows: Map<number, Float64Array>[];
  private readonly most: number;

  /** Of the embedding, and of the first layer in each direction. */
  constructor(embedding: Tensor, layers: readonly Layer[]) {
    this.embedding = embedding;
    this.layers = layers;
    this.rows = layers.map(() => new Map());
    this.most = Math.max(1, Math.floor(MOST_NUMBERS / (layers.length * layers[0].bias.length)));
  }

  /** W x + b of some words, in one direction: [token, gate]. */
  projected(ids: readonly number[], direction: number): Float64Array {
    const stride = this.layers[direction].bias.length;
    const projected = new Float64Array(ids.length * stride);
    for (const [t, id] of ids.entries()) projected.set(this.row(id, direction), t * stride);
    return projected;
  }

  /** The embedding of some words: [token, feature]. */
  inputs(ids: readonly number[]): Float32Array {
    const width = this.embedding.shape[1];
    const inputs = new Float32Array(ids.length * width);
    for (const [t, id] of ids.entries()) {
      inputs.set(this.embedding.data.subarray(id * width, (id + 1) * width), t * width);
    }
    return inputs;
  }

  private row(id: number, direction: number): Float64Array {
    const rows = this.rows[direction];
    const known = rows.get(id);
    if (known) return known;
    const layer = this.layers[direction];
    const row = layer.bias.slice();
    addProduct(layer.inputs[0], this.inputs([id]), 0, 1, row, 0);
    if (rows.size >= this.most) rows.clear();
    rows.set(id, row);
    return row;
  }
}
