// One colour law: signed values run blue – nothing – orange, gates from nothing to one dark hue. Classes have a colour each.

export const LAW = (() => {
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

export const isDark = () => document.body.classList.contains("dark"); // asked for every cell, so it must be quick

// The colour of a value on a scale from low to high, as [red, green, blue]. A scale that goes below zero is a signed one.
export const colourOf = (value, low, high, dark = isDark()) => {
  const stops = LAW[dark ? "dark" : "light"][low < 0 ? "signed" : "gate"];
  const place = Math.min(Math.max((value - low) / (high - low), 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  return stops[left].map((channel, n) => Math.round(channel + (stops[left + 1][n] - channel) * (place - left)));
};

export const css = (colour) => `rgb(${colour.join(" ")})`;

// Black or white, whichever stands out more: at least 4.5 to 1 on any colour. Luminance and contrast as WCAG 2.2 has them.
export const LINEAR = Array.from({ length: 256 }, (_, channel) =>
  channel <= 10 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4,
);

export const inkOn = ([red, green, blue]) =>
  0.2126 * LINEAR[red] + 0.7152 * LINEAR[green] + 0.0722 * LINEAR[blue] > 0.179 ? "#000000" : "#ffffff";

export const OTHER = "#8a94a3";

// Told apart also by eyes that see red and green alike, and all 3 to 1 on the page's ground.
export const CLASS_COLOURS = {
  light: ["#7f2488", "#22674b", "#b7840a", "#3a87de", "#a267a3", "#5b6929", "#c68363", "#475164"],
  dark: ["#895397", "#7cbca2", "#e1b363", "#5ea7fa", "#b696c8", "#656d22", "#c38064", "#797b86"],
};

export const TINTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"]; // the texts of a batch, under dark ink

export const WAYS = ["→", "←"]; // forward, backward: each direction has its arrow and its colour, --rv-way-0 and --rv-way-1

// Eight classes have a colour each. Of more, the answer and the likeliest do, and the rest share one grey. `base`, the
// class at the bottom of a bar and of the line over the bars, is the answer; of two classes it is always the second, so
// that no bar turns over when another letter turns the answer.
export const shownClasses = (names, verdicts, answer) => {
  const most = (place) => Math.max(...verdicts.map((shares) => shares[place]));
  const order = names.map((_, place) => place).sort((a, b) => (b === answer) - (a === answer) || most(b) - most(a));
  const room = CLASS_COLOURS.light.length;
  const shown = names.length <= room ? names.map((_, place) => place) : order.slice(0, room - 1);
  const colour = (place, dark = isDark()) => CLASS_COLOURS[dark ? "dark" : "light"][shown.indexOf(place)] ?? OTHER;
  const base = names.length === 2 ? 1 : answer;
  return { shown, colour, base, stacking: [base, ...shown.filter((place) => place !== base)] };
};
