// The card of the pinned unit: the text in the colours of its memory, and what it did over the training texts.

import type { LayerSummary } from "../client/contract";
import type { Known } from "../client/types";
import { colourOf, css, inkOn, type Rgb } from "../model/colours";
import type { Unit } from "../model/place";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { button, make, tell } from "../ui/dom";
import { scrolling } from "../ui/scrolling";

export const unit = (page: Page) => {
  const box = page.part(".rv-about-unit");
  const hint = page.part(".rv-unit-card .rv-hint");
  const NEVER = 100; // a half-life in words, longer than most texts
  const TINT = 0.42; // of the colour law, where ink can be read in light and dark
  const toCard = page.part(".rv-to-unit"); // the way to the card from the heatmap, below which it may be out of sight
  let shown: string | null = null;

  const number = (value: number) => page.written(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
  const tint = (node: HTMLElement, colour: Rgb) => {
    node.style.background = css(colour);
    node.style.color = inkOn(colour);
    return node;
  };

  // --- in this text ------------------------------------------------------------------------------------------------

  const text = ({ unit: place, layer, direction }: Unit) => {
    const { reading } = page;
    const memory = reading.signal(reading.memory);
    const word = (token: string, t: number) =>
      tint(
        make("bdi", {}, visible(token)),
        colourOf(reading.value(memory, t, place, layer, direction), memory.low, memory.high),
      );
    return make(
      "p",
      { class: "rv-tinted", "aria-label": page.say("unit_text") },
      ...reading.tokens.flatMap((token, t) => [word(token, t), " "]),
    );
  };

  // --- over the training texts -------------------------------------------------------------------------------------

  const chips = (key: string, words: string[], value: number) => {
    if (!words.length) return null;
    const tags = words.map((word) => make("li", {}, tint(make("bdi", {}, visible(word)), colourOf(value, -1, 1))));
    return make("div", { class: "rv-swayed" }, make("h4", {}, page.say(key)), make("ul", {}, ...tags));
  };
  const halfLife = (value: number) => {
    if (value < 1) return page.say("unit_half_quick");
    const shortened = value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
    return page.say(value < NEVER ? "unit_half" : "unit_half_never", { count: shortened, words: number(value) });
  };
  const gate = (name: string, { shut, open }: { shut: number; open: number }) => {
    const bar = make("span", { class: "rv-thirds", "aria-hidden": "true" });
    for (const [share, at] of [
      [shut, 0.08],
      [Math.max(0, 1 - shut - open), 0.45],
      [open, 0.95],
    ]) {
      const part = make("span");
      part.style.width = `${100 * share}%`;
      part.style.background = css(colourOf(at, 0, 1));
      bar.append(part);
    }
    const says = page.say("unit_gate", { shut: page.share(shut), open: page.share(open) });
    return make("li", {}, make("span", {}, page.nameOf({ name })), bar, make("small", {}, says));
  };
  const flag = (own: LayerSummary, place: number) => {
    if (own.bimodality?.[place] === null) return page.say("unit_never_moves");
    return page.say(own.two_valued?.includes(place) ? "unit_flag" : "unit_no_flag");
  };

  // What of all this is known of a unit: a checkpoint may have come without it.
  const WAY_NAMES = ["forward", "backward"] as const;
  const summary = (about: Known, { unit: place, layer, direction }: Unit) => {
    const own: LayerSummary = about.places?.[layer]?.[WAY_NAMES[direction]] ?? {};
    const words = (name: "raised_by" | "lowered_by") =>
      (own[name]?.[place] ?? []).map((one: number) => about.words?.[one] ?? "");
    const gates = Object.entries(own.saturation ?? {}).map(([name, { shut, open }]) =>
      gate(name, { shut: shut[place], open: open[place] }),
    );
    const parts = [
      chips("unit_raised", words("raised_by"), TINT),
      chips("unit_lowered", words("lowered_by"), -TINT),
      own.half_life ? make("p", { class: "rv-half" }, halfLife(own.half_life[place])) : null,
      own.bimodality && own.two_valued ? make("p", { class: "rv-like" }, flag(own, place)) : null,
      gates.length ? make("ul", { class: "rv-saturation", "aria-label": page.say("unit_gates") }, ...gates) : null,
    ].filter((part) => part !== null);
    if (parts.length) return [make("h3", { class: "rv-heading" }, page.say("unit_training")), ...parts];
    // Where nobody answers, nothing is said.
    return about.name ? [make("p", { class: "rv-fine" }, page.say("unit_unknown"))] : [];
  };

  // --- the card ----------------------------------------------------------------------------------------------------

  const build = async (pinned: Unit) => {
    const now = shown;
    const { reading } = page;
    const close = button(
      "×",
      () => {
        page.letGo();
        page.part(".rv-scroll").focus({ preventScroll: true });
      },
      { class: "rv-button rv-close", "aria-label": page.say("unit_close") },
    );
    const title = page.say("unit_title", { unit: page.unitOf(pinned) });
    const rest = make("div", {});
    box.replaceChildren(make("header", {}, make("h3", { class: "rv-heading" }, title), close), text(pinned), rest);
    const about = await page.about(reading.model);
    if (now === shown) rest.replaceChildren(...summary(about, pinned));
  };
  const mark = () => {
    const { pinned } = page;
    const now = pinned.unit === null ? "" : [pinned.unit, pinned.layer, pinned.direction].join();
    if (now === shown) return;
    shown = now;
    hint.hidden = now !== "";
    box.hidden = now === "";
    if (!now && document.activeElement === toCard) page.part(".rv-scroll").focus({ preventScroll: true });
    toCard.hidden = now === "" || page.hiddenPanels.has("unit");
    if (pinned.unit === null) return box.replaceChildren();
    tell(toCard, `${page.say("unit_more", { unit: pinned.unit })} ↓`);
    build(pinned);
  };
  const draw = () => {
    tell(hint, page.say("unit_hint"));
    shown = null; // a new text, or another language: mark builds it again
  };
  toCard.addEventListener("click", () => {
    box.parentElement?.scrollIntoView({ block: "nearest", behavior: scrolling() });
    page.part(".rv-about-unit .rv-close").focus({ preventScroll: true });
  });
  return { draw, mark };
};
