// B, the heatmap: units in rows, words in columns exactly under the strip. Only what is in view is drawn.

const ROW = 22;
const gutterOf = (width) => (width < 560 ? 40 : 76); // room for the names of the units
const FEW = 12;

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const between = (stops, at) => {
  const place = Math.min(Math.max(at, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(place), stops.length - 2);
  return stops[left].map((channel, n) => Math.round(channel + (stops[left + 1][n] - channel) * (place - left)));
};

// One colour law: signed values run blue – nothing – orange, gates from nothing to one dark hue.
const LAW = {
  light: {
    signed: ["#0b4a8f", "#5f9bd1", "#ffffff", "#f0a35a", "#a84b00"].map(rgb),
    gate: ["#ffffff", "#c9bbe8", "#7a55b5", "#33105f"].map(rgb),
  },
  dark: {
    signed: ["#8cc4ff", "#2f6fb0", "#1d232c", "#b5651d", "#ffbf80"].map(rgb),
    gate: ["#1d232c", "#4b3787", "#9379d6", "#e6dcff"].map(rgb),
  },
};
const isDark = () => Boolean(document.querySelector(".dark"));
const colourOf = (value, low, high) => {
  const stops = LAW[isDark() ? "dark" : "light"][low < 0 ? "signed" : "gate"];
  return between(stops, (value - low) / (high - low));
};
const inkOn = ([red, green, blue]) => (red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#10151d" : "#ffffff");

const heatmap = (canvas, view) => {
  const paint = canvas.getContext("2d");

  const draw = () => {
    const { reading, signal, rows, edges, width, scrolled, at, pinned, numbers, label } = view();
    if (!reading || !width) return;
    const gutter = gutterOf(width);
    const dense = window.devicePixelRatio || 1;
    const height = rows.length * ROW + 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    paint.setTransform(dense, 0, 0, dense, 0, 0);
    paint.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    const ink = style.getPropertyValue("--rv-ink");
    const muted = style.getPropertyValue("--rv-muted");
    paint.save();
    paint.beginPath();
    paint.rect(gutter, 0, width - gutter, height);
    paint.clip();
    paint.font = "11px ui-monospace, Menlo, Consolas, monospace";
    paint.textAlign = "center";
    paint.textBaseline = "middle";
    for (let t = 0; t < reading.tokens.length; t += 1) {
      const left = edges[t] - scrolled;
      const wide = edges[t + 1] - edges[t];
      if (left + wide < gutter || left > width) continue;
      rows.forEach((unit, row) => {
        const value = reading.value(signal, t, unit);
        const colour = colourOf(value, signal.low, signal.high);
        paint.fillStyle = `rgb(${colour.join(" ")})`;
        paint.fillRect(left + 0.5, row * ROW + 0.5, wide - 1, ROW - 1);
        if (numbers && wide >= 36) {
          paint.fillStyle = inkOn(colour);
          paint.fillText(signed(value), left + wide / 2, row * ROW + ROW / 2 + 1);
        }
      });
    }
    const row = rows.indexOf(at.unit);
    paint.strokeStyle = ink;
    paint.lineWidth = 1.5;
    if (at.token !== null) {
      const left = edges[at.token] - scrolled;
      const wide = edges[at.token + 1] - edges[at.token];
      paint.strokeRect(left + 0.75, 0.75, wide - 1.5, height - 1.5);
      if (row >= 0) {
        paint.lineWidth = 3;
        paint.strokeRect(left + 1.5, row * ROW + 1.5, wide - 3, ROW - 3);
      }
    }
    paint.restore();
    paint.textAlign = "right";
    paint.textBaseline = "middle";
    rows.forEach((unit, place) => {
      const chosen = unit === at.unit || unit === pinned.unit;
      paint.font = `${chosen ? "600 " : ""}12px system-ui, sans-serif`;
      paint.fillStyle = chosen ? ink : muted;
      paint.fillText(gutter < 60 ? unit : label(unit), gutter - 10, place * ROW + ROW / 2 + 1);
    });
  };

  // Which token and unit lie under the pointer; null beside the picture.
  const find = (event) => {
    const { reading, rows, edges, scrolled, width } = view();
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const row = Math.floor((event.clientY - box.top) / ROW);
    if (!reading || row < 0 || row >= rows.length) return null;
    const along = x + scrolled;
    const token = x < gutterOf(width) ? -1 : edges.findIndex((edge, n) => along >= edge && along < edges[n + 1]);
    return { token: token < 0 ? null : token, unit: rows[row] };
  };

  return { draw, find };
};
