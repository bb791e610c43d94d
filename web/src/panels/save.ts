// Save: the reading as a page of its own, as a picture, or as numbers.

import { button, keyed, make } from "../ui/dom";
import { readingPicture } from "./readingPicture";

export const save = (page) => {
  const control = page.part(".rv-save");
  const menu = make("div", { class: "rv-menu", role: "menu", hidden: "" });
  const { svg, png } = readingPicture(page);
  control.after(menu);

  const give = (blob, name) => {
    const way = make("a", { href: URL.createObjectURL(blob), download: name });
    way.click();
    setTimeout(() => URL.revokeObjectURL(way.href), 60000);
  };
  // Named after the network, never after the text: names of files are seen by others.
  const nameOf = (kind) => {
    const { model, cell } = page.reading;
    return `rnnviz-${(model || cell).replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80)}.${kind}`;
  };
  const failed = () => page.alert(page.say("save_failed"));

  const numbers = (kind) => async () => {
    const { model, text } = page.reading;
    const found = await page.server.save_reading({ kind, model, text, holds: page.holds });
    if (found.error) return page.alert(page.objection(found));
    const bytes = Uint8Array.from(atob(found.data), (letter) => letter.charCodeAt(0));
    give(new Blob([bytes], { type: found.type }), nameOf(kind));
  };
  // The same scripts, the same payload, this language, what is chosen: a file that needs nothing else.
  const alone = async () => {
    const { shell, place } = await page.server.standalone(null);
    const { models } = page.props;
    const { payload, text } = page.reading;
    const {
      holds,
      range,
      pinned: { token, unit, ...at },
    } = page;
    const { signal, layer, direction, all } = page.view;
    const props = {
      value: { ...payload, text, holds },
      words: page.dictionary(),
      language: page.language(),
      about: await page.about(payload.model),
      place: { token, unit, at, signal, layer, direction, all, range },
      models: models
        .filter(({ name }) => name === payload.model)
        .map(({ name }) => ({ name, title: page.titleOf(name) })),
    };
    const file = shell.replace(place, () => JSON.stringify(props).replace(/</g, "\\u003c"));
    give(new Blob([file], { type: "text/html" }), nameOf("html"));
  };
  const KINDS = {
    html: alone,
    png: async () => give(await png(), nameOf("png")),
    svg: async () => give(svg(), nameOf("svg")),
    csv: numbers("csv"),
    json: numbers("json"),
    npz: numbers("npz"),
  };
  const items = () => [...menu.children];

  const close = () => {
    menu.hidden = true;
    control.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    if (!page.reading || page.isBlank()) return;
    menu.hidden = false;
    control.setAttribute("aria-expanded", "true");
    items()[0].focus();
  };
  const draw = () => {
    const offered = Object.keys(KINDS).filter((kind) => page.server || kind === "png" || kind === "svg");
    const names = offered.map((kind) => page.say(`save_${kind}`));
    keyed(menu, names, (place) => {
      const act = () => {
        close();
        control.focus();
        KINDS[offered[place]]().catch(failed);
      };
      return button(names[place], act, {
        role: "menuitem",
        tabindex: -1,
        "data-kind": offered[place],
        class: "rv-item",
      });
    });
  };
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close(), control.focus();
    if (!step) return event.key === "Escape" && event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
    const all = items();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  });
  menu.addEventListener(
    "focusout",
    (event) => menu.contains(event.relatedTarget) || event.relatedTarget === control || close(),
  );
  control.setAttribute("aria-expanded", "false");
  control.addEventListener("click", () => (menu.hidden ? open() : close()));
  return { draw };
};
