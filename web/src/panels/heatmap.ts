// B, the heatmaps: units in rows, words in columns exactly under the strip. Only what is in view is drawn.

import { colourOf, css, inkOn, isDark } from "../model/colours";

export const heatmap = (page) => {
  const ROW = 22;
  const HEAD = 24; // the title of a block, where there is more than one
  const canvas = page.part(".rv-field-of-units canvas");
  const scroll = page.part(".rv-scroll");
  const paint = canvas.getContext("2d");
  let scrolled = 0; // kept, since asking makes the browser lay the page out

  // Each block of rows with its top edge, and the whole height.
  const laidOut = () => {
    const blocks = page.blocks();
    const head = blocks.length > 1 ? HEAD : 0;
    let top = 0;
    const placed = blocks.map((block) => {
      const found = { ...block, top: top + head, height: block.rows.length * ROW };
      top += head + found.height + (head ? 6 : 0);
      return found;
    });
    return { blocks: placed, height: top + 1, head };
  };

  const cells = (block, signal, numbers, view) => {
    const { reading, edges } = page;
    for (let t = 0; t < reading.tokens.length; t += 1) {
      const left = edges[t] - view.scrolled;
      const wide = edges[t + 1] - edges[t];
      if (left + wide < view.gutter || left > view.width) continue;
      paint.globalAlpha = page.toCome({ token: t, layer: block.layer, direction: block.direction }) ? 0.12 : 1;
      block.rows.forEach((unit, row) => {
        const value = reading.value(signal, t, unit, block.layer, block.direction);
        const colour = colourOf(value, signal.low, signal.high);
        paint.fillStyle = css(colour);
        paint.fillRect(left + 0.5, block.top + row * ROW + 0.5, wide - 1, ROW - 1);
        if (numbers && wide >= 36) {
          paint.fillStyle = inkOn(colour);
          paint.fillText(page.signed(value), left + wide / 2, block.top + row * ROW + ROW / 2 + 1);
        }
      });
    }
    paint.globalAlpha = 1;
  };

  // A corner of each cell in which gate surgery holds the signal that is shown.
  const held = (block, signal, view) => {
    paint.fillStyle = view.accent;
    for (const { signal: name, unit, layer, direction, tokens } of page.holds) {
      const row = block.rows.indexOf(unit);
      if (name !== signal.name || layer !== block.layer || direction !== block.direction || row < 0) continue;
      const [first, last] = tokens.map((t) => t - page.reading.start);
      for (let t = Math.max(0, first); t <= last && t < page.reading.tokens.length; t += 1) {
        const [right, top] = [page.edges[t + 1] - view.scrolled - 3, block.top + row * ROW + 3]; // inside the outline
        paint.beginPath();
        paint.moveTo(right - 9, top);
        paint.lineTo(right, top);
        paint.lineTo(right, top + 9);
        paint.fill();
      }
    }
  };

  const names = (block, here, view) => {
    const narrow = view.gutter < 60;
    block.rows.forEach((unit, row) => {
      const chosen = unit === here.unit && block.layer === here.layer && block.direction === here.direction;
      paint.font = `${chosen ? "600 " : ""}12px system-ui, sans-serif`;
      paint.fillStyle = chosen ? view.ink : view.muted;
      paint.fillText(
        narrow ? page.count(unit) : page.say("unit", { unit }),
        view.gutter - 10,
        block.top + row * ROW + ROW / 2 + 1,
      );
    });
  };

  // The selected word's column through all blocks, and in its own block the selected cell.
  const outline = (blocks, here, view) => {
    const left = page.edges[here.token] - view.scrolled;
    const wide = page.edges[here.token + 1] - page.edges[here.token];
    paint.strokeStyle = view.ink;
    for (const block of blocks) {
      paint.lineWidth = 1.5;
      paint.strokeRect(left + 0.75, block.top + 0.75, wide - 1.5, block.height - 1.5);
      const row = block.rows.indexOf(here.unit);
      if (row < 0 || block.layer !== here.layer || block.direction !== here.direction) continue;
      paint.lineWidth = 3;
      paint.strokeRect(left + 1.5, block.top + row * ROW + 1.5, wide - 3, ROW - 3);
    }
  };

  // The page's own colours, asked of the browser once for light and once for dark.
  const tints = {};
  const tint = (name) => ((tints[isDark()] ??= {})[name] ??= getComputedStyle(canvas).getPropertyValue(name));

  const fit = (width, height) => {
    const dense = window.devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const [wide, tall] = [width, height].map((length) => Math.round(length * dense));
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== tall) canvas.height = tall;
    paint.setTransform(dense, 0, 0, dense, 0, 0);
    paint.clearRect(0, 0, width, height);
  };

  const mark = () => {
    const { width } = page;
    if (!width || !page.reading) return;
    const { blocks, height, head } = laidOut();
    fit(width, height);
    const view = {
      width,
      gutter: page.edges[0],
      scrolled,
      ink: tint("--rv-ink"),
      muted: tint("--rv-muted"),
      accent: tint("--rv-accent"),
    };
    const here = page.here();
    const signal = page.reading.signal(page.view.signal);
    paint.textBaseline = "middle";
    for (const block of blocks) {
      paint.save();
      paint.beginPath();
      paint.rect(view.gutter, 0, width - view.gutter, height);
      paint.clip();
      paint.font = "11px ui-monospace, Menlo, Consolas, monospace";
      paint.textAlign = "center";
      cells(block, signal, page.view.numbers, view);
      held(block, signal, view);
      paint.restore();
      paint.textAlign = "right";
      names(block, here, view);
      if (!head) continue;
      paint.textAlign = "left";
      paint.font = "600 12px system-ui, sans-serif";
      paint.fillStyle = tint(`--rv-way-${block.direction}`);
      paint.fillRect(0, block.top, 4, block.height);
      paint.fillText(page.blockOf(block), 10, block.top - HEAD / 2 + 1);
    }
    paint.save();
    paint.beginPath();
    paint.rect(view.gutter, 0, width - view.gutter, height);
    paint.clip();
    outline(blocks, here, view);
    paint.restore();
  };

  const draw = () => {
    if (!page.reading) return;
    page.part(".rv-field-of-units").style.width = `${page.edges[page.edges.length - 1] + 1}px`;
    const rows = page.blocks().reduce((sum, block) => sum + block.rows.length, 0);
    const signal = page.nameOf(page.reading.signal(page.view.signal));
    canvas.setAttribute("aria-label", page.say("heatmap", { signal, rows, columns: page.reading.tokens.length }));
  };

  // Which word and unit lie under the pointer; null beside the picture. On a unit's name there is no word.
  const find = (event) => {
    if (!page.reading) return null;
    const box = canvas.getBoundingClientRect();
    const y = event.clientY - box.top;
    const block = laidOut().blocks.find(({ top, height }) => y >= top && y < top + height);
    if (!block) return null;
    const x = event.clientX - box.left;
    const along = x + scrolled;
    const token =
      x < page.edges[0] ? -1 : page.edges.findIndex((edge, n) => along >= edge && along < page.edges[n + 1]);
    const unit = block.rows[Math.floor((y - block.top) / ROW)];
    return { token: token < 0 ? null : token, unit, layer: block.layer, direction: block.direction };
  };

  canvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && page.hover(find(event)));
  canvas.addEventListener("pointerleave", () => page.hover(null));
  canvas.addEventListener("click", (event) => {
    const place = find(event);
    if (place) page.pin({ ...place, token: place.token ?? page.here().token });
  });
  scroll.addEventListener("scroll", () => {
    scrolled = scroll.scrollLeft;
    page.mark();
  });
  return { draw, mark };
};
