// The picture of one text and its filling: the cells, the answer after each, and the units that the filling moves most.
// What reads on is solid, what stands still is dashed. The axis stays in sight where the picture is scrolled.

import type { Drift } from "../client/contract";
import { colourOf, css, shownClasses } from "../model/colours";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import { type Attributes, make, svgMake } from "../ui/dom";
import { widthOf } from "../ui/textWidth";

/** A text and its filling, with those units alone that are shown. */
export interface Moved extends Drift {
  /** All units that were sent. */
  known: number[];
}

export const paddingPlot = (page: Page, found: Moved, length: number, room: number, tint: string) => {
  const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
  const [CELL, BAND, CHART, TALL, ROW, APART, NAMED] = [28, 60, 82, 130, 36, 17, 4];
  const STATES = CHART + TALL + 46;
  const { tokens, labels, verdicts, winners, known, units, states, alone, padded_to } = found;
  const words = tokens.length;
  const unitOf = (unit: number) => page.say("unit", { unit });
  const GUTTER = Math.max(70, ...known.map((unit) => widthOf(unitOf(unit), FONT) + 14));
  const height = STATES + units.length * ROW;
  const classes = shownClasses(labels, verdicts, alone.winner);
  const named = (place: number) => `${page.classOf(labels[place])} ${page.share(verdicts[length - 1][place])}`;

  // Words as wide as they are; what is left of the room is shared out among the cells of padding.
  const natural = tokens.map((token) => Math.min(110, Math.max(30, widthOf(visible(token), FONT) + 16)));
  const beyond = 24 + Math.max(...labels.map((_, place) => widthOf(named(place), FONT)));
  const left = room - GUTTER - beyond - natural.reduce((sum, one) => sum + one, 0);
  const narrow = Math.min(24, Math.max(8, left / Math.max(1, padded_to - words)));
  const edges = [GUTTER];
  for (let t = 0; t < padded_to; t += 1) edges.push(edges[t] + (t < words ? natural[t] : narrow));
  const middle = (t: number) => (edges[t] + edges[t + 1]) / 2;
  const [ended, end] = [edges[words], edges[length]];
  const y = (share: number) => CHART + (1 - share) * TALL;

  // A word is a tile of its own; padding, one cell like the other, is one band without gaps.
  const tile = (from: number, to: number, top: number, tall: number, attributes: Attributes) =>
    svgMake("rect", {
      x: edges[from] + 1,
      y: top,
      width: edges[to] - edges[from] - 2,
      height: tall,
      rx: 3,
      ...attributes,
    });
  const block = (t: number, top: number, tall: number, { class: name, ...colours }: Attributes & { class: string }) => {
    if (t < words) return tile(t, t + 1, top, tall, { class: name, ...colours });
    return svgMake("rect", {
      class: `${name} rv-drift-band`,
      x: edges[t],
      y: top,
      width: edges[t + 1] - edges[t],
      height: tall,
      ...colours,
    });
  };
  const line = (x1: number, y1: number, x2: number, y2: number, name: string) =>
    svgMake("line", { class: name, x1, y1, x2, y2 });
  const text = (x: number, at: number, name: string, said: string) => svgMake("text", { class: name, x, y: at }, said);

  const short = (token: string, width: number) => {
    const letters = [...visible(token.slice(0, 40))];
    let count = letters.length;
    while (count > 1 && widthOf(letters.slice(0, count).join(""), FONT) > width - 10) count -= 1;
    return count < letters.length ? `${letters.slice(0, count - 1).join("")}…` : letters.join("");
  };
  const written = tokens.map((token, t) =>
    svgMake(
      "g",
      {},
      tile(t, t + 1, 0, CELL, { fill: tint }),
      text(middle(t), CELL / 2, "rv-drift-word", short(token, natural[t])),
    ),
  );
  const hatched = (from: number, to: number, name: string) =>
    from < to ? [tile(from, to, 0, CELL, { class: name, fill: "url(#rv-hatch)" })] : [];
  const ticks = edges.slice(words + 1, -1).map((x) => line(x, CELL - 5, x, CELL, "rv-drift-tick"));
  const cells = [
    ...written,
    ...hatched(words, length, "rv-drift-filled"),
    ...hatched(length, padded_to, "rv-drift-filled rv-drift-beyond"),
    ...ticks,
  ];
  const band = winners
    .slice(0, length)
    .map((winner, t) =>
      block(t, BAND, 6, { class: "rv-drift-won", fill: classes.colour(winner), "data-won": labels[winner] }),
    );

  const guides = [0, 0.5, 1].map((share) => line(GUTTER, y(share), end, y(share), "rv-drift-guide"));
  const lines = labels.flatMap((_, place) => {
    const points = verdicts.slice(0, length).map((shares, t) => `${middle(t)},${y(shares[place])}`);
    const still = line(
      middle(words - 1),
      y(alone.verdict[place]),
      Math.max(end, middle(words - 1)),
      y(alone.verdict[place]),
      "rv-drift-still",
    );
    const drifting = svgMake("polyline", { class: "rv-drift-line", points: points.join(" ") });
    for (const one of [still, drifting]) one.setAttribute("stroke", classes.colour(place));
    return [still, drifting];
  });
  // The names of the likeliest classes where their lines end, moved apart where these are close together, and kept
  // between the top of the chart and its foot.
  const ends = () => {
    const now = verdicts[length - 1];
    const most = labels
      .map((_, place) => ({ place, at: y(now[place]) }))
      .sort((one, other) => one.at - other.at)
      .slice(0, NAMED);
    for (const [n, one] of most.entries()) one.at = Math.max(one.at, n ? most[n - 1].at + APART : CHART + APART / 2);
    let foot = CHART + TALL - APART / 2;
    for (const one of [...most].reverse()) {
      one.at = Math.min(one.at, foot);
      foot = one.at - APART;
    }
    return most.flatMap(({ place, at }) => [
      svgMake("circle", { class: "rv-drift-won", cx: end + 9, cy: at, r: 4, fill: classes.colour(place) }),
      text(end + 17, at, "rv-drift-end", named(place)),
    ]);
  };

  // A unit: one colour a word, which both readings have in common; then what drifts above what stands still.
  const colour = (value: number) => css(colourOf(value, found.low, found.high));
  const row = (values: number[], place: number) => {
    const top = STATES + place * ROW;
    const drifting = values
      .slice(0, length)
      .map((value, t) =>
        block(t, top, t < words ? CELL : CELL / 2 - 2, { class: "rv-drift-state", fill: colour(value) }),
      );
    if (length === words)
      return [...drifting, text(end + 6, top + CELL / 2, "rv-drift-end", page.signed(values[length - 1]))];
    const still = svgMake("rect", {
      class: "rv-drift-rest",
      x: ended,
      y: top + CELL / 2 + 1,
      width: end - ended,
      height: CELL / 2 - 2,
      fill: colour(alone.states[place]),
    });
    const edge = svgMake("rect", {
      class: "rv-drift-state",
      x: ended,
      y: top,
      width: end - ended,
      height: CELL / 2 - 2,
      fill: "none",
    });
    return [
      ...drifting,
      edge,
      still,
      text(end + 6, top + 7, "rv-drift-end", page.signed(values[length - 1])),
      text(end + 6, top + CELL - 6, "rv-drift-end rv-drift-quiet", page.signed(alone.states[place])),
    ];
  };

  const hatch = svgMake(
    "pattern",
    { id: "rv-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    line(0, 0, 0, 6, "rv-drift-hatch"),
  );
  // Where a cell is pointed at, its answer is said; where it is pressed, the filling ends.
  const says = (t: number) =>
    page.say("word_says", {
      word: t < words ? isolated(tokens[t]) : page.say("drift_cell", { number: t - words + 1 }),
      label: page.classOf(labels[winners[t]]),
      share: page.share(verdicts[t][winners[t]]),
    });
  const touch = edges
    .slice(words - 1, -1)
    .map((x, n) =>
      svgMake(
        "rect",
        { class: "rv-drift-touch", "data-token": words - 1 + n, x, y: 0, width: edges[words + n] - x, height },
        svgMake("title", {}, says(words - 1 + n)),
      ),
    );
  const svg = svgMake(
    "svg",
    {
      class: "rv-drift-picture",
      width: edges[padded_to] + beyond,
      height,
      role: "img",
      "aria-label": page.say("drift_picture", { words, count: length - words }),
    },
    svgMake("defs", {}, hatch),
    ...guides,
    ...cells,
    ...band,
    ...[
      [0, CELL + 8],
      [BAND - 3, CHART + TALL + 8],
      [STATES - 6, height],
    ].map(([top, foot]) => line(ended, top, ended, foot, "rv-drift-ended")),
    ...lines,
    ...ends(),
    ...states.flatMap(row),
    ...touch,
  );
  const axis = svgMake(
    "svg",
    { class: "rv-drift-axis", width: GUTTER - 2, height, "aria-hidden": "true" },
    text(GUTTER, BAND - 9, "rv-drift-title", page.say("drift_answers")),
    text(GUTTER, STATES - 14, "rv-drift-title", page.say("drift_states")),
    ...[0, 0.5, 1].map((share) => text(GUTTER - 10, y(share), "rv-drift-end", page.share(share))),
    ...units.map((unit, place) => text(GUTTER - 10, STATES + place * ROW + CELL / 2, "rv-drift-end", unitOf(unit))),
  );
  return { picture: make("div", { class: "rv-drift-plot" }, axis, svg), end: end + beyond };
};
