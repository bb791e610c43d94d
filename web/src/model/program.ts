// The program that makes a reading again, in PyTorch or in Keras, and prints its numbers. It is English in every language.

import type { CellKind, Known } from "../client/types";
import type { Task } from "../engine/config";
import type { Tokens } from "../engine/tokens";
import { type CodeChoice, PADDING, stepsOf } from "./codeArrays";
import type { Here } from "./place";
import type { Reading } from "./reading";

/** What the program is about. */
export interface ProgramFacts {
  /** The network's name; empty where it has none. */
  model: string;
  text: string;
  reading: Pick<
    Reading,
    "cell" | "layers" | "directions" | "units" | "read" | "total" | "start" | "nonlinearity" | "learnedStart"
  > & {
    tokens: string[];
  };
  known: Known;
  here: Here;
  /** What the network reads and answers: words and classes, unless it is said. */
  tokens?: Tokens;
  task?: Task;
}

const hex = (code: number) => (code > 0xffff ? `\\U${padded(code, 8)}` : `\\u${padded(code, 4)}`);
const padded = (code: number, digits: number) => code.toString(16).padStart(digits, "0");
/** A text as a literal of Python, on one line; signs that are not seen, or that turn what is read, are written out. */
export const literal = (text: string): string =>
  JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (sign) => hex(sign.codePointAt(0) ?? 0));

const LAYERS: Record<CellKind, { pytorch: string; keras: string }> = {
  rnn: { pytorch: "RNN", keras: "SimpleRNN" },
  gru: { pytorch: "GRU", keras: "GRU" },
  lstm: { pytorch: "LSTM", keras: "LSTM" },
};
const layerName = (cell: CellKind, library: "pytorch" | "keras"): string => LAYERS[cell][library];

/** The layer as it is made, in one line. */
export const layerLine = ({ reading, known }: ProgramFacts, choice: CodeChoice): string => {
  const { cell, layers, directions, units } = reading;
  if (choice.library === "keras") {
    const made = `${layerName(cell, "keras")}(${units}, return_sequences=True, return_state=True)`;
    const both = directions > 1 ? `Bidirectional(${made})` : made;
    return layers > 1 ? `${layers} × ${both}` : both;
  }
  const more = [
    ...(layers > 1 ? [`num_layers=${layers}`] : []),
    ...(choice.batchFirst ? ["batch_first=True"] : []),
    ...(directions > 1 ? ["bidirectional=True"] : []),
  ];
  return `nn.${layerName(cell, "pytorch")}(${[known.embedding ?? "E", units, ...more].join(", ")})`;
};

/** Whether Python knows a network by its name: one that was opened or trained in a page has a name of that page. */
export const isNamed = (model: string): boolean => model !== "" && !model.startsWith("own-");
/** Python opens a network. */
export const loaded = (model: string): string =>
  `rnnviz.load(${literal(isNamed(model) ? model : "path/of/its/folder")})`;

/** The network is opened, and the text becomes numbers. */
const opening = ({ model }: ProgramFacts): string[] => [
  "# For a network of your own, name its folder here. `rnnviz convert` makes one of a state_dict.",
  `checkpoint = ${loaded(model)}`,
];
/** The first words, where not all of a text are read. */
const cut = ({ reading: { read, total } }: ProgramFacts): string => (read < total ? `[:${read}]` : "");

// --- PyTorch ---------------------------------------------------------------------------------------------------------

/** How an index of samples and steps is written. */
const indexed = ({ batchFirst }: CodeChoice) => ({
  /** All steps of the sample, or one. */
  sample: (step: string) => (batchFirst ? `0, ${step}` : `${step}, 0`),
  /** One step of all samples. */
  step: (step: string) => (batchFirst ? `:, ${step}` : step),
  axis: batchFirst ? 1 : 0,
  names: batchFirst ? "samples, steps" : "steps, samples",
  sizes: (steps: number) => (batchFirst ? `1, ${steps}` : `${steps}, 1`),
});

/** What the linear layer takes, as the program says it; null where nobody knows. */
export const pooledCode = (facts: ProgramFacts, choice: CodeChoice): string | null => {
  const { pooling } = facts.known;
  const { directions, read } = facts.reading;
  const { axis, step } = indexed(choice);
  const words = choice.batch === "packed" ? `output[${step(`:${read}`)}]` : "output";
  const mean = `${words}.mean(dim=${axis})`;
  const most = `${words}.amax(dim=${axis})`;
  if (pooling === "last") return directions > 1 ? "torch.cat([h_n[-2], h_n[-1]], dim=1)" : "h_n[-1]";
  if (pooling === "output-last") return `output[${lastStep(facts, choice)}]`;
  if (pooling === "last-layers") return "torch.cat(list(h_n), dim=1)";
  if (pooling === "mean") return mean;
  if (pooling === "sum") return `${words}.sum(dim=${axis})`;
  if (pooling === "max") return most;
  return pooling === "max+mean" ? `torch.cat([${most}, ${mean}], dim=1)` : null;
};
/** The index of the last step that is read, of all samples. */
const lastStep = ({ reading }: Pick<ProgramFacts, "reading">, choice: CodeChoice): string =>
  indexed(choice).step(choice.batch === "packed" ? String(reading.read - 1) : "-1");

