// The chapters of the lesson: where each leads, which answer is right, and where to look. Their texts are in
// rnnviz/page/locales/lesson/.

import type { Destination } from "../client/types";
import { FIND_SETTINGS } from "../model/finding";
import { FILM, REVIEW } from "../model/tourCards";

export interface Chapter {
  /** Its texts are named after it. Those of a card that stands beside a picture too are the card's own. */
  name: string;
  /** Where “Do it” leads. */
  place: Destination;
  /** Where to look there. */
  look: string;
  /** What is opened besides once the question is answered, since it tells the answer; and where to look then. */
  reveal?: { place: Destination; look: string };
  /** Which of the three answers is right, from 0. */
  right: number;
  /** Networks that it speaks of besides that of its place. */
  needs?: readonly string[];
  /** It reads the example in the page's language. */
  isInLanguage?: true;
  /** What it says in numbers that the page can say of any text: of the answers, of a unit, of a unit's account, of the
   * units that are on at a stretch. */
  speaks?: "answers" | "unit" | "ledger" | "stretch";
}

/** The first example, and no unit chosen. */
const EXAMPLE: Destination = { ...FILM, unit: null, tab: null };
const LETTERS = "c k l m n o p q r s t u v k l m n o p q r s t u v";
const TEXTBOOK = "1 2 3 4 5\n6 7 8\n9";
const ACTORS = "the actors are wonderful";
const [STRIP, UNITS, CELL, ACCOUNT, VIEWS] = [
  ".rv-stage",
  "[data-panel=heatmap]",
  ".rv-cell-card",
  ".rv-ledger",
  ".rv-views",
];
/** Once the question is answered, a view below is opened. */
const inView = (place: Destination) => ({ place, look: VIEWS });
/** The same, beside another text. */
const beside = (model: string, text: string, place: Destination = {}) =>
  inView({ ...place, tab: "compare", other: { model, text } });

export const CHAPTERS: readonly Chapter[] = [
  {
    name: "order",
    place: { ...EXAMPLE, text: "it was good , not bad" },
    look: STRIP,
    reveal: beside("sst2-lstm", "it was bad , not good"),
    right: 0,
    speaks: "answers",
  },
  { name: "words", place: { ...EXAMPLE, token: 2 }, right: 0, speaks: "answers", look: STRIP },
  {
    name: "state",
    place: { ...EXAMPLE, unit: 26, token: 10, signal: "hidden" },
    right: 1,
    speaks: "unit",
    look: UNITS,
  },
  {
    name: "cell",
    place: { ...EXAMPLE, model: "sst2-rnn", signal: "hidden", token: 9 },
    right: 1,
    speaks: "unit",
    look: CELL,
  },
  {
    name: "forgets",
    place: { ...EXAMPLE, model: "recall-rnn", text: LETTERS, signal: "hidden" },
    right: 1,
    needs: ["recall-lstm", "recall-gru"],
    speaks: "answers",
    look: STRIP,
  },
  { name: "gates", place: { ...EXAMPLE, unit: 25, token: 6, signal: "forget" }, right: 2, speaks: "unit", look: UNITS },
  {
    name: "gru",
    place: { ...EXAMPLE, model: "sst2-gru", signal: "update", token: 9 },
    right: 0,
    speaks: "unit",
    look: UNITS,
  },
  {
    name: "ledger",
    place: { ...EXAMPLE, unit: 25, token: 3, ledger: false },
    look: UNITS,
    reveal: { place: { ledger: true }, look: ACCOUNT },
    right: 2,
    speaks: "ledger",
  },
  {
    name: "not",
    place: { ...EXAMPLE, text: "the movie was not good", token: 3 },
    look: STRIP,
    reveal: beside("sst2-lstm", "the movie was not good", { text: "the movie was not bad" }),
    right: 1,
    needs: ["sst2-rnn", "sst2-bilstm"],
    speaks: "answers",
  },
  {
    name: "packed",
    place: EXAMPLE,
    look: STRIP,
    reveal: inView({ tab: "packed", batch: TEXTBOOK }),
    right: 1,
    needs: ["agnews-lstm-padded"],
  },
  {
    name: "both",
    place: { ...EXAMPLE, model: "sst2-bilstm", text: ACTORS, direction: "both", layer: 0, signal: "hidden" },
    look: UNITS,
    reveal: beside("sst2-bilstm", "the actors are awful"),
    right: 0,
    speaks: "unit",
  },
  {
    name: "reach",
    place: { ...EXAMPLE, text: REVIEW, token: 25 },
    look: STRIP,
    reveal: inView({ tab: "reach" }),
    right: 1,
    needs: ["sst2-rnn", "sst2-gru"],
  },
  { name: "train", place: { ...EXAMPLE, tab: "train" }, look: VIEWS, right: 1 },
  {
    name: "letters",
    place: { ...EXAMPLE, model: "languages-lstm" },
    isInLanguage: true,
    right: 0,
    needs: ["shakespeare-lstm"],
    speaks: "answers",
    look: STRIP,
  },
  {
    name: "many",
    place: { ...EXAMPLE, text: "the movie was not good", token: 3, range: [3, 3] },
    look: STRIP,
    reveal: inView({ tab: "find", finding: FIND_SETTINGS }),
    right: 1,
    speaks: "stretch",
  },
  { name: "code", place: EXAMPLE, look: STRIP, reveal: inView({ tab: "code" }), right: 1 },
];

/** The questions before and after the lesson: which of the three answers is right. */
export const QUIZ: readonly { name: string; right: number }[] = [
  { name: "quiz1", right: 1 },
  { name: "quiz2", right: 1 },
  { name: "quiz3", right: 1 },
  { name: "quiz4", right: 1 },
  { name: "quiz5", right: 1 },
  { name: "quiz6", right: 0 },
];
