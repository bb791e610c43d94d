// The program that prints what is on the screen, with the package itself: network, text, what is held, the selected word
// and unit, and the two texts of the view Compare. It is English in every language.

import type { Hold } from "../client/contract";
import type { Task } from "../engine/config";
import type { Tokens } from "../engine/tokens";
import type { Here } from "./place";
import { isNamed, LIKELIEST, literal, loaded } from "./program";
import type { Reading } from "./reading";
import { coversAll, onlyUnit, type Ranges } from "./units";

/** A text, by which network, and how many of its tokens are read, where that is not all of them. */
export interface ReadBy {
  model: string;
  /** What the network reads and answers. */
  tokens: Tokens;
  task: Task;
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

/** The text as a network of this name in the program reads it. */
const textOf = ({ text, most }: ReadBy, network: string): string =>
  most === null
    ? literal(text)
    : `${network}.vocabulary.joined(${network}.vocabulary.tokenise(${literal(text)})[:${most}])`;
const tokenName = ({ tokens }: ReadBy): string => (tokens === "letters" ? "letter" : "word");

/** How an answer is printed: all classes, or the likeliest of all tokens that may come next. */
const sharesCode = (shown: OnScreen): string[] => {
  const tellsNext = [shown, ...(shown.compared ?? [])].some(({ task }) => task === "next");
  return tellsNext
    ? [
        "def shares(trace, token=-1):",
        `    """The likeliest answers, had the text ended at a ${tokenName(shown)}."""`,
        `    each = sorted(zip(trace.verdicts[token], trace.labels, strict=True), reverse=True)[:${LIKELIEST}]`,
        '    return ", ".join(f"{label!r} {share:.1%}" for share, label in each)',
      ]
    : [
        "def shares(trace, token=-1):",
        `    """The probability of each class, had the text ended at a ${tokenName(shown)}."""`,
        "    each = zip(trace.labels, trace.verdicts[token], strict=True)",
        '    return ", ".join(f"{label} {share:.1%}" for label, share in each)',
      ];
};

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

const selectedCode = (shown: OnScreen): string[] => {
  const { reading, here } = shown;
  const token = here.token + reading.start;
  const block = `layer=${here.layer}, direction="${WAYS[here.direction]}"`;
  return [
    `token, unit = ${token}, ${here.unit}  # the ${tokenName(shown)} ${literal(reading.tokens[here.token])}`,
    `print("up to the ${tokenName(shown)}:", shares(trace, token))`,
    "for name in trace.signals:",
    `    print(name, round(float(trace.select(name, ${block})[token, unit]), 4))`,
  ];
};

const comparedCode = (sides: [ReadBy, ReadBy]): string[] => {
  const [one, other] = sides;
  const as = sides.some(({ tokens }) => tokens === "letters") ? "!r" : ""; // or a line feed could not be seen
  return [
    "# Compare: side A, side B, with nothing held",
    `network = ${loaded(one.model)}`,
    `one = rnnviz.read(network, ${textOf(one, "network")})`,
    `network = ${loaded(other.model)}`,
    `other = rnnviz.read(network, ${textOf(other, "network")})`,
    'print("A:", shares(one))',
    'print("B:", shares(other))',
    "for left, right in rnnviz.analysis.compare(one, other).pairs:",
    `    print("-" if left is None else f"{one.tokens[left]${as}}: {shares(one, left)}", end=" | ")`,
    `    print("-" if right is None else f"{other.tokens[right]${as}}: {shares(other, right)}")`,
  ];
};

/** The program for what is on the screen. */
export const pageProgram = (shown: OnScreen): string => {
  const lines = [
    "# What the page shows, from Python. Install it with: pip install rnnviz",
    "import rnnviz",
    "",
    "",
    ...sharesCode(shown),
    "",
    "",
    ...(isNamed(shown.model) ? [] : ["# A network of your own: the folder that rnnviz wrote."]),
    `network = ${loaded(shown.model)}`,
    `text = ${textOf(shown, "network")}`,
    ...readingCode(shown),
    "",
    ...selectedCode(shown),
    ...(shown.compared ? ["", ...comparedCode(shown.compared)] : []),
  ];
  return `${lines.join("\n")}\n`;
};
