// One colour law: signed values run blue – nothing – orange, gates from nothing to black. Classes have a colour
// each.

export type Rgb = [red: number, green: number, blue: number];

const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
const LAW = {
  light: {
    signed: ["#0b4a8f", "#5f9bd1", "#ffffff", "#f0a35a", "#a84b00"].map(rgb),
    gate: ["#ffffff", "#c3cad4", "#6c7889", "#18202b"].map(rgb),
  },
  dark: {
    signed: ["#8cc4ff", "#2f6fb0", "#1d232c", "#b5651d", "#ffbf80"].map(rgb),
    gate: ["#1d232c", "#475364", "#8f9db0", "#f1f4f8"].map(rgb),
  },
};

/** Whether the page is dark. It is asked for every cell of the heatmap, so it must be quick. */
export const isDark = (): boolean => document.body.classList.contains("dark");

/** The colour of a value on a scale from low to high. A scale that goes below zero is a signed one. */
export const colourOf = (value: number, low: number, high: number, dark = isDark()): Rgb => {
  const stops = LAW[dark ? "dark" : "light"][low < 0 ? "signed" : "gate"];
  const place = Math.min(Math.max((value - low) / (high - low), 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  const [from, to] = [stops[left], stops[left + 1]];
  return from.map((channel, n) => Math.round(channel + (to[n] - channel) * (place - left))) as Rgb;
};
export const css = (colour: Rgb): string => `rgb(${colour.join(" ")})`;

// Linear light of a channel, as WCAG 2.2 has it.
const LINEAR = Array.from({ length: 256 }, (_, channel) =>
  channel <= 10 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4,
);
/** Black or white, whichever stands out more: at least 4.5 to 1 on any colour. */
export const inkOn = ([red, green, blue]: Rgb): string => {
  const luminance = 0.2126 * LINEAR[red] + 0.7152 * LINEAR[green] + 0.0722 * LINEAR[blue];
  return luminance > 0.179 ? "#000000" : "#ffffff";
};

/** The grey that all classes share which have no colour of their own. */
export const OTHER = "#8a94a3";
// Told apart also by colour-blind eyes, and all 3 to 1 on the page's ground.
const CLASS_COLOURS = {
  light: ["#7f2488", "#22674b", "#b7840a", "#3a87de", "#a267a3", "#5b6929", "#c68363", "#475164"],
  dark: ["#895397", "#7cbca2", "#e1b363", "#5ea7fa", "#b696c8", "#656d22", "#c38064", "#797b86"],
};
/** The texts of a batch, under dark ink. */
export const TINTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"];
/** Forward, backward: each direction has its arrow, and its colour, --rv-way-0 and --rv-way-1. */
export const WAYS = ["→", "←"];

/** Of more classes than there are colours, how many have one. */
const LIKELIEST = 5;

/** Which classes have a colour of their own. */
export interface ShownClasses {
  /** Those that do, in their own order or by how likely they are. */
  shown: number[];
  colour(place: number, dark?: boolean): string;
  /** The class at the bottom of a bar, and of the line over the bars. */
  base: number;
  /** The shown classes as they are stacked, from the bottom up. */
  stacking: number[];
}

/** Eight classes have a colour each. Of more, the answer and the likeliest do, five in all, and the rest share one grey.
 *
 * The class at the bottom is the answer; of two classes it is always the second, so that no bar turns over when another
 * letter changes the answer.
 */
export const shownClasses = (names: string[], verdicts: number[][], answer: number): ShownClasses => {
  const most = names.map((_, place) => Math.max(...verdicts.map((shares) => shares[place])));
  const isAnswer = (place: number) => Number(place === answer);
  const places = names.map((_, place) => place);
  const order = [...places].sort((a, b) => isAnswer(b) - isAnswer(a) || most[b] - most[a]);
  const room = CLASS_COLOURS.light.length;
  const shown = names.length <= room ? places : order.slice(0, LIKELIEST);
  const colour = (place: number, dark = isDark()) => CLASS_COLOURS[dark ? "dark" : "light"][shown.indexOf(place)];
  const base = names.length === 2 ? 1 : answer;
  return {
    shown,
    colour: (place, dark) => colour(place, dark) ?? OTHER,
    base,
    stacking: [base, ...shown.filter((place) => place !== base)],
  };
};
