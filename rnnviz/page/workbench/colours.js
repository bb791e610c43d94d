// One colour law: signed values run blue – nothing – orange, gates from nothing to one dark hue. Classes have a colour each.

const LAW = (() => {
  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return {
    light: {
      signed: ["#0b4a8f", "#5f9bd1", "#ffffff", "#f0a35a", "#a84b00"].map(rgb),
      gate: ["#ffffff", "#c9bbe8", "#7a55b5", "#33105f"].map(rgb),
    },
    dark: {
      signed: ["#8cc4ff", "#2f6fb0", "#1d232c", "#b5651d", "#ffbf80"].map(rgb),
      gate: ["#1d232c", "#4b3787", "#9379d6", "#e6dcff"].map(rgb),
    },
  };
})();

const isDark = () => Boolean(document.querySelector(".dark"));

// The colour of a value on a scale from low to high, as [red, green, blue]. A scale that goes below zero is a signed one.
const colourOf = (value, low, high) => {
  const stops = LAW[isDark() ? "dark" : "light"][low < 0 ? "signed" : "gate"];
  const place = Math.min(Math.max((value - low) / (high - low), 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  return stops[left].map((channel, n) => Math.round(channel + (stops[left + 1][n] - channel) * (place - left)));
};
const css = (colour) => `rgb(${colour.join(" ")})`;
const inkOn = ([red, green, blue]) => (red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#10151d" : "#ffffff");

const OTHER = "#8a94a3";
const CLASS_COLOURS = ["#aa3377", "#117a65", "#b8860b", "#3f6fb5", "#7a5195", "#5b6b2f", "#a0522d", "#4b5563"];
const TINTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"]; // the texts of a batch, under dark ink
const WAYS = ["→", "←"]; // forward, backward: each direction has its arrow and its colour, --rv-way-0 and --rv-way-1

// Eight classes have a colour each. Of more, the answer and the likeliest do, and the rest share one grey.
const shownClasses = (names, verdicts, answer) => {
  const most = (place) => Math.max(...verdicts.map((shares) => shares[place]));
  const order = names.map((_, place) => place).sort((a, b) => (b === answer) - (a === answer) || most(b) - most(a));
  const few = names.length <= CLASS_COLOURS.length;
  const shown = few ? names.map((_, place) => place) : order.slice(0, CLASS_COLOURS.length - 1);
  const colour = (place) => (shown.includes(place) ? CLASS_COLOURS[shown.indexOf(place)] : OTHER);
  return { shown, colour, stacking: [answer, ...shown.filter((place) => place !== answer)] };
};
