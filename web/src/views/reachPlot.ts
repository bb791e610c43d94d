// The lines of the view How far back: the gradient at every word on an axis of powers of ten, with the words under it.

import type { NetworkReach, Reach } from "../client/contract";
import { columnsOf } from "../model/columns";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { make, span, svgMake } from "../ui/dom";
import { markOf } from "../ui/marks";
import { widthOf } from "../ui/textWidth";

/** From the size of a gradient to its height in the picture, in whole powers of ten. */
interface Scale {
  high: number;
  low: number;
  /** Whether some gradient is exactly zero. */
  zeros: boolean;
  y(norm: number): number;
}

export const reachPlot = (page: Page) => {
  const TALL = 260;
  const TOP = 14;
  const FOOT = 40; // the words
  const UPRIGHT = 92; // the words, where they stand upright
  const NARROW = 18; // the narrowest column, and
  const LEVEL = 44; // the narrowest in which a word lies
  const NAMED = 560; // the narrowest room in which the lines are named at their ends, as they are in the legend anyway
  const ZERO = 30; // below the lowest power of ten, for what is exactly zero
  const nameOf = ({ cell }: NetworkReach) => page.say(`cell_${cell}`);

  // From the gradient's size to its height in the picture: whole powers of ten, at least two of them.
  const scaleOf = (networks: NetworkReach[]): Scale => {
    const some = networks.flatMap(({ norms }) => norms.filter((norm) => norm > 0)).map(Math.log10);
    const high = some.length ? Math.ceil(Math.max(...some)) : 0;
    const low = Math.min(high - 2, some.length ? Math.floor(Math.min(...some)) : high);
    const zeros = networks.some(({ norms }) => norms.includes(0));
    const bottom = TALL - (zeros ? ZERO : 0);
    const y = (norm: number) =>
      norm === 0 ? TALL - 8 : TOP + ((high - Math.log10(norm)) / (high - low)) * (bottom - TOP);
    return { high, low, zeros, y };
  };

  const axis = (scale: Scale, gutter: number, height: number) => {
    const every = Math.max(1, Math.ceil((scale.high - scale.low) / 8));
    const names = [];
    for (let place = scale.high; place >= scale.low; place -= every) {
      const sign = place < 0 ? "−" : "";
      const power = svgMake("tspan", { class: "rv-raised", dy: -6 }, sign + page.count(Math.abs(place)));
      names.push(svgMake("text", { x: gutter - 8, y: scale.y(10 ** place) }, page.count(10), power));
    }
    if (scale.zeros) names.push(svgMake("text", { x: gutter - 8, y: scale.y(0) }, page.count(0)));
    return svgMake("svg", { class: "rv-reach-axis", width: gutter, height, "aria-hidden": "true" }, ...names);
  };
  const decades = (scale: Scale, from: number, to: number) => {
    const lines = [];
    for (let place = scale.high; place >= scale.low; place -= 1) {
      lines.push(
        svgMake("line", { class: "rv-decade", x1: from, x2: to, y1: scale.y(10 ** place), y2: scale.y(10 ** place) }),
      );
    }
    if (scale.zeros)
      lines.push(svgMake("line", { class: "rv-decade rv-zero", x1: from, x2: to, y1: scale.y(0), y2: scale.y(0) }));
    return lines;
  };
  // One network: its line, broken where the gradient is zero, and a mark at each word.
  const lineOf = ({ norms }: NetworkReach, place: number, scale: Scale, middle: (t: number) => number) => {
    let path = "";
    norms.forEach((norm, t) => {
      if (norm > 0) path += `${t && norms[t - 1] > 0 ? "L" : "M"}${middle(t)} ${scale.y(norm)}`;
    });
    const marks = norms.map((norm, t) =>
      markOf(place, {
        class: norm > 0 ? "" : "rv-hollow",
        transform: `translate(${middle(t)} ${scale.y(norm)})`,
        "data-token": t,
      }),
    );
    return svgMake(
      "g",
      { "data-cell": place },
      svgMake("path", { class: `rv-reach-line rv-line-${place}`, d: path }),
      ...marks,
    );
  };
  // The names at the ends of the lines, moved apart where the lines end close together.
  const ends = (networks: NetworkReach[], scale: Scale, x: number) => {
    const APART = 17;
    const last = networks
      .map(({ norms }, place) => ({ place, y: scale.y(norms[norms.length - 1]) }))
      .sort((a, b) => a.y - b.y);
    for (const [n, one] of last.entries()) one.y = Math.max(one.y, n ? last[n - 1].y + APART : TOP);
    const over = Math.max(0, last[last.length - 1].y - (TALL - 6));
    return last.map(({ place, y }) =>
      svgMake("text", { class: `rv-reach-end rv-mark-${place}`, x, y: y - over }, nameOf(networks[place])),
    );
  };

  const wordButton = (token: string, t: number, edges: readonly number[]) => {
    const node = make(
      "button",
      { type: "button", class: "rv-reach-word", "data-token": t, tabindex: t ? -1 : 0, title: visible(token) },
      make("bdi", {}, visible(token)),
    );
    span(node, edges[t], edges[t + 1]);
    return node;
  };
  return ({ tokens, networks }: Reach, room: number) => {
    const gutter = 48;
    const named = room >= NAMED;
    const beyond =
      12 +
      (named ? Math.max(...networks.map((network) => widthOf(nameOf(network), "600 14px system-ui, sans-serif"))) : 0);
    const edges = columnsOf({
      words: tokens.map((token) => [token]),
      gutter,
      room: room - beyond - 4,
      narrow: NARROW,
      measure: widthOf,
    });
    const upright = edges[1] - edges[0] < LEVEL;
    const middle = (t: number) => (edges[t] + edges[t + 1]) / 2;
    const end = edges[edges.length - 1];
    const scale = scaleOf(networks);
    const height = TALL + (upright ? UPRIGHT : FOOT);
    const svg = svgMake(
      "svg",
      {
        class: "rv-reach-lines",
        width: end + beyond,
        height: TALL,
        role: "img",
        "aria-label": page.say("reach_picture", { count: tokens.length }),
      },
      svgMake("rect", { class: "rv-column", y: 0, height: TALL, width: 0, x: 0 }),
      ...decades(scale, gutter, end),
      ...networks.map((network, place) => lineOf(network, place, scale, middle)),
      ...(named ? ends(networks, scale, middle(tokens.length - 1) + 14) : []),
    );
    const picture = make(
      "div",
      { class: upright ? "rv-reach-plot rv-upright" : "rv-reach-plot" },
      svg,
      axis(scale, gutter, height),
      ...tokens.map((token, t) => wordButton(token, t, edges)),
    );
    picture.style.width = `${end + beyond}px`;
    picture.style.height = `${height}px`;
    return { picture, edges };
  };
};
