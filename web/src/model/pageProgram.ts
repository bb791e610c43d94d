// The program that prints what is on the screen, with the package itself: network, text, what is held, the selected word
// and unit, and the two texts of the view Compare. It is English in every language.

import type { Hold } from "../client/contract";
import type { Here } from "./place";
import { literal } from "./program";
import type { Reading } from "./reading";
import { coversAll, onlyUnit, type Ranges } from "./units";

/** A text, by which network, and how many of its words are read, where that is not all of them. */
export interface ReadBy {
  /** Empty where rnnviz knows the network under no name. */
  model: string;
  text: string;
  most: number | null;
}
/** What is on the screen. */
export interface OnScreen extends ReadBy {
  reading: Pick<Reading, "layers" | "units" | "read" | "start"> & { tokens: string[] };
  holds: readonly Hold[];
  here: Here;
  /** Both sides of Compare, where it is open. */
  compared: [ReadBy, ReadBy] | null;
}

const WAYS = ["forward", "backward"];

const loaded = (model: string): string => `rnnviz.load(${literal(model || "path/of/its/folder")})`;
const textOf = ({ text, most }: ReadBy): string =>
  most === null ? literal(text) : `" ".join(rnnviz.text.tokenise(${literal(text)})[:${most}])`;

/** The units of a layer, as Python takes them. */
const unitsCode = (ranges: Ranges): string => {
  const only = onlyUnit(ranges);
  if (only !== null) return String(only);
  const parts = ranges.map(([first, last]) => (first === last ? String(first) : `*range(${first}, ${last + 1})`));
  return `[${parts.join(", ")}]`;
};
const clampCode = (hold: Hold, { units, read }: OnScreen["reading"]): string => {
  const { signal, value, tokens, layer, direction } = hold;
  const [first, last] = tokens;
  const isEvery = first === 0 && last >= read - 1;
  const words = first === last ? String(first) : `slice(${first}, ${last + 1})`;
  const parts = [
    literal(signal),
    String(value),
    ...(isEvery ? [] : [`tokens=${words}`]),
    ...(coversAll(hold.units, units) ? [] : [`units=${unitsCode(hold.units)}`]),
    `layer=${layer}`,
    ...(direction ? [`direction="${WAYS[direction]}"`] : []),
  ];
  return `    rnnviz.Clamp(${parts.join(", ")}),`;
};

const readingCode = ({ reading, holds }: OnScreen): string[] =>
  holds.length
    ? [
        "holds = [  # words, units and layers are counted from 0",
        ...holds.map((hold) => clampCode(hold, reading)),
        "]",
        "trace = rnnviz.hold(network, text, holds)",
        'print("with nothing held:", shares(rnnviz.read(network, text)))',
        'print("held:", shares(trace))',
      ]
    : ["trace = rnnviz.read(network, text)", 'print("answer:", shares(trace))'];

const selectedCode = ({ reading, here }: OnScreen): string[] => {
  const token = here.token + reading.start;
  const block = `layer=${here.layer}, direction="${WAYS[here.direction]}"`;
  return [
    `token, unit = ${token}, ${here.unit}  # the word ${literal(reading.tokens[here.token])}`,
    'print("up to the word:", shares(trace, token))',
    "for name in trace.signals:",
    `    print(name, round(float(trace.select(name, ${block})[token, unit]), 4))`,
  ];
};

const comparedCode = ([one, other]: [ReadBy, ReadBy]): string[] => [
  "# Compare: side A, side B, with nothing held",
  `one = rnnviz.read(${loaded(one.model)}, ${textOf(one)})`,
  `other = rnnviz.read(${loaded(other.model)}, ${textOf(other)})`,
  'print("A:", shares(one))',
  'print("B:", shares(other))',
  "for left, right in rnnviz.analysis.compare(one, other).pairs:",
  '    print("-" if left is None else f"{one.tokens[left]}: {shares(one, left)}", end=" | ")',
  '    print("-" if right is None else f"{other.tokens[right]}: {shares(other, right)}")',
];

/** The program for what is on the screen. */
export const pageProgram = (shown: OnScreen): string => {
  const lines = [
    "# What the page shows, from Python. Install it with: pip install rnnviz",
    "import rnnviz",
    "",
    "",
    "def shares(trace, token=-1):",
    '    """The probability of each class, had the text ended at a word."""',
    "    each = zip(trace.labels, trace.verdicts[token], strict=True)",
    '    return ", ".join(f"{label} {share:.1%}" for label, share in each)',
    "",
    "",
    ...(shown.model ? [] : ["# A network of your own: the folder that rnnviz wrote."]),
    `network = ${loaded(shown.model)}`,
    `text = ${textOf(shown)}`,
    ...readingCode(shown),
    "",
    ...selectedCode(shown),
    ...(shown.compared ? ["", ...comparedCode(shown.compared)] : []),
  ];
  return `${lines.join("\n")}\n`;
};
