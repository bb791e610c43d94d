// A network forward over a batch of texts, and back: the gradient of the loss by every parameter, or by every token.
//
// Dropout is not drawn; the page's trainings have none. Learned states before the first word are read, and get no gradient.

import { type Head, headOf, isLinear, logits, pooledSlopes as slopesOfPooled } from "../head";
import { type ModelConfig, PADDING_ID } from "../network";
import { type Arithmetic, plain } from "./arithmetic";
import type { Batch } from "./batch";
import { type Cell, cellOf, type Memory, memoryFor } from "./cells";
import type { Parameters } from "./parameters";
import { pool, pooledSize, unpool } from "./pooling";
import { addRows, transpose } from "./products";
import { addHiddenGradient, fillRows, goBack, readThrough } from "./recurrence";

/** Reads batches with parameters that may change between them; keeps room for the largest batch so far. */
export class Passes {
  readonly #parameters: Parameters;
  readonly #arithmetic: Arithmetic;
  readonly #cell: Cell;
  readonly #sizes: Sizes;
  readonly #turned: Turned;
  /** Where it is more than one linear layer; else null. */
  readonly #head: Head<Float64Array> | null;
  #store: Store;

  /** `room`: for batches of at most this size nothing will have to be allocated. */
  constructor(parameters: Parameters, arithmetic: Arithmetic = plain, room: Room = NONE) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#cell = cellOf(parameters.config);
    this.#sizes = sizesOf(parameters.config, this.#cell);
    this.#turned = turnedOf(parameters, arithmetic);
    const head = headOf(parameters.config, (name) => parameters.named.get(name) ?? new Float64Array());
    this.#head = isLinear(parameters.config) ? null : head;
    this.#store = new Store(this.#cell, this.#sizes, room, arithmetic);
  }

  /** What each layer and direction did with the batch that was read last: [layer][direction], valid until the next. */
  get memories(): readonly (readonly Memory[])[] {
    return this.#store.memories;
  }

  /** Reads a batch: logits [text, class], texts in the order in which they were given. They are valid until the next. */
  forward(batch: Batch): Float64Array {
    this.#makeRoom(batch);
    const { classBias, config } = this.#parameters;
    const { pooled, memories, ordered, logits } = this.#store;
    const { classes, pooledWidth } = this.#sizes;
    this.#turn();
    this.#readLayers(batch);
    pool(pooled, config, memories, batch);
    const texts = batch.lengths.length;
    if (this.#head) this.#readHead(this.#head, texts);
    else {
      fillRows(ordered, classBias, texts);
      this.#arithmetic.addProducts(ordered, 0, pooled, 0, this.#turned.classes, texts, classes, pooledWidth);
    }
    for (let place = 0; place < texts; place += 1) copyRow(logits, batch.order[place], ordered, place, classes);
    return logits.subarray(0, texts * classes);
  }

  /**
   * Finds the gradient of all parameters, for the batch that was read last.
   *
   * @param slopes ∂ loss / ∂ logits [text, class].
   * @param gradient Takes it; all zero before. Null where only the words' gradient is wanted.
   * @param detach See `goBack`.
   * @returns ∂ loss / ∂ the embedding rows that were read [slot of the batch, feature], valid until the next.
   */
  back(batch: Batch, slopes: Float64Array, gradient: Parameters | null, detach = 0): Float64Array {
    const { wordSlopes } = this.#store;
    const { features, layers } = this.#sizes;
    wordSlopes.fill(0, 0, batch.words.length * features);
    this.#backThroughClasses(batch, slopes, gradient);
    for (let layer = layers - 1; layer >= 0; layer -= 1) this.#backThroughLayer(batch, layer, gradient, detach);
    if (gradient) addToEmbedding(gradient, batch.words, wordSlopes);
    return wordSlopes.subarray(0, batch.words.length * features);
  }

  /**
   * How long the gradient of a text's loss is at each step, by the vector of the token there: the sum over the batch
   * that `back` has just gone through, of whose mean loss it is the gradient. For one direction.
   */
  reach({ sizes, offsets, rows }: Batch): number[] {
    const { features, width } = this.#sizes;
    const { gateSlopes } = this.#store.memories[0][0];
    const slopes = new Float64Array(rows * features);
    plain.addProducts(slopes, 0, gateSlopes, 0, this.#parameters.ways[0][0].inputWeights, rows, features, width);
    return Array.from(sizes, (texts, step) => {
      const own = Array.from({ length: texts }, (_, text) => (offsets[step] + text) * features);
      return own.reduce((sum, at) => sum + Math.hypot(...slopes.subarray(at, at + features)), 0);
    });
  }

  #makeRoom(batch: Batch): void {
    const { room } = this.#store;
    const [rows, slots, texts] = [batch.rows, batch.words.length, batch.lengths.length];
    if (rows <= room.rows && slots <= room.slots && texts <= room.texts) return;
    const most = {
      rows: Math.max(rows, room.rows),
      slots: Math.max(slots, room.slots),
      texts: Math.max(texts, room.texts),
    };
    this.#store = new Store(this.#cell, this.#sizes, most, this.#arithmetic);
  }

  // --- forward -------------------------------------------------------------------------------------------------------

  /** On the way forward the weights are read the other way round. */
  #turn(): void {
    const { ways, classWeights } = this.#parameters;
    const { width, units, features, wide, classes, pooledWidth } = this.#sizes;
    for (const [layer, own] of ways.entries()) {
      for (const [direction, way] of own.entries()) {
        transpose(this.#turned.hidden[layer][direction], way.hiddenWeights, width, units);
        transpose(this.#turned.input[layer][direction], way.inputWeights, width, layer ? wide : features);
      }
    }
    if (!this.#head) transpose(this.#turned.classes, classWeights, classes, pooledWidth);
  }

  #readLayers(batch: Batch): void {
    const { ways, embedding } = this.#parameters;
    const { words, memories } = this.#store;
    const { features } = this.#sizes;
    const { hidden } = this.#turned;
    for (const [slot, word] of batch.words.entries()) copyRow(words, slot, embedding, word, features);
    for (const [layer, own] of ways.entries()) {
      if (layer > 0) this.#join(batch, layer - 1);
      for (const [direction, way] of own.entries()) {
        if (layer > 0) this.#multiply(batch, layer, direction);
        else this.#lookUp(batch, direction);
        const memory = memories[layer][direction];
        const first = this.#begin(memory, layer * own.length + direction, batch);
        readThrough(this.#arithmetic, this.#cell, memory, way, hidden[layer][direction], batch, first);
      }
    }
  }

  /** Through a head of more than one linear layer, text by text. */
  #readHead(head: Head<Float64Array>, texts: number): void {
    const { pooled, ordered } = this.#store;
    const { classes, pooledWidth } = this.#sizes;
    for (let text = 0; text < texts; text += 1) {
      ordered.set(logits(pooled.subarray(text * pooledWidth, (text + 1) * pooledWidth), head), text * classes);
    }
  }

  /** Writes the learned states before the first word behind the batch's own rows; returns their row, -1 without any. */
  #begin({ units, hidden, cell }: Memory, place: number, { rows, lengths }: Batch): number {
    const { named } = this.#parameters;
    const first = this.#firstRow({ rows });
    for (const [name, states] of Object.entries({ hidden, cell })) {
      const start = named.get(`start.${name}`);
      if (start) for (let text = 0; text < lengths.length; text += 1) copyRow(states, rows + text, start, place, units);
    }
    return first;
  }
  #firstRow({ rows }: Pick<Batch, "rows">): number {
    return this.#parameters.config.learned_start ? rows : -1;
  }

  #biasOf(layer: number, direction: number): Float64Array {
    const { inputBias, hiddenBias } = this.#parameters.ways[layer][direction];
    return this.#cell.apart ? inputBias : inputBias.map((one, place) => one + hiddenBias[place]);
  }

  /** W x + b of the first layer: once for each word, then copied to each token. */
  #lookUp({ slots, mirrored, words, rows }: Batch, direction: number): void {
    const { table, memories, words: read } = this.#store;
    const { width, features } = this.#sizes;
    const turned = this.#turned.input[0][direction];
    fillRows(table, this.#biasOf(0, direction), words.length);
    this.#arithmetic.addProducts(table, 0, read, 0, turned, words.length, width, features);
    const { gates } = memories[0][direction];
    for (let row = 0; row < rows; row += 1) copyRow(gates, row, table, slots[direction ? mirrored[row] : row], width);
  }

  /** W x + b of a higher layer. */
  #multiply({ rows }: Batch, layer: number, direction: number): void {
    const { memories, inputs } = this.#store;
    const { width, wide } = this.#sizes;
    const { gates } = memories[layer][direction];
    const turned = this.#turned.input[layer][direction];
    fillRows(gates, this.#biasOf(layer, direction), rows);
    this.#arithmetic.addProducts(gates, 0, inputs[layer][direction], 0, turned, rows, width, wide);
  }

  /** What the next layer reads: all directions' states side by side, in the order of the text, and mirrored. */
  #join({ rows, mirrored }: Batch, layer: number): void {
    const { memories, inputs } = this.#store;
    const { units, wide } = this.#sizes;
    const [straight, back] = inputs[layer + 1];
    for (const [direction, { hidden }] of memories[layer].entries()) {
      for (let row = 0; row < rows; row += 1) {
        const from = (direction ? mirrored[row] : row) * units;
        const to = row * wide + direction * units;
        for (let unit = 0; unit < units; unit += 1) straight[to + unit] = hidden[from + unit];
      }
    }
    if (back) for (let row = 0; row < rows; row += 1) copyRow(back, row, straight, mirrored[row], wide);
  }

  // --- back ----------------------------------------------------------------------------------------------------------

  #backThroughClasses(batch: Batch, slopes: Float64Array, gradient: Parameters | null): void {
    const { ordered, pooled, pooledSlopes, memories } = this.#store;
    const { classes, pooledWidth } = this.#sizes;
    const texts = batch.lengths.length;
    for (let place = 0; place < texts; place += 1) copyRow(ordered, place, slopes, batch.order[place], classes);
    if (this.#head) {
      if (gradient) throw new Error("a head of more than one linear layer is not trained here");
      for (let text = 0; text < texts; text += 1) {
        const own = pooled.subarray(text * pooledWidth, (text + 1) * pooledWidth);
        const back = ordered.subarray(text * classes, (text + 1) * classes);
        pooledSlopes.set(slopesOfPooled(own, this.#head, back), text * pooledWidth);
      }
      unpool(pooledSlopes, pooled, this.#parameters.config, memories, batch);
      return;
    }
    if (gradient) {
      this.#arithmetic.addOuterProducts(gradient.classWeights, ordered, 0, pooled, 0, texts, classes, pooledWidth);
      addRows(gradient.classBias, ordered, texts, classes);
    }
    pooledSlopes.fill(0, 0, texts * pooledWidth);
    this.#arithmetic.addProducts(
      pooledSlopes,
      0,
      ordered,
      0,
      this.#parameters.classWeights,
      texts,
      pooledWidth,
      classes,
    );
    unpool(pooledSlopes, pooled, this.#parameters.config, memories, batch);
  }

  #backThroughLayer(batch: Batch, layer: number, gradient: Parameters | null, detach: number): void {
    const { width, units } = this.#sizes;
    this.#store.inputSlopes.fill(0, 0, layer ? batch.rows * this.#sizes.wide : 0);
    for (const [direction, memory] of this.#store.memories[layer].entries()) {
      memory.cellSlopes.fill(0, 0, batch.rows * units);
      const first = this.#firstRow(batch);
      goBack(this.#arithmetic, this.#cell, memory, this.#parameters.ways[layer][direction], batch, detach, first);
      const into = gradient?.ways[layer][direction];
      if (into) {
        addHiddenGradient(this.#arithmetic, into.hiddenWeights, this.#cell, memory, batch);
        addRows(into.hiddenBias, memory.fromHiddenSlopes, batch.rows, width);
        if (!this.#cell.apart)
          addRow(into.inputBias, 0, into.hiddenBias, 0, width); // both are added to the same sums
        else addRows(into.inputBias, memory.gateSlopes, batch.rows, width);
      }
      if (layer > 0) this.#backToInputs(batch, layer, direction, into?.inputWeights);
      else this.#backToWords(batch, direction, into?.inputWeights);
    }
    if (layer > 0) this.#split(batch, layer - 1);
  }

  #backToWords({ slots, mirrored, words, rows }: Batch, direction: number, into?: Float64Array): void {
    const { tableSlopes, wordSlopes, words: read, memories } = this.#store;
    const { width, features } = this.#sizes;
    const { gateSlopes } = memories[0][direction];
    tableSlopes.fill(0, 0, words.length * width);
    for (let row = 0; row < rows; row += 1) {
      addRow(tableSlopes, slots[direction ? mirrored[row] : row], gateSlopes, row, width);
    }
    this.#arithmetic.addProducts(
      wordSlopes,
      0,
      tableSlopes,
      0,
      this.#parameters.ways[0][direction].inputWeights,
      words.length,
      features,
      width,
    );
    if (into) this.#arithmetic.addOuterProducts(into, tableSlopes, 0, read, 0, words.length, width, features);
  }

  #backToInputs({ mirrored, rows }: Batch, layer: number, direction: number, into?: Float64Array): void {
    const { inputs, inputSlopes, mirroredSlopes, memories } = this.#store;
    const { width, wide } = this.#sizes;
    const { gateSlopes } = memories[layer][direction];
    const { inputWeights } = this.#parameters.ways[layer][direction];
    const slopes = direction ? mirroredSlopes : inputSlopes;
    if (direction) slopes.fill(0, 0, rows * wide);
    this.#arithmetic.addProducts(slopes, 0, gateSlopes, 0, inputWeights, rows, wide, width);
    if (into) this.#arithmetic.addOuterProducts(into, gateSlopes, 0, inputs[layer][direction], 0, rows, width, wide);
    if (direction) for (let row = 0; row < rows; row += 1) addRow(inputSlopes, row, slopes, mirrored[row], wide);
  }

  /** Adds the gradient of a layer's inputs to that of the states of the layer below. */
  #split({ rows, mirrored }: Batch, below: number): void {
    const { inputSlopes, memories } = this.#store;
    const { units, wide } = this.#sizes;
    for (const [direction, { hiddenSlopes }] of memories[below].entries()) {
      for (let row = 0; row < rows; row += 1) {
        const to = (direction ? mirrored[row] : row) * units;
        const from = row * wide + direction * units;
        for (let unit = 0; unit < units; unit += 1) hiddenSlopes[to + unit] += inputSlopes[from + unit];
      }
    }
  }
}

