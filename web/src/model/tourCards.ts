// The tour's cards: where each leads, and what on the page it is about.

import type { Destination } from "../client/types";

export interface TourCard {
  /** What it says is named after this number. */
  number: number;
  /** What is outlined: the last of these boxes for which there is room, the smallest one at the end. */
  outline: string[];
  /** The first and the last of the words that the card speaks of. */
  words: [first: number, last: number];
  place: Destination;
  /** It is about the account of the unit. */
  account?: boolean;
  /** It is about what comes after the words. */
  ends?: boolean;
}

export const FILM: Destination = {
  model: "sst2-lstm",
  text: "The movie was not good , but the ending surprised me .",
  unit: 25,
  layer: 0,
  direction: 0,
  signal: "cell",
};
const NEWS = [
  "Japan opens a stadium",
  [
    "Oil prices rise to a record as investors fear for supplies from the Gulf , and airlines warn that they may have",
    "to ask their passengers for more money this winter and again next spring",
  ].join(" "),
  "Scientists find water on Mars",
];
export const REVIEW = [
  "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so warm",
  "and the last scene so surprising that I left the cinema smiling.",
].join(" ");

export const TOUR_CARDS: readonly TourCard[] = [
  { number: 1, outline: [".rv-strip"], words: [4, 9], place: { ...FILM, unit: null, token: 9 } },
  { number: 2, outline: ["[data-panel=heatmap]"], words: [2, 3], place: { ...FILM, token: 3 } },
  { number: 3, outline: ["[data-panel=heatmap]"], words: [3, 6], place: { ...FILM, token: 6, signal: "forget" } },
  {
    number: 4,
    outline: ["[data-panel=ledger]"],
    words: [3, 9],
    place: { ...FILM, token: 9, ledger: true },
    account: true,
  },
  {
    number: 5,
    outline: [".rv-drift .rv-columns", ".rv-drift"],
    words: [0, 3],
    ends: true,
    place: {
      model: "agnews-lstm-padded",
      text: NEWS[0],
      token: 3,
      layer: 0,
      direction: 0,
      signal: "cell",
      tab: "packed",
      batch: NEWS.join("\n"),
    },
  },
  {
    number: 6,
    outline: [".rv-reach .rv-columns", ".rv-reach-whole"],
    words: [25, 25],
    place: { model: "sst2-lstm", text: REVIEW, token: 25, layer: 0, direction: 0, signal: "cell", tab: "reach" },
  },
];