/** What is the same in `output` and in `h_n`: each a pair, and why. */
export const sameEnds = ({ reading }: Pick<ProgramFacts, "reading">, choice: CodeChoice): [string, string][] => {
  const { directions, units } = reading;
  const { step } = indexed(choice);
  const last = lastStep({ reading }, choice);
  if (directions === 1) return [["h_n[-1]", `output[${last}]`]];
  const of = (at: string, half: string) => `output[${choice.batchFirst ? at : `${at}, :`}, ${half}]`;
  return [
    ["h_n[-2]", of(last, `:${units}`)],
    ["h_n[-1]", of(step("0"), `${units}:`)],
  ];
};

const pytorch = (facts: ProgramFacts, choice: CodeChoice): string[] => {
  const { reading, text } = facts;
  const { names, sizes } = indexed(choice);
  const packs = choice.batch === "packed";
  return [
    "# This reading in PyTorch. Install it with: pip install rnnviz",
    "import torch",
    ...(packs ? ["from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence"] : []),
    "",
    "import rnnviz",
    "",
    "torch.set_printoptions(precision=2, sci_mode=False, linewidth=100)",
    "",
    ...opening(facts),
    "model = checkpoint.model",
    ...(choice.batchFirst ? [] : ["model.rnn.batch_first = False  # as PyTorch has it if nothing is said"]),
    "print(model.rnn)",
    "",
    `text = ${literal(text)}`,
    `ids = torch.tensor([checkpoint.ids(text)${cut(facts)}])  # (samples, steps) = (1, ${reading.read})`,
    ...filling(choice),
    ...(choice.batchFirst ? [] : [`ids = ids.T  # (${names}) = (${sizes(stepsOf(reading, choice))})`]),
    "",
    ...running(facts, choice),
    "",
    ...printing(facts, choice),
  ];
};
const filling = ({ batch }: CodeChoice): string[] =>
  batch === "alone"
    ? []
    : [
        "padding = checkpoint.config.model.padding_id",
        `ids = torch.nn.functional.pad(ids, (0, ${PADDING}), value=padding)  # as beside a longer text`,
      ];

const running = (facts: ProgramFacts, choice: CodeChoice): string[] => {
  const { reading, known } = facts;
  const { names, sizes } = indexed(choice);
  const steps = stepsOf(reading, choice);
  const states = reading.cell === "lstm" ? "(h_n, c_n)" : "h_n";
  const begun = reading.learnedStart ? ", model.initial(1)" : "";
  const first = choice.batchFirst ? ", batch_first=True" : "";
  const call =
    choice.batch === "packed"
      ? [
          `    lengths = torch.tensor([${reading.read}])  # without the padding; on the CPU`,
          `    packed = pack_padded_sequence(x, lengths${first}, enforce_sorted=False)`,
          `    packed_output, ${states} = model.rnn(packed${begun})`,
          `    output, _ = pad_packed_sequence(packed_output${first}, total_length=${steps})`,
        ]
      : [`    output, ${states} = model.rnn(x${begun})`];
  const pooled = pooledCode(facts, choice);
  const head = known.squashed ? "head" : "fc";
  const scores = pooled === null ? [] : [`    scores = model.${head}(${pooled})  # what the linear layer takes`];
  const size = known.embedding ?? "E";
  return [
    "with torch.no_grad():",
    `    x = model.embedding(ids)  # (${names}, features) = (${sizes(steps)}, ${size})`,
    ...call,
    ...scores,
  ];
};

