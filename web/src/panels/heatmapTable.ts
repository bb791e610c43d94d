// The heatmap as a table: the same words, units and numbers, for who reads or hears them. Built only while it is shown.

import type { Page } from "../state/page";
import { make } from "../ui/dom";
import { tableOf } from "../ui/table";

export const heatmapTable = (page: Page) => {
  const LATER_MS = 200; // while one types, the picture goes first
  const control = page.part(".rv-as-table");
  const box = make("div", {
    class: "rv-table rv-units-table",
    id: "rv-units-table",
    role: "group",
    tabindex: 0,
    hidden: "",
  });
  page.part("[data-panel=heatmap]").append(box);
  control.setAttribute("aria-controls", box.id);
  let timer: ReturnType<typeof setTimeout> | undefined;

  const build = () => {
    const { reading, view } = page;
    const signal = reading.signal(view.signal);
    const columns = page
      .blocks()
      .flatMap(({ layer, direction, rows }) => rows.map((unit) => ({ layer, direction, unit })));
    const caption = page.say("heatmap", {
      signal: page.nameOf(signal),
      rows: columns.length,
      columns: reading.tokens.length,
    });
    const heads = [page.say("word"), ...columns.map((place) => page.say("unit", { unit: page.unitOf(place) }))];
    const rows = reading.tokens.map((_, t) => [
      page.token(t),
      ...columns.map(({ unit, layer, direction }) => page.signed(reading.value(signal, t, unit, layer, direction))),
    ]);
    box.setAttribute("aria-label", caption);
    box.replaceChildren(tableOf({ caption, heads, rows }));
  };
  const draw = () => {
    clearTimeout(timer);
    if (page.shown && !box.hidden) timer = setTimeout(build, LATER_MS);
  };
  const toggle = () => {
    clearTimeout(timer);
    box.hidden = !box.hidden;
    control.setAttribute("aria-expanded", String(!box.hidden));
    if (box.hidden) box.replaceChildren();
    else build();
  };
  control.addEventListener("click", toggle);
  return { draw };
};
