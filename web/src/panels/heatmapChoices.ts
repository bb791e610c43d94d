// What the heatmap shows: which signal, layer and direction, how many units; the legend, and one sentence about it.

import { colourOf, css, isDark } from "../model/colours";
import { argmax } from "../model/reading";
import { FEW } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { tell } from "../ui/dom";

export const heatmapChoices = (page) => {
  const more = page.part(".rv-more");
  const legend = page.part(".rv-legend canvas");
  const note = page.part(".rv-two-readings");
  for (const group of page.root.querySelectorAll(".rv-bar .rv-tabs")) walkable(group);

  // Over all units of the layers and directions that are shown, also those whose rows are not.
  const gateMeaning = (signal, blocks) => {
    const { tokens, value } = page.reading;
    const units = blocks.length * page.reading.units;
    const means = tokens.map((_, t) => {
      let sum = 0;
      for (const { layer, direction } of blocks) {
        for (let unit = 0; unit < page.reading.units; unit += 1) sum += value(signal, t, unit, layer, direction);
      }
      return sum / units;
    });
    const [low, high] = [means.indexOf(Math.min(...means)), argmax(means)];
    const mean = means.reduce((sum, one) => sum + one, 0) / means.length;
    return page.say("gate_meaning", {
      symbol: signal.symbol,
      meaning: page.meaningOf(signal),
      units,
      mean: page.signed(mean),
      low_word: page.wordAt(low),
      low: page.signed(means[low]),
      high_word: page.wordAt(high),
      high: page.signed(means[high]),
    });
  };

  const stateMeaning = (signal, blocks) => {
    const { tokens, value, earlier } = page.reading;
    let most = { change: -1 };
    for (const { layer, direction, rows } of blocks) {
      tokens.forEach((_, t) => {
        const last = earlier(t, direction);
        // Memory begins at zero; a candidate does not begin at all, and what came before a window is not here.
        if (last === undefined || (last === null && signal.name === "candidate")) return;
        for (const unit of rows) {
          const before = last === null ? 0 : value(signal, last, unit, layer, direction);
          const after = value(signal, t, unit, layer, direction);
          if (Math.abs(after - before) > most.change)
            most = { change: Math.abs(after - before), t, unit, layer, direction, before, after };
        }
      });
    }
    const said = { symbol: signal.symbol, meaning: page.meaningOf(signal) };
    if (most.t === undefined) return page.say("state_meaning_alone", said);
    return page.say("state_meaning", {
      ...said,
      word: page.wordAt(most.t),
      unit: page.unitOf(most),
      before: page.signed(most.before),
      after: page.signed(most.after),
    });
  };

  let shown = ""; // the scale that the legend shows
  const drawLegend = (signal) => {
    const now = [signal.low, signal.high, signal.scale, isDark(), page.language()].join();
    if (now === shown) return;
    shown = now;
    const paint = legend.getContext("2d");
    for (let x = 0; x < legend.width; x += 1) {
      paint.fillStyle = css(
        colourOf(signal.low + ((signal.high - signal.low) * x) / (legend.width - 1), signal.low, signal.high),
      );
      paint.fillRect(x, 0, 1, legend.height);
    }
    page.scaleOf(signal).forEach((says, place) => tell(page.part([".rv-low", ".rv-mid", ".rv-high"][place]), says));
  };

  const draw = () => {
    const { reading, view } = page;
    if (!reading) return;
    const layers = [...Array(reading.layers).keys()];
    const several = (names, all) => (names.length > 1 ? [...names, all] : names);
    choices(
      page.part(".rv-signals"),
      reading.signals.map(page.nameOf),
      reading.signals.findIndex(({ name }) => name === view.signal),
      (place) => page.choose({ signal: reading.signals[place].name }),
    );
    choices(
      page.part(".rv-layers"),
      several(
        layers.map((place) => page.say("layer", { number: place + 1 })),
        page.say("layers_all"),
      ),
      view.layer === "all" ? reading.layers : view.layer,
      (place) => page.choose({ layer: place === reading.layers ? "all" : place }),
    );
    choices(
      page.part(".rv-directions"),
      several([page.say("forward"), page.say("backward")].slice(0, reading.directions), page.say("directions_both")),
      view.direction === "both" ? 2 : view.direction,
      (place) => page.choose({ direction: place === 2 ? "both" : place }),
    );
    const blocks = page.blocks();
    const few = blocks.length > 1 ? FEW / 2 : FEW;
    more.hidden = reading.units <= few;
    tell(more, view.all ? page.say("show_few", { count: few }) : page.say("show_all", { count: reading.units }));
    const signal = reading.signal(view.signal);
    tell(page.part(".rv-meaning"), signal.low === 0 ? gateMeaning(signal, blocks) : stateMeaning(signal, blocks));
    drawLegend(signal);
  };
  // Of a network that reads both ways the bars and the cells show two readings.
  const mark = () => {
    const { directions, tokens } = page.reading;
    note.hidden = directions === 1 || tokens.length === 1;
    if (note.hidden) return;
    const said = ["both_answers", page.played === null ? "both_units" : "both_waits"];
    tell(note, said.map((key) => page.say(key)).join(" "));
  };

  more.addEventListener("click", () => page.choose({ all: !page.view.all }));
  page.part(".rv-numbers").addEventListener("change", (event) => page.choose({ numbers: event.target.checked }));
  return { draw, mark };
};