const printing = (facts: ProgramFacts, choice: CodeChoice): string[] => {
  const { reading } = facts;
  const { cell, directions } = reading;
  const memory = cell === "lstm";
  const { names } = indexed(choice);
  const print = (code: string, comment = "") => `print("${code}", ${code})${comment && `  # ${comment}`}`;
  return [
    `print("output", tuple(output.shape))  # (${names}, units${directions > 1 ? " of both directions" : ""})`,
    `print("h_n", tuple(h_n.shape))  # (layers × directions, samples, units), batch_first or not`,
    ...(memory ? ['print("c_n", tuple(c_n.shape))'] : []),
    ...chosenCode(facts, choice).map(([code, comment]) => print(code, comment)),
    print("h_n[:, 0]", "where each layer and direction ends"),
    ...(memory ? [print("c_n[:, 0]")] : []),
    ...sameEnds(facts, choice).map(([one, other]) => `print("${one} is ${other}:", torch.equal(${one}, ${other}))`),
    ...answering(facts, pooledCode(facts, choice) !== null, "scores.softmax(dim=1)[0]"),
  ];
};
/** Of all tokens that may come next, so many are printed. */
export const LIKELIEST = 5;
/** The answer, if it is known how it comes about. */
const answering = ({ task }: ProgramFacts, isKnown: boolean, shares: string): string[] => {
  if (!isKnown) return [];
  return task === "next"
    ? [
        `each = sorted(zip(${shares}, checkpoint.labels, strict=True), reverse=True)`,
        `for share, label in each[:${LIKELIEST}]:  # the likeliest that may come next`,
        '    print(repr(label), f"{share:.1%}")',
      ]
    : [`for label, share in zip(checkpoint.labels, ${shares}, strict=True):`, '    print(label, f"{share:.1%}")'];
};

/** What is printed of the selected unit and word. */
const chosenCode = ({ reading, here, tokens }: ProgramFacts, choice: CodeChoice): [string, string][] => {
  const { sample } = indexed({ ...choice, batchFirst: choice.library === "keras" || choice.batchFirst });
  const { layers, units, start } = reading;
  const step = here.token + start;
  const column = here.unit + here.direction * units;
  const unit = `unit ${here.unit} of the top layer${here.direction ? ", backward," : ""} at each step`;
  const isTop = here.layer === layers - 1;
  return [
    ...(isTop ? [[`output[${sample(":")}, ${column}]`, unit] as [string, string]] : []),
    [
      `output[${sample(String(step))}]`,
      `all units at ${literal(reading.tokens[here.token])}, ${tokens === "letters" ? "letter" : "word"} ${step + 1}`,
    ],
  ];
};

// --- Keras -----------------------------------------------------------------------------------------------------------

const keras = (facts: ProgramFacts, choice: CodeChoice): string[] => {
  const { reading, text, known } = facts;
  const steps = stepsOf(reading, choice);
  return [
    "# This reading in Keras. Install it with: pip install rnnviz keras",
    "import os",
    "",
    'os.environ["KERAS_BACKEND"] = "torch"  # rnnviz brings PyTorch along',
    "import keras",
    "import numpy as np",
    "",
    "import rnnviz",
    "",
    "np.set_printoptions(precision=2, suppress=True, linewidth=100)",
    "",
    ...opening(facts),
    "weights = {name: part.numpy() for name, part in checkpoint.model.state_dict().items()}",
    "",
    "",
    ...mapping(reading.cell),
    "",
    "",
    `text = ${literal(text)}`,
    `ids = np.array([checkpoint.ids(text)${cut(facts)}])  # (samples, steps) = (1, ${reading.read})`,
    ...kerasFilling(facts, choice),
    `x = weights["embedding.weight"][ids]  # (samples, steps, features) = (1, ${steps}, ${known.embedding ?? "E"})`,
    "",
    ...kerasLayers(facts, choice),
    "",
    ...kerasPrinting(facts, choice),
  ];
};

/** How PyTorch's weights become those of Keras. */
const mapping = (cell: CellKind): string[] => {
  const head = ["def keras_weights(end):", '    """One cell: what PyTorch has as rows, Keras has as columns."""'];
  const biases = 'weights["rnn.bias_ih" + end], weights["rnn.bias_hh" + end]';
  if (cell !== "gru") {
    const order = cell === "lstm" ? "  # gates i, f, g, o; Keras: i, f, c, o" : "";
    return [
      ...head,
      `    kernel, recurrent = weights["rnn.weight_ih" + end].T, weights["rnn.weight_hh" + end].T${order}`,
      `    return [kernel, recurrent, sum([${biases}])]  # two biases in PyTorch, one in Keras`,
    ];
  }
  return [
    "def reordered(rows):",
    '    """PyTorch stacks the gates r, z, n; Keras z, r, h."""',
    "    r, z, n = np.split(rows, 3)",
    "    return np.concatenate([z, r, n])",
    "",
    "",
    ...head,
    '    kernel, recurrent = (reordered(weights[f"rnn.weight_{of}{end}"]).T for of in ("ih", "hh"))',
    `    return [kernel, recurrent, np.stack([reordered(bias) for bias in (${biases})])]  # reset_after=True has both`,
  ];
};

const kerasFilling = ({ reading }: ProgramFacts, { batch }: CodeChoice): string[] => {
  if (batch === "alone") return [];
  const filled = [
    "padding = checkpoint.config.model.padding_id",
    `ids = np.pad(ids, ((0, 0), (0, ${PADDING})), constant_values=padding)  # as beside a longer text`,
  ];
  if (batch === "padded") return filled;
  const mask = `mask = np.arange(ids.shape[1])[None] < ${reading.read}`;
  return [...filled, `${mask}  # Embedding(..., mask_zero=True) makes it where only padding has the id 0`];
};

