// Reading aloud, as it were: word by word, a step every 600 ms; and stepping by the arrow keys.

import { NOWHERE } from "../state/page";
import { tell } from "../ui/dom";
import { scrolling, turnTo } from "../ui/scrolling";

export const player = (page, words) => {
  const STEP_MS = 600;
  const MARGIN = 12; // between the strip and the edge of the window
  const control = page.part(".rv-read");
  const [strip, scroll] = [page.part(".rv-strip"), page.part(".rv-scroll")];
  let timer = 0;
  let coming = null; // where the next part of a long text begins, while it is on its way
  let behind = false; // whether the word that is read has yet to be brought into sight
  let follows = false; // whether the strip is kept in sight: until the reader scrolls

  const say = () => {
    const plays = timer || coming !== null;
    tell(control, plays ? `■ ${page.say("stop")}` : `▶ ${page.say("read")}`);
    control.setAttribute("aria-pressed", String(Boolean(plays)));
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    coming = null;
    page.played = null;
    say();
    page.mark();
  };
  // The word and its bar in sight: along the strip, and on the page, by as little as that takes.
  const follow = (token) => {
    const { top, bottom, height } = strip.getBoundingClientRect();
    const down = follows && height ? Math.min(Math.max(0, bottom + MARGIN - innerHeight), top - MARGIN) : 0;
    if (down) scrollBy({ top: down, behavior: scrolling() });
    if (turnTo(scroll, page.edges, token) || down) page.holdStill();
  };
  const reach = (token) => {
    page.played = token;
    page.hovered = NOWHERE;
    page.pinned = { ...page.pinned, token };
    behind = true;
    page.mark();
  };
  const begin = () => {
    const { tokens, start, size, read } = page.reading;
    let token = -1;
    const next = () => {
      if (++token < tokens.length) return reach(token);
      if (start + tokens.length >= read || !page.server) return stop();
      clearInterval(timer);
      timer = 0;
      coming = start + size;
      page.ask({ start: coming, holds: page.holds });
    };
    timer = setInterval(next, STEP_MS);
    next();
  };
  const play = () => {
    if (timer || coming !== null) return stop();
    if (!page.reading) return;
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
  for (const name of ["wheel", "touchmove"]) addEventListener(name, () => (follows = false), { passive: true });

  const KEYS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    Home: [-Infinity, 0],
    End: [Infinity, 0],
  };
  const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
  // With shift, from the pinned word on: the range grows or shrinks by a word at its other end.
  const stretch = (along) => {
    const anchor = page.pinned.token ?? page.here().token;
    const [first, last] = page.range ?? [anchor, anchor];
    const end = clamp((first === anchor ? last : first) + along, page.reading.tokens.length);
    page.pinned = { ...page.pinned, token: anchor };
    page.range = [Math.min(anchor, end), Math.max(anchor, end)];
    words.focus(end);
    page.mark();
  };
  const step = ([along, down]) => {
    const { token, unit, layer, direction } = page.here();
    const shown = page
      .blocks()
      .flatMap((block) => block.rows.map((one) => ({ unit: one, layer: block.layer, direction: block.direction })));
    const first = page.pinned.unit === null; // where none is pinned, the first of the rows is the next one down
    const row = first
      ? -1
      : Math.max(
          0,
          shown.findIndex((one) => one.unit === unit && one.layer === layer && one.direction === direction),
        );
    const next = {
      token: clamp(token + along, page.reading.tokens.length),
      ...(down
        ? shown[clamp(row + down, shown.length)]
        : page.pinned.unit === null
          ? { unit: null }
          : { unit, layer, direction }),
    };
    if (timer || coming !== null) stop();
    page.hovered = NOWHERE;
    page.pinned = page.stepped = next;
    if (along) page.range = null;
    if (along) words.focus(next.token);
    page.mark();
  };

  const letGo = () => {
    stop();
    page.letGo();
  };
  const typing = (target) => target.closest("input, textarea, select, button, [role=slider]");
  page.root.addEventListener("keydown", (event) => {
    if (!page.reading || page.root.dataset.state !== "shown" || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") letGo();
    else if (event.key === " " && (!typing(event.target) || event.target.closest(".rv-word"))) {
      event.preventDefault();
      play();
    } else if (
      KEYS[event.key] &&
      event.target.closest(".rv-scroll") &&
      !event.target.closest("[role=radiogroup], [role=slider], select")
    ) {
      event.preventDefault();
      if (event.shiftKey && KEYS[event.key][0]) stretch(KEYS[event.key][0]);
      else step(KEYS[event.key]);
    }
  });
  // Also where nothing has the focus, as after a click beside everything.
  document.addEventListener(
    "keydown",
    ({ key, target }) => key === "Escape" && target === document.body && page.reading && letGo(),
  );
  control.addEventListener("click", play);
  return { draw, mark, stop, refused: () => coming !== null && stop() };
};
