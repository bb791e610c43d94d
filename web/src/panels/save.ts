// Save: the reading as a page of its own, as a picture, or as numbers.

import type { SaveReading } from "../client/contract";
import { bytesOf } from "../model/base64";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { button, keyed, make } from "../ui/dom";
import { readingPicture } from "./readingPicture";

const STEPS: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

export const save = (page: Page) => {
  const control = page.part(".rv-save");
  const menu = make("div", { class: "rv-menu", role: "menu", hidden: "" });
  const { svg, png } = readingPicture(page);
  control.after(menu);

  const give = (blob: Blob, name: string) => {
    const way = make("a", { href: URL.createObjectURL(blob), download: name });
    way.click();
    setTimeout(() => URL.revokeObjectURL(way.href), 60000);
  };
  // Named after the network, never after the text: names of files are seen by others.
  const nameOf = (kind: string) => {
    const { model, cell } = page.reading;
    return `rnnviz-${(model || cell).replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80)}.${kind}`;
  };
  const failed = () => page.alert(page.say("save_failed"));

  const numbers = (kind: SaveReading["kind"]) => async () => {
    const { model, text } = page.reading;
    const found = await there(page.server).save_reading({ kind, model, text, holds: page.holds });
    if (found.empty) return;
    if (found.error !== undefined) return page.alert(page.objection(found));
    give(new Blob([bytesOf(found.data)], { type: found.type }), nameOf(kind));
  };
  // The same scripts, the same payload, this language, what is chosen: a file that needs nothing else.
  const alone = async () => {
    const found = await there(page.server).standalone(null);
    if (found.error !== undefined) return page.alert(page.objection(found));
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
    const file = found.shell.replace(found.place, () => JSON.stringify(props).replace(/</g, "\\u003c"));
    give(new Blob([file], { type: "text/html" }), nameOf("html"));
  };
  const KINDS: Record<string, () => Promise<unknown>> = {
    html: alone,
    png: async () => give(there(await png()), nameOf("png")),
    svg: async () => give(svg(), nameOf("svg")),
    csv: numbers("csv"),
    json: numbers("json"),
    npz: numbers("npz"),
  };
  const items = () => [...menu.children] as HTMLElement[];

  const close = () => {
    menu.hidden = true;
    control.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    if (!page.shown || page.isBlank()) return;
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
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      control.focus();
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = items();
    all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length].focus();
  });
  menu.addEventListener(
    "focusout",
    (event) => menu.contains(event.relatedTarget as Node | null) || event.relatedTarget === control || close(),
  );
  control.setAttribute("aria-expanded", "false");
  control.addEventListener("click", () => (menu.hidden ? open() : close()));
  return { draw };
};
