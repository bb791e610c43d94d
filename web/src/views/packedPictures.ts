// The pictures of one batch, in SVG, and the same as a table. A word only ever becomes a text node.

import type { Batch } from "../client/contract";
import { TINTS } from "../model/colours";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";
import { svgMake } from "../ui/dom";
import type { TableContent } from "../ui/table";
import { widthOf } from "../ui/textWidth";

export type Pictures = ReturnType<typeof packedPictures>;

export const packedPictures = (page: Page, layout: Batch) => {
  const TALL = 30;
  const GAP = 3;
  const [LEAST, READABLE] = [34, 64];
  const FONT = "13px system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
  const { texts, rows, batch_sizes, steps_packed } = layout;
  // Where each token lies in the packed data, counted from 1, by the key of its cell.
  const places = new Map(
    rows.flatMap((some, step) => some.map((text) => `${text}-${step}`)).map((key, place) => [key, place + 1]),
  );

  const shortened = (token: string, width: number) => {
    const letters = [...visible(token.slice(0, 60))]; // more never fits
    const first = (count: number) => letters.slice(0, count).join("") + (count < letters.length ? "…" : "");
    let count = letters.length;
    while (count > 1 && widthOf(first(count), FONT) > width - 7) count -= 1;
    return first(count);
  };

  // What is said of a cell, by its key.
  const told = (key: string) => {
    const [text, step] = key.split("-").map(Number);
    const token = texts[text][step];
    if (token === undefined) return page.say("packed_filler", { text: text + 1 });
    return page.say("packed_cell", {
      token: isolated(token),
      text: text + 1,
      position: step + 1,
      place: places.get(key),
      step: step + 1,
    });
  };

  // One cell of a picture, in a column and a row of it. Cells of the same token share data-key, and that is the whole
  // of the hover link.
  const cell = (column: number, row: number, width: number, text: number, step: number) => {
    const token = texts[text][step];
    const filler = token === undefined;
    const [x, y, key] = [column * width, row * TALL, `${text}-${step}`];
    const group = svgMake("g", {
      class: filler ? "rv-cell rv-filler" : "rv-cell",
      role: "img",
      "aria-label": told(key),
      tabindex: column || row ? -1 : 0,
      "data-key": key,
      "data-step": step,
      "data-at": `${column},${row}`,
    });
    const rect = svgMake("rect", { x: x + 2, y: y + 2, width: width - GAP, height: TALL - GAP, rx: 4 });
    if (!filler) rect.setAttribute("fill", TINTS[text]);
    group.append(rect);
    if (!filler)
      group.append(svgMake("text", { x: x + 2 + (width - GAP) / 2, y: y + 1 + TALL / 2 }, shortened(token, width)));
    return group;
  };

  const picture = (width: number, height: number, ...children: Node[]) => {
    const svg = svgMake("svg", {
      width: width + 4,
      height: height + 4,
      role: "group",
      "aria-label": page.say("packed_picture", { texts: texts.length }),
    });
    svg.append(...children);
    return svg;
  };

  // As wide as the longest word wants, but so that a row of so many cells fits into the room, as long as they can be
  // pointed at; where the row has to be scrolled anyway, its words can be read.
  const natural = () => {
    const longest = Math.max(...texts.flat().map((token) => widthOf(visible(token), FONT)));
    return Math.min(92, Math.max(42, longest + 16));
  };
  const fitted = (cells: number, room: number) => {
    const share = (room - 6) / cells;
    return share < LEAST ? Math.min(natural(), READABLE) : Math.min(natural(), share);
  };

  const padded = (room: number) => {
    const wide = fitted(batch_sizes.length, room);
    const cells = texts.flatMap((_, text) => batch_sizes.map((_size, step) => cell(step, text, wide, text, step)));
    return picture(batch_sizes.length * wide, texts.length * TALL, ...cells);
  };

  const steps = (room: number) => {
    const wide = fitted(rows.length, room);
    const tall = batch_sizes[0] * TALL;
    const columns = rows.flatMap((some, step) => [
      ...some.map((text, place) => cell(step, place, wide, text, step)),
      svgMake("text", { class: "rv-size", x: step * wide + wide / 2, y: tall + 16 }, page.count(batch_sizes[step])),
    ]);
    return picture(rows.length * wide, tall + 20, ...columns);
  };

  const data = (room: number) => {
    const wide = fitted(steps_packed, room);
    let place = 0;
    const parts = rows.flatMap((some, step) => {
      const from = place;
      const cells = some.map((text) => cell(place++, 0, wide, text, step));
      const brace = svgMake("path", {
        class: "rv-brace",
        d: `M${from * wide + 3} ${TALL + 4}v5H${place * wide - 1}v-5`,
      });
      const name = wide * some.length > 62 ? page.say("packed_step", { step: step + 1 }) : page.count(step + 1);
      return [
        ...cells,
        brace,
        svgMake("text", { class: "rv-size", x: ((from + place) * wide) / 2, y: TALL + 23 }, name),
      ];
    });
    return picture(place * wide, TALL + 28, ...parts);
  };

  const table = (): TableContent => {
    const placeOf = (text: number, step: number) =>
      page.say("packed_place", { token: isolated(texts[text][step]), place: places.get(`${text}-${step}`) });
    const inside = (text: number, step: number) => (step in texts[text] ? placeOf(text, step) : page.say("padding"));
    const rowOf = (text: number) => [
      page.say("packed_line", { number: text + 1 }),
      ...batch_sizes.map((_, step) => inside(text, step)),
    ];
    const heads = batch_sizes.map((_, step) => page.say("packed_step", { step: step + 1 }));
    return { heads: [null, ...heads], rows: texts.map((_, text) => rowOf(text)) };
  };
  return { natural, padded, steps, data, told, table };
};
