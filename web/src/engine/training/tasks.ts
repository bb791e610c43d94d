// Five generated tasks with exact labels: those of rnnviz/data/tasks.py, where each is described. The same texts are as
// likely here as there; from the same seed come others.

import { Random } from "./random";

export const TASKS = ["recall", "brackets", "parity", "negation", "opinions"] as const;
export type Task = (typeof TASKS)[number];

/** Texts with the class of each. */
export interface Texts {
  classes: readonly string[];
  texts: string[];
  labels: number[];
}

const LETTERS = ["a", "b", "c", "d"];
const FILLERS = [..."klmnopqrstuv"];
const DEPTHS = ["0", "1", "2", "3+"];

const listed = (words: string) => words.split(" ");
const GOOD = listed("good great lovely clever funny fresh warm bright fine strong");
const BAD = listed("bad awful boring stupid dull stale cold weak poor ugly");
const THINGS = listed("movie film story book song meal phone room team plan");
const EXTRAS = ["", "very", "really", "so", "rather"];
const NEGATIONS = ["not", "never", "hardly"];

const PRAISE = listed(
  "amazing amusing appealing astonishing attractive awesome bold captivating comfortable compelling creative dazzling " +
    "decent delicious effective elegant engaging engrossing excellent exceptional fantastic fascinating fine flawless " +
    "friendly gorgeous graceful gripping happy helpful hilarious honest insightful inspiring intelligent inventive " +
    "likable lively magnificent memorable nice outstanding perfect pleasant powerful refreshing reliable remarkable " +
    "rewarding rich satisfying sharp special splendid strong stunning superb sweet tasty tender thoughtful thrilling " +
    "touching useful vivid warm witty worthwhile",
);
const BLAME = listed(
  "absurd bitter bland bleak broken cheap childish clumsy cold confusing contrived corny crude cruel depressing dirty " +
    "disgusting dismal dreadful dreary empty false feeble flat flawed foolish frustrating generic gross hollow idiotic " +
    "incoherent inept inferior irritating laughable lazy lifeless mediocre monotonous nasty noisy obnoxious offensive " +
    "pathetic poor pretentious repetitive ridiculous rude sad slow sloppy stale tiresome trite unfunny unpleasant " +
    "useless vulgar wooden worthless",
);
const SUBJECTS = ["the {}", "this {}", "their {}", "that {}", "my {}", "the whole {}"];
const MATTERS = listed(
  "movie film cast acting script plot comedy drama book show phone camera screen meal food soup service hotel room " +
    "breakfast place trip game music",
);
const CLAIMS = [
  ["is {}", "is not {}", "isn't {}", "is never {}", "is hardly {}"],
  ["was {}", "was not {}", "wasn't {}", "was never {}", "was hardly {}"],
  ["looks {}", "does not look {}", "doesn't look {}", "never looks {}", "hardly looks {}"],
  ["seemed {}", "did not seem {}", "didn't seem {}", "never seemed {}", "hardly seemed {}"],
  ["has been {}", "has not been {}", "hasn't been {}", "has never been {}", "has hardly been {}"],
  ["can be {}", "can not be {}", "can't be {}", "can never be {}", "can hardly be {}"],
];
const REMARKS = ["a {}", "not a {}", "hardly a {}", "never a {}", "no {}"];
const DEGREES = ["", "", "very ", "really "];

type Made = [text: string, label: string];
type Maker = (random: Random, length: number) => Made;

const recall: Maker = (random, length) => {
  const first = random.choice(LETTERS);
  return [[first, ...Array.from({ length: length - 1 }, () => random.choice(FILLERS))].join(" "), first];
};

/** A walk of opening and closing brackets that never closes what is not open. */
const brackets: Maker = (random, length) => {
  let depth = 0;
  const tokens = Array.from({ length: 1 + random.below(length) }, () => {
    const opening = depth === 0 || random.share() < (depth < 4 ? 0.5 : 0.2);
    depth += opening ? 1 : -1;
    return opening ? "(" : ")";
  });
  return [tokens.join(" "), DEPTHS[Math.min(depth, 3)]];
};

const parity: Maker = (random, length) => {
  const bits = Array.from({ length: 1 + random.below(length) }, () => random.below(2));
  return [bits.join(" "), bits.filter(Boolean).length % 2 ? "odd" : "even"];
};

const sentiment = (positive: boolean) => (positive ? "positive" : "negative");

/** Every negation turns the clause round; after *but*, the second clause decides. */
const negation: Maker = (random) => {
  const [text, positive] = clause(random);
  if (random.share() >= 0.3) return [text, sentiment(positive)];
  const [second, decides] = clause(random);
  return [`${text} but ${second}`, sentiment(decides)];
};

const clause = (random: Random): [string, boolean] => {
  const positive = random.share() < 0.5;
  const thing = random.choice(THINGS);
  const drawn = random.share();
  const count = drawn < 0.45 ? 0 : drawn < 0.9 ? 1 : 2;
  const negations = Array.from({ length: count }, () => random.choice(NEGATIONS));
  const words = ["the", thing, "was", ...negations, random.choice(EXTRAS), random.choice(positive ? GOOD : BAD)];
  return [words.filter(Boolean).join(" "), positive !== (count % 2 === 1)];
};

const opinions: Maker = (random) => {
  const [positive, negated] = [random.share() < 0.5, random.share() < 0.5];
  const quality = random.choice(positive ? PRAISE : BLAME);
  const matter = random.choice(MATTERS);
  const form = negated ? 1 + random.below(4) : 0;
  const label = sentiment(positive !== negated);
  if (random.share() < 0.2) {
    const remark = REMARKS[form].replace("{}", `${quality} ${matter}`);
    return [remark.replace(/\ba (?=[aeiou])/g, "an "), label];
  }
  const claim = random.choice(CLAIMS)[form].replace("{}", `${random.choice(DEGREES)}${quality}`);
  return [`${random.choice(SUBJECTS).replace("{}", matter)} ${claim}`, label];
};

const MAKERS: Record<Task, [Maker, readonly string[]]> = {
  recall: [recall, LETTERS],
  brackets: [brackets, DEPTHS],
  parity: [parity, ["even", "odd"]],
  negation: [negation, ["negative", "positive"]],
  opinions: [opinions, ["negative", "positive"]],
};

/**
 * Make texts of a task; the same seed makes the same texts.
 *
 * @param length Tokens of a text, at least 2: exactly so many for recall, at most so many for brackets and parity; the
 *   others have their own lengths.
 */
export const generate = (task: Task, rows: number, length: number, seed: number): Texts => {
  const [make, classes] = MAKERS[task];
  const random = new Random(seed);
  const made = Array.from({ length: rows }, () => make(random, length));
  return { classes, texts: made.map(([text]) => text), labels: made.map(([, label]) => classes.indexOf(label)) };
};

/** The tokens of a generated text: it is written in lower case, and only its apostrophes are set off. */
export const tokensOf = (text: string): string[] => text.replaceAll("'", " ' ").split(" ").filter(Boolean);
