// The watched sentence while a network learns: what each unit holds after each word, and the answer.

import type { Picture } from "../client/contract";
import { FULL, numbersOf } from "../model/base64";
import { colourOf, css, type ShownClasses, shownClasses } from "../model/colours";
import { columnsOf } from "../model/columns";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import { make } from "../ui/dom";
import { intoView } from "../ui/scrolling";
import { widthOf } from "../ui/textWidth";
import { classEntries } from "../ui/word";

/** A sentence as it is painted. */
interface Painted extends Picture {
  classes: ShownClasses;
  edges: readonly number[];
  value(t: number, unit: number): number;
}

export const watchedSentence = (page: Page) => {
  const SHARES = 22;
  const NARROW = 15; // the narrowest column, in which a letter lies, and
  const NARROWED = 44; // the narrowest in which a word lies even if it is cut off
  const FONT = "15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
  const title = make("h3", { class: "rv-heading", "data-say": "train_watched" });
  const answer = make("p", { class: "rv-train-answer" });
  const legend = make("ul", { class: "rv-classes" });
  const canvas = make("canvas", { role: "img" });
  const words = make("div", { class: "rv-train-words", "aria-hidden": "true" });
  const scroll = make(
    "div",
    { class: "rv-columns rv-headless", tabindex: 0, role: "group", "data-say-label": "train_watched" },
    words,
    canvas,
  );
  const fine = make("p", { class: "rv-note" });
  const node = make("div", { class: "rv-train-watched", hidden: "" }, title, answer, legend, scroll, fine);

  let brought: string | null = null; // the sentence of which the end was brought into view: the answer is there

  const valuesOf = ({ data, signal, shape: [, units] }: Picture) => {
    const numbers = numbersOf(data);
    return (t: number, unit: number) => (numbers[t * units + unit] * signal.scale) / FULL;
  };
  const paint = ({ tokens, verdicts, shape: [, units], signal, value, classes, edges }: Painted) => {
    const tall = Math.max(4, Math.min(14, Math.floor(220 / units)));
    const [width, height] = [edges[edges.length - 1], SHARES + 4 + units * tall];
    const dense = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * dense, height: height * dense });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const brush = canvas.getContext("2d");
    if (!brush) return;
    brush.scale(dense, dense);
    tokens.forEach((_, t) => {
      const [left, wide] = [edges[t], edges[t + 1] - edges[t] - 1];
      let top = 0;
      for (const place of [...classes.stacking].reverse()) {
        brush.fillStyle = classes.colour(place);
        brush.fillRect(left, top, wide, verdicts[t][place] * SHARES);
        top += verdicts[t][place] * SHARES;
      }
      for (let unit = 0; unit < units; unit += 1) {
        brush.fillStyle = css(colourOf(value(t, unit), signal.low, signal.high));
        brush.fillRect(left, SHARES + 4 + unit * tall, wide, tall > 6 ? tall - 1 : tall);
      }
    });
  };
  const wordsOf = ({ tokens, unknown, edges }: Pick<Painted, "tokens" | "unknown" | "edges">) => {
    const upright = tokens.some(
      (token, t) => edges[t + 1] - edges[t] < NARROWED && widthOf(visible(token), FONT) > edges[t + 1] - edges[t],
    );
    words.classList.toggle("rv-upright", upright);
    return tokens.map((token, t) => {
      const word = make(
        "span",
        { class: unknown[t] ? "rv-unknown" : null, title: visible(token) },
        make("bdi", {}, visible(token)),
      );
      word.style.width = `${edges[t + 1] - edges[t]}px`;
      return word;
    });
  };

  // What Python sends of the sentence; nothing before the first moment of learning.
  const draw = (watch: Picture | null | undefined) => {
    node.hidden = !watch;
    if (!watch || !scroll.clientWidth) return;
    const { tokens, labels, verdicts, winner, signal, shape } = watch;
    const classes = shownClasses(labels, verdicts, winner);
    const edges = columnsOf({
      words: tokens.map((token) => [token]),
      gutter: 0,
      room: scroll.clientWidth - 2,
      narrow: NARROW,
      measure: widthOf,
    });
    const told = page.say("train_answer", {
      label: page.classOf(labels[winner]),
      share: page.share(verdicts[verdicts.length - 1][winner]),
    });
    answer.textContent = told;
    answer.style.setProperty("--rv-class", classes.colour(winner));
    legend.replaceChildren(...classEntries(classes, labels, page.classOf));
    words.replaceChildren(...wordsOf({ ...watch, edges }));
    paint({ ...watch, value: valuesOf(watch), classes, edges });
    const room = scroll.clientWidth;
    const key = `${tokens.join(" ")} ${room}`;
    if (brought !== key) intoView(scroll, edges, tokens.length - 1, room);
    brought = key;
    canvas.setAttribute("aria-label", `${tokens.map(isolated).join(" ")}. ${told}`);
    fine.textContent = page.say("train_rows", {
      count: shape[1],
      signal: page.nameOf(signal),
      low: page.signed(signal.low),
      high: page.signed(signal.high),
    });
  };
  return { node, draw };
};
