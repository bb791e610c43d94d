// The reading as one drawing, for a paper or a slide: words, answers and the heatmap that is shown, as SVG.

import type { Answers, ReadSignal } from "../client/contract";
import { colourOf, css, OTHER } from "../model/colours";
import type { Rows } from "../model/place";
import type { TypedReading } from "../model/reading";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { make, svgMake } from "../ui/dom";
import { widthOf } from "../ui/textWidth";

export const readingPicture = (page: Page) => {
  const [NAMES, COLUMN, ROW, TOP, BARS] = [76, 66, 20, 64, 60];
  const [SCALE, STEPS] = [160, 40]; // how wide the scale of the colours is, and of how many it is made
  const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
  const ink = "#16202e";

  const text = (x: number, y: number, words: string, more = {}) =>
    svgMake("text", { x, y, fill: ink, "font-size": 12, "text-anchor": "middle", ...more }, words);

  const word = (t: number): SVGElement[] => {
    const { reading } = page;
    const left = NAMES + t * COLUMN;
    const middle = left + COLUMN / 2;
    const most = Math.floor(COLUMN / 7);
    const letters = [...visible(reading.tokens[t])];
    const name = letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
    const parts: SVGElement[] = [
      text(middle, TOP - 8, name, reading.unknown[t] ? { "font-style": "italic", "text-decoration": "underline" } : {}),
    ];
    let bottom = TOP + BARS;
    for (const place of reading.classes.stacking) {
      const tall = BARS * reading.verdicts[t][place];
      bottom -= tall;
      parts.push(
        svgMake("rect", {
          x: left + 8,
          y: bottom,
          width: COLUMN - 16,
          height: tall,
          fill: reading.classes.colour(place, false),
        }),
      );
    }
    parts.push(text(middle, TOP + BARS + 14, page.share(reading.verdicts[t][reading.winners[t]]), { "font-size": 11 }));
    return parts;
  };

  const block = ({ layer, direction, rows }: Rows, top: number, signal: ReadSignal) => {
    const { reading } = page;
    const cells = rows.flatMap((unit, row) => [
      text(NAMES - 8, top + row * ROW + 14, page.say("unit", { unit }), { "text-anchor": "end", "font-size": 11 }),
      ...reading.tokens.map((_, t) =>
        svgMake("rect", {
          x: NAMES + t * COLUMN,
          y: top + row * ROW,
          width: COLUMN - 1,
          height: ROW - 1,
          fill: css(colourOf(reading.value(signal, t, unit, layer, direction), signal.low, signal.high, false)),
          stroke: "#dbe1e9",
          "stroke-width": 0.5,
        }),
      ),
    ]);
    return cells;
  };

  // That something is held, and what the network answers while nothing is.
  const free = ({ ghost, labels }: TypedReading) => (ghost ? freeAnswer(ghost, labels) : "");
  const freeAnswer = (ghost: Answers, labels: string[]) =>
    page.say("held_free", {
      count: page.holds.length,
      label: page.classOf(labels[ghost.winner]),
      share: page.share(ghost.answer[ghost.winner]),
    });

  // What the colours mean: those of the signal, then those of the classes, in as many lines as they need.
  const legend = (top: number, width: number, signal: ReadSignal): { parts: SVGElement[]; bottom: number } => {
    const { classes, labels } = page.reading;
    const step = SCALE / STEPS;
    const shade = (place: number) =>
      css(colourOf(signal.low + ((signal.high - signal.low) * place) / (STEPS - 1), signal.low, signal.high, false));
    const parts: SVGElement[] = Array.from({ length: STEPS }, (_, place) =>
      svgMake("rect", { x: NAMES + place * step, y: top, width: step + 0.5, height: 10, fill: shade(place) }),
    );
    for (const [place, says] of page.scaleOf(signal).entries()) {
      const anchor = { "font-size": 11, "text-anchor": ["start", "middle", "end"][place] };
      parts.push(text(NAMES + (place * SCALE) / 2, top + 24, says, anchor));
    }
    const named = classes.shown.map((place) => [page.classOf(labels[place]), classes.colour(place, false)]);
    const others = labels.length - classes.shown.length;
    if (others) named.push([page.say("other_classes", { count: others }), OTHER]);
    let [left, line] = [NAMES, top + 40];
    for (const [label, colour] of named) {
      const wide = 16 + widthOf(label, `12px ${FONT}`) + 18;
      if (left > NAMES && left + wide > width) [left, line] = [NAMES, line + 18];
      parts.push(
        svgMake("rect", { x: left, y: line, width: 11, height: 11, rx: 3, fill: colour }),
        text(left + 16, line + 10, label, { "text-anchor": "start" }),
      );
      left += wide;
    }
    return { parts, bottom: line + 18 };
  };

  const blockTitle = (one: Rows, signal: ReadSignal) =>
    [`${page.nameOf(signal)} ${signal.symbol}`, page.blockOf(one)].filter(Boolean).join(" · ");
  // Of a network that reads both ways the bars and the cells are of two readings.
  const readings = ({ directions }: TypedReading) =>
    directions > 1 ? ["both_answers", "both_units"].map((key) => page.say(key)) : [];

  // The drawing is on white whatever the page is on, since it leaves the page.
  const draw = () => {
    const { reading, view } = page;
    const signal = reading.signal(view.signal);
    const title = `${page.titleOf(reading.model)} · ${page.part(".rv-answer").textContent}`;
    // Where a line ends that begins at the left.
    const long = (words: string, font: string) => 12 + Math.ceil(widthOf(words, `${font} ${FONT}`));
    const said = free(reading);
    const titles = page.blocks().map((one) => blockTitle(one, signal));
    const notes = readings(reading);
    const classes = reading.labels.map((label) => NAMES + 16 + long(page.classOf(label), "12px"));
    const width =
      Math.max(
        NAMES + reading.tokens.length * COLUMN,
        NAMES + SCALE,
        long(title, "700 15px"),
        long(said, "12px"),
        ...titles.map((one) => long(one, "600 12px")),
        ...classes,
        ...notes.map((note) => long(note, "12px")),
      ) + 12;
    const parts: SVGElement[] = [text(12, 22, title, { "text-anchor": "start", "font-size": 15, "font-weight": 700 })];
    parts.push(text(12, 40, said, { "text-anchor": "start" }));
    parts.push(...reading.tokens.flatMap((_, t) => word(t)));
    let top = TOP + BARS + 30;
    for (const [place, one] of page.blocks().entries()) {
      parts.push(text(12, top + 12, titles[place], { "text-anchor": "start", "font-weight": 600 }));
      top += 20;
      parts.push(...block(one, top, signal));
      top += one.rows.length * ROW + 14;
    }
    const { parts: meant, bottom } = legend(top, width, signal);
    parts.push(...meant);
    parts.push(...notes.map((note, line) => text(12, bottom + 12 + 16 * line, note, { "text-anchor": "start" })));
    const height = bottom + 4 + 16 * notes.length;
    const ground = svgMake("rect", { width, height, fill: "#ffffff" });
    return svgMake(
      "svg",
      { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT },
      ground,
      ...parts,
    );
  };

  const svg = () => new Blob([new XMLSerializer().serializeToString(draw())], { type: "image/svg+xml" });
  const png = async () => {
    const drawn = draw();
    const [width, height] = ["width", "height"].map((side) => Number(drawn.getAttribute(side)));
    const dense = Math.min(2, 16000 / Math.max(width, height)); // browsers refuse larger canvases
    const image = new Image();
    image.src = URL.createObjectURL(svg());
    await image.decode();
    const canvas = make("canvas", { width: Math.round(width * dense), height: Math.round(height * dense) });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    return new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  };
  return { svg, png };
};