/** The size of the largest batch: tokens, different words, texts. */
export interface Room {
  rows: number;
  slots: number;
  texts: number;
}
const NONE: Room = { rows: 0, slots: 0, texts: 0 };

/** `width`: of all gates' sums. `wide`: of what a layer gives to the next. */
type Sizes = Record<
  "layers" | "directions" | "units" | "features" | "classes" | "width" | "wide" | "pooledWidth",
  number
>;

const sizesOf = (config: ModelConfig, cell: Cell): Sizes => {
  const directions = config.bidirectional ? 2 : 1;
  return {
    layers: config.layers,
    directions,
    units: config.hidden_size,
    features: config.embedding_size,
    classes: config.classes,
    width: cell.gates * config.hidden_size,
    wide: config.hidden_size * directions,
    pooledWidth: pooledSize(config),
  };
};

/** Room for transposed weights. */
interface Turned {
  hidden: Float64Array[][];
  input: Float64Array[][];
  classes: Float64Array;
}

const turnedOf = ({ ways, classWeights }: Parameters, arithmetic: Arithmetic): Turned => ({
  hidden: ways.map((layer) => layer.map(({ hiddenWeights }) => arithmetic.numbers(hiddenWeights.length))),
  input: ways.map((layer) => layer.map(({ inputWeights }) => arithmetic.numbers(inputWeights.length))),
  classes: arithmetic.numbers(classWeights.length),
});

