// Reading aloud, as it were: word by word, a step every 600 ms; and stepping by the arrow keys.

import { clamp } from "../model/numbers";
import { sameBlock, type Unit, wordAlone } from "../model/place";
import type { Page } from "../state/page";
import { closest, tell } from "../ui/dom";
import { scrolling, turnTo } from "../ui/scrolling";
import { stepper } from "../ui/stepper";
import type { Strip } from "./strip";

type Move = readonly [along: number, down: number];

export const player = (page: Page, words: Strip) => {
  const STEP_MS = 600;
  const MARGIN = 12; // between the strip and the edge of the window
  const control = page.part(".rv-read");
  const [strip, scroll] = [page.part(".rv-strip"), page.part(".rv-scroll")];
  let coming: number | null = null; // where the next part of a long text begins, while it is on its way
  let behind = false; // whether the word that is read has yet to be brought into sight
  let follows = false; // whether the strip is kept in sight: until the reader scrolls

  const say = () => {
    tell(control, page.playLabel(plays(), "read"));
    control.setAttribute("aria-pressed", String(plays()));
  };
  const stop = () => {
    steps.halt();
    coming = null;
    page.endPlaying();
    say();
  };
  // The word and its bar in sight: along the strip, and on the page, by as little as that takes.
  const follow = (token: number) => {
    const { top, bottom, height } = strip.getBoundingClientRect();
    const down = follows && height ? Math.min(Math.max(0, bottom + MARGIN - innerHeight), top - MARGIN) : 0;
    if (down) scrollBy({ top: down, behavior: scrolling() });
    if (turnTo(scroll, page.edges, token) || down) page.holdStill();
  };
  const reach = (token: number) => {
    behind = true;
    page.playTo(token);
  };
  let token = -1;
  const next = () => {
    const { tokens, start, size, read } = page.reading;
    token += 1;
    if (token < tokens.length) {
      reach(token);
      return true;
    }
    if (start + tokens.length >= read || !page.server) return false;
    steps.halt();
    coming = start + size;
    page.ask({ start: coming, holds: page.holds });
    return true;
  };
  const steps = stepper(STEP_MS, next, () => stop());
  const plays = () => steps.running || coming !== null;
  const begin = () => {
    token = -1;
    steps.start();
  };
  const play = () => {
    if (plays()) return stop();
    if (!page.shown) return;
    follows = true;
    begin();
    say();
  };
  // After the other panels: what is told above the strip may have grown and have moved it.
  const mark = () => {
    if (behind && page.played !== null) follow(page.played);
    behind = false;
  };
  // The next part of a long text has come: it is read on there.
  const draw = () => {
    if (coming !== null && page.reading.start === coming) {
      coming = null;
      begin();
    }
    say();
  };
  const release = () => {
    follows = false;
  };
  for (const name of ["wheel", "touchmove"]) addEventListener(name, release, { passive: true });

  const KEYS: Partial<Record<string, Move>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    Home: [-Infinity, 0],
    End: [Infinity, 0],
  };
  const within = (value: number, count: number) => clamp(value, 0, count - 1);
  // With shift, from the pinned word on: the range grows or shrinks by a word at its other end.
  const stretch = (along: number) => {
    const anchor = page.pinned.token ?? page.here().token;
    const [first, last] = page.range ?? [anchor, anchor];
    const end = within((first === anchor ? last : first) + along, page.reading.tokens.length);
    page.extend(anchor, end);
    words.focus(end);
  };
  // Up and down among the shown units; where none is pinned, the first of the rows is the next one down.
  const unitBeside = (down: number): Unit => {
    const { unit, ...block } = page.here();
    const shown = page
      .blocks()
      .flatMap(({ rows, layer, direction }) => rows.map((one) => ({ unit: one, layer, direction })));
    const here = shown.findIndex((one) => one.unit === unit && sameBlock(one, block));
    const row = page.pinned.unit === null ? -1 : Math.max(0, here);
    return shown[within(row + down, shown.length)];
  };
  const step = ([along, down]: Move) => {
    const here = page.here();
    const at = within(here.token + along, page.reading.tokens.length);
    const { unit, layer, direction } = down ? unitBeside(down) : here;
    if (plays()) stop();
    const alone = !down && page.pinned.unit === null;
    page.stepTo(alone ? wordAlone(at) : { token: at, unit, layer, direction }, along !== 0);
    if (along) words.focus(at);
  };

  const letGo = () => {
    stop();
    page.letGo();
  };
  const typing = (event: Event) => closest(event, "input, textarea, select, button, [role=slider]");
  page.root.addEventListener("keydown", (event) => {
    if (!page.shown || page.root.dataset.state !== "shown" || event.isComposing || event.defaultPrevented) return;
    const move = KEYS[event.key];
    if (event.key === "Escape") letGo();
    else if (event.key === " " && (!typing(event) || closest(event, ".rv-word"))) {
      event.preventDefault();
      play();
    } else if (move && closest(event, ".rv-scroll") && !closest(event, "[role=radiogroup], [role=slider], select")) {
      event.preventDefault();
      if (event.shiftKey && move[0]) stretch(move[0]);
      else step(move);
    }
  });
  // Also where nothing has the focus, as after a click beside everything.
  document.addEventListener(
    "keydown",
    ({ key, target }) => key === "Escape" && target === document.body && page.shown && letGo(),
  );
  control.addEventListener("click", play);
  return {
    draw,
    mark,
    stop,
    refused: () => {
      if (coming !== null) stop();
    },
  };
};
