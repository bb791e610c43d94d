// The model card of a network that was trained here, written from its config.json: `model_card` of
// rnnviz/checkpoint/card.py, to the letter, as far as such a network needs it. `rnnviz doctor` compares the two.

import { grouped } from "../pythonText";
import type { CheckpointFile } from "./checkpointZip";
import type { Scores } from "./scores";

export const modelCard = ({ name, title, model, data, scores, training }: CheckpointFile): string => {
  const layers = `${model.layers} layer${model.layers > 1 ? "s" : ""}`;
  const directions = model.bidirectional ? "two directions" : "one direction";
  return [
    "---",
    "library_name: rnnviz",
    "pipeline_tag: text-classification",
    "---",
    "",
    `# ${literal(name)}`,
    "",
    `${literal(title || name)}. A classifier for *looking into* with rnnviz, word by word.`,
    "",
    `- **Network:** ${model.cell.toUpperCase()}, ${layers}, ${directions}, ${model.hidden_size} units each, ` +
      `embedding of ${model.embedding_size}, vocabulary of ${grouped(model.vocabulary_size)} entries, ` +
      `pooling: ${model.pooling}, read ${model.reading}.`,
    `- **Classes:** ${data.classes.map((entry) => literal(entry.name)).join(", ")}.`,
    `- **Data:** ${data.source}. Licence of the data: ${data.licence}. The texts are not part of this checkpoint.`,
    "- **Weights:** Apache-2.0, float16.",
    "",
    ...Object.entries(scores).flatMap(([set, measured]) => scoreLines(set, measured)),
    "## How it was made",
    "",
    "```",
    training.command,
    "```",
    "",
    `- seed: ${training.seed}`,
    `- texts: ${training.texts}`,
    `- epochs: ${training.epochs}`,
    `- seconds: ${training.seconds}`,
    `- device: ${training.device}`,
    "",
    "## Limits",
    "",
    "It reads only the language of its texts, forgets words outside its vocabulary, and is as narrow as its data. Do not decide " +
      "anything about people with it.",
    "",
  ].join("\n");
};

const scoreLines = (set: string, { accuracy, n, labels, precision, recall, confusion }: Scores): string[] => [
  `## Scores on the ${set} set`,
  "",
  `Accuracy **${percent(accuracy, 2)}** of ${grouped(n)} texts (\`rnnviz evaluate\`).`,
  "",
  `| class | precision | recall | ${labels.map((label) => `answered ${literal(label)}`).join(" | ")} |`,
  `|---|---|---|${labels.map(() => "---|").join("")}`,
  ...labels.map((label, place) => {
    const shares = `${percent(precision[place], 1)} | ${percent(recall[place], 1)}`;
    return `| ${literal(label)} | ${shares} | ${confusion[place].map(grouped).join(" | ")} |`;
  }),
  "",
];

/** A share as Python writes it: of two numbers that are as near, the one with the even last digit. */
export const percent = (share: number, digits: number): string => {
  const exact = (share * 100).toFixed(20);
  const cut = exact.indexOf(".") + 1 + digits;
  const tie = /^50*$/.test(exact.slice(cut));
  const down = exact.slice(0, cut);
  return `${tie && /[02468]$/.test(down) ? down : (share * 100).toFixed(digits)}%`;
};

/** A name that nothing in it turns into markup, a table's column or a line of its own. */
const literal = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .join(" ")
    .replace(/([\\`*_[\]<>|&])/g, "\\$1");
