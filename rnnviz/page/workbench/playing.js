// Reading aloud, as it were: word by word, a step every 600 ms; and stepping by the arrow keys.

const playing = (page, words) => {
  const STEP_MS = 600;
  const control = page.part(".rv-read");
  let timer = 0;

  const say = () => {
    tell(control, timer ? `■ ${page.say("stop")}` : `▶ ${page.say("read")}`);
    control.setAttribute("aria-pressed", String(Boolean(timer)));
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    page.played = null;
    say();
    page.mark();
  };
  const reach = (token) => {
    page.played = token;
    page.hovered = NOWHERE;
    page.pinned = { ...page.pinned, token };
    page.mark();
  };
  const play = () => {
    if (timer) return stop();
    if (!page.reading) return;
    let token = -1;
    const next = () => (++token < page.reading.tokens.length ? reach(token) : stop());
    timer = setInterval(next, STEP_MS);
    next();
    say();
  };

  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
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
    const shown = page.blocks().flatMap((block) => block.rows.map((one) => ({ unit: one, layer: block.layer, direction: block.direction })));
    const row = Math.max(0, shown.findIndex((one) => one.unit === unit && one.layer === layer && one.direction === direction));
    const next = { token: clamp(token + along, page.reading.tokens.length), ...(down ? shown[clamp(row + down, shown.length)] : page.pinned.unit === null ? { unit: null } : { unit, layer, direction }) };
    if (timer) stop();
    page.hovered = NOWHERE;
    page.pinned = next;
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
    } else if (KEYS[event.key] && event.target.closest(".rv-scroll") && !event.target.closest("[role=radiogroup], [role=slider], select")) {
      event.preventDefault();
      if (event.shiftKey && KEYS[event.key][0]) stretch(KEYS[event.key][0]);
      else step(KEYS[event.key]);
    }
  });
  // Also where nothing has the focus, as after a click beside everything.
  document.addEventListener("keydown", ({ key, target }) => key === "Escape" && target === document.body && page.reading && letGo());
  control.addEventListener("click", play);
  return { draw: say, stop };
};
