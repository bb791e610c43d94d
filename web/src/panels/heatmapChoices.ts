// What the heatmap shows: which signal, layer and direction, how many units; the legend, and one sentence about it.

import type { ReadSignal } from "../client/contract";
import { colourOf, css, isDark } from "../model/colours";
import { argmax, counting, sum } from "../model/numbers";
import type { Here, Rows } from "../model/place";
import type { TypedReading } from "../model/reading";
import { FEW, type Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, tell } from "../ui/dom";

interface Change extends Here {
  before: number;
  after: number;
}
/** Where a word changes the signal of a shown unit most. */
const largestChange = (reading: TypedReading, signal: ReadSignal, blocks: Rows[]): Change | null => {
  let most: Change | null = null;
  for (const { layer, direction, rows } of blocks) {
    for (const token of reading.tokens.keys()) {
      const earlier = reading.earlier(token, direction);
      // Memory begins at zero; a candidate does not begin at all, and what came before a window is not here.
      if (earlier === undefined || (earlier === null && signal.name === "candidate")) continue;
      for (const unit of rows) {
        const at = (t: number) => reading.value(signal, t, unit, layer, direction);
        const [before, after] = [earlier === null ? 0 : at(earlier), at(token)];
        const size = Math.abs(after - before);
        if (!most || size > Math.abs(most.after - most.before)) most = { token, unit, layer, direction, before, after };
      }
    }
  }
  return most;
};

export const heatmapChoices = (page: Page) => {
  const more = page.part(".rv-more");
  const legend = page.part<HTMLCanvasElement>(".rv-legend canvas");
  const note = page.part(".rv-two-readings");
  for (const group of all(page.root, ".rv-bar .rv-tabs")) walkable(group);

  // Over all units of the layers and directions that are shown, also those whose rows are not.
  const gateMeaning = (signal: ReadSignal, blocks: Rows[]) => {
    const { tokens, units, value } = page.reading;
    const everywhere = blocks.flatMap(({ layer, direction }) =>
      counting(units).map((unit) => ({ unit, layer, direction })),
    );
    const meanAt = (t: number) =>
      sum(everywhere.map(({ unit, layer, direction }) => value(signal, t, unit, layer, direction))) / everywhere.length;
    const means = tokens.map((_, t) => meanAt(t));
    const [low, high] = [means.indexOf(Math.min(...means)), argmax(means)];
    return page.say("gate_meaning", {
      symbol: signal.symbol,
      meaning: page.meaningOf(signal),
      units: everywhere.length,
      mean: page.signed(sum(means) / means.length),
      low_word: page.wordAt(low),
      low: page.signed(means[low]),
      high_word: page.wordAt(high),
      high: page.signed(means[high]),
    });
  };

  const stateMeaning = (signal: ReadSignal, blocks: Rows[]) => {
    const most = largestChange(page.reading, signal, blocks);
    const said = { symbol: signal.symbol, meaning: page.meaningOf(signal) };
    if (!most) return page.say("state_meaning_alone", said);
    const [before, after] = [page.signed(most.before), page.signed(most.after)];
    return page.say("state_meaning", {
      ...said,
      word: page.wordAt(most.token),
      unit: page.unitOf(most),
      before,
      after,
    });
  };

  let shown = ""; // the scale that the legend shows
  const drawLegend = (signal: ReadSignal) => {
    const now = [signal.low, signal.high, signal.scale, isDark(), page.language()].join();
    if (now === shown) return;
    shown = now;
    const paint = legend.getContext("2d");
    if (!paint) return;
    for (let x = 0; x < legend.width; x += 1) {
      paint.fillStyle = css(
        colourOf(signal.low + ((signal.high - signal.low) * x) / (legend.width - 1), signal.low, signal.high),
      );
      paint.fillRect(x, 0, 1, legend.height);
    }
    const [low, middle, high] = page.scaleOf(signal);
    tell(page.part(".rv-low"), low);
    tell(page.part(".rv-mid"), middle);
    tell(page.part(".rv-high"), high);
  };

  const draw = () => {
    if (!page.shown) return;
    const { reading, view } = page;
    const layers = counting(reading.layers);
    const several = (names: string[], all: string) => (names.length > 1 ? [...names, all] : names);
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
  const numbers = page.part<HTMLInputElement>(".rv-numbers");
  numbers.addEventListener("change", () => page.choose({ numbers: numbers.checked }));
  return { draw, mark };
};