/** What a reading writes, for batches of at most so many rows, words and texts. */
class Store {
  readonly memories: Memory[][];
  /** Of each layer but the first: [row, feature] in the order of the text, and in that of the other direction. */
  readonly inputs: Float64Array[][];
  readonly inputSlopes: Float64Array;
  readonly mirroredSlopes: Float64Array;
  /** The embedding rows that are read, and their gradient. */
  readonly words: Float64Array;
  readonly wordSlopes: Float64Array;
  /** W x + b of each of them, and its gradient. */
  readonly table: Float64Array;
  readonly tableSlopes: Float64Array;
  readonly pooled: Float64Array;
  readonly pooledSlopes: Float64Array;
  /** Texts as they were given, and longest first. */
  readonly logits: Float64Array;
  readonly ordered: Float64Array;

  constructor(
    cell: Cell,
    { layers, directions, units, features, classes, width, wide, pooledWidth }: Sizes,
    readonly room: Room,
    arithmetic: Arithmetic,
  ) {
    const { rows, slots, texts } = room;
    const numbers = (count: number) => arithmetic.numbers(count);
    const perDirection = <One>(one: () => One) => Array.from({ length: directions }, one);
    const perLayer = <One>(one: (layer: number) => One) => Array.from({ length: layers }, (_, layer) => one(layer));
    this.memories = perLayer(() => perDirection(() => memoryFor(cell, units, rows + texts, arithmetic)));
    this.inputs = perLayer((layer) => perDirection(() => numbers(layer ? rows * wide : 0)));
    this.inputSlopes = numbers(layers > 1 ? rows * wide : 0);
    this.mirroredSlopes = numbers(layers > 1 ? rows * wide : 0);
    this.words = numbers(slots * features);
    this.wordSlopes = numbers(slots * features);
    this.table = numbers(slots * width);
    this.tableSlopes = numbers(slots * width);
    this.pooled = numbers(texts * pooledWidth);
    this.pooledSlopes = numbers(texts * pooledWidth);
    this.logits = numbers(texts * classes);
    this.ordered = numbers(texts * classes);
  }
}

/** The padding of a network that reads packed is never learned, as in PyTorch. */
const addToEmbedding = ({ config, embedding }: Parameters, words: Int32Array, slopes: Float64Array): void => {
  for (const [slot, word] of words.entries()) {
    if (config.reading === "packed" && word === PADDING_ID) continue;
    addRow(embedding, word, slopes, slot, config.embedding_size);
  }
};

const copyRow = (out: Float64Array, to: number, source: Float64Array, from: number, width: number): void => {
  for (let place = 0; place < width; place += 1) out[to * width + place] = source[from * width + place];
};

const addRow = (out: Float64Array, to: number, source: Float64Array, from: number, width: number): void => {
  for (let place = 0; place < width; place += 1) out[to * width + place] += source[from * width + place];
};