/** What a layer gives beside its output, and what is done with it. */
const kerasStates = ({ cell, directions }: ProgramFacts["reading"]): string[] => {
  const own = cell === "lstm" ? ["h", "c"] : ["h"];
  return directions === 1 ? own : ["forward", "backward"].flatMap((way) => own.map((name) => `${way}_${name}`));
};
/** The learned state from which a layer starts, if the network has one. */
const kerasStart = ({ cell, directions, learnedStart }: ProgramFacts["reading"], layer: string): string => {
  if (!learnedStart) return "";
  const places = directions === 1 ? [layer] : [`2 * ${layer}`, `2 * ${layer} + 1`];
  const names = cell === "lstm" ? ["hidden", "cell"] : ["hidden"];
  const states = places.flatMap((place) => names.map((name) => `weights["start.${name}"][${place}][None]`));
  return `, initial_state=[${states.join(", ")}]`;
};
const kerasLayers = ({ reading }: ProgramFacts, { batch }: CodeChoice): string[] => {
  const { cell, layers, directions, units, nonlinearity } = reading;
  const relu = nonlinearity === "relu" ? ', activation="relu"' : "";
  const cells = `keras.layers.${layerName(cell, "keras")}(${units}${relu}, return_sequences=True, return_state=True)`;
  const given = (end: string) => (directions > 1 ? [end, end.replace(/"$/, '_reverse"')] : [end]);
  const made = directions === 1 ? cells : `keras.layers.Bidirectional(${cells})`;
  const masked = batch === "packed" ? ", mask=keras.ops.convert_to_tensor(mask)" : "";
  const states = kerasStates(reading).join(", ");
  const lines = (input: string, end: string, number: string) => [
    `layer = ${made}`,
    `layer.build(${input}.shape)`,
    `layer.set_weights(${given(end)
      .map((one) => `keras_weights(${one})`)
      .join(" + ")})`,
    `output, ${states} = layer(${input}${masked}${kerasStart(reading, number)})`,
  ];
  if (layers === 1) return lines("x", '"_l0"', "0");
  return [
    "output = x",
    `for number in range(${layers}):  # at the end, output and states are those of the top layer`,
    ...lines("output", 'f"_l{number}"', "number").map((line) => `    ${line}`),
  ];
};

/** What the linear layer takes, in Keras; null where nobody knows, and where it takes something else than the states. */
export const kerasPooled = (facts: ProgramFacts, choice: CodeChoice): string | null => {
  const { pooling, squashed } = facts.known;
  if (squashed) return null;
  const { directions, read } = facts.reading;
  const words = choice.batch === "packed" ? `output[:, :${read}]` : "output";
  const [mean, most] = [`keras.ops.mean(${words}, axis=1)`, `keras.ops.max(${words}, axis=1)`];
  if (pooling === "last") return directions > 1 ? "keras.ops.concatenate([forward_h, backward_h], axis=1)" : "h";
  if (pooling === "output-last") return `output[:, ${choice.batch === "packed" ? read - 1 : -1}]`;
  if (pooling === "mean") return mean;
  if (pooling === "sum") return `keras.ops.sum(${words}, axis=1)`;
  if (pooling === "max") return most;
  return pooling === "max+mean" ? `keras.ops.concatenate([${most}, ${mean}], axis=1)` : null;
};

const kerasPrinting = (facts: ProgramFacts, choice: CodeChoice): string[] => {
  const { reading } = facts;
  const pooled = kerasPooled(facts, choice);
  const show = (name: string, code: string, comment = "") =>
    `print("${name}", keras.ops.convert_to_numpy(${code}))${comment && `  # ${comment}`}`;
  const scores =
    pooled === null
      ? []
      : [
          `features = keras.ops.convert_to_numpy(${pooled})  # what the linear layer takes`,
          'scores = features @ weights["fc.weight"].T + weights["fc.bias"]',
        ];
  return [
    `print("output", tuple(output.shape))  # (samples, steps, units)`,
    ...chosenCode(facts, choice).map(([code, comment]) => show(code, code, comment)),
    ...kerasStates(reading).map((name) => show(`${name}[0]`, `${name}[0]`)),
    ...scores,
    ...answering(facts, pooled !== null, "keras.ops.convert_to_numpy(keras.ops.softmax(scores))[0]"),
  ];
};

/** The program for a reading. */
export const programOf = (facts: ProgramFacts, choice: CodeChoice): string =>
  `${(choice.library === "keras" ? keras : pytorch)(facts, choice).join("\n")}\n`;
