// What the heatmap shows: which signal, layer and direction, how many units; the legend, and one sentence about it.

import type { ReadSignal } from "../client/contract";
import { colourOf, css, isDark } from "../model/colours";
import { argmax, counting, sum } from "../model/numbers";
import type { Rows } from "../model/place";
import { largestChange, meansOf, unitsOf } from "../model/signalChange";
import { FEW, type Page, type Panel } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, tell } from "../ui/dom";

/** The names of several things, and one for all of them. */
const orAll = (names: string[], allOfThem: string) => (names.length > 1 ? [...names, allOfThem] : names);

class HeatmapChoicesPanel implements Panel {
  private readonly page: Page;
  private readonly signals: HTMLElement;
  private readonly layers: HTMLElement;
  private readonly directions: HTMLElement;
  private readonly more: HTMLElement;
  private readonly meaning: HTMLElement;
  private readonly note: HTMLElement;
  private readonly legend: HTMLCanvasElement;
  private readonly ends: HTMLElement[];
  /** The rows of which the sentence tells: another row comes with another word. */
  private toldOf = "";
  /** The scale that the legend shows. */
  private shownScale = "";

  constructor(page: Page) {
    this.page = page;
    this.signals = page.part(".rv-signals");
    this.layers = page.part(".rv-layers");
    this.directions = page.part(".rv-directions");
    this.more = page.part(".rv-more");
    this.meaning = page.part(".rv-meaning");
    this.note = page.part(".rv-two-readings");
    this.legend = page.part<HTMLCanvasElement>(".rv-legend canvas");
    this.ends = [".rv-low", ".rv-mid", ".rv-high"].map((one) => page.part(one));
    for (const group of all(page.root, ".rv-bar .rv-tabs")) walkable(group);
    this.more.addEventListener("click", () => page.choose({ all: !page.view.all }));
    const numbers = page.part<HTMLInputElement>(".rv-numbers");
    numbers.addEventListener("change", () => page.choose({ numbers: numbers.checked }));
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    this.offerSignals();
    this.offerLayers();
    this.offerDirections();
    const blocks = page.blocks();
    this.offerMore(blocks.length > 1 ? FEW / 2 : FEW);
    this.sayMeaning(blocks);
    this.drawLegend(page.reading.signal(page.view.signal));
  }

  mark(): void {
    const blocks = this.page.blocks();
    if (JSON.stringify(blocks) !== this.toldOf) this.sayMeaning(blocks);
    this.sayReadings();
  }
  /** In a network that reads both ways the bars and the cells show two readings. */
  private sayReadings(): void {
    const { page, note } = this;
    const { directions, tokens } = page.reading;
    note.hidden = directions === 1 || tokens.length === 1;
    if (note.hidden) return;
    const said = ["both_answers", page.played === null ? "both_units" : "both_waits"];
    tell(note, said.map((key) => page.say(key)).join(" "));
  }

  // --- what there is to choose ---------------------------------------------------------------------------------------

  private offerSignals(): void {
    const { page } = this;
    const { signals } = page.reading;
    const chosen = signals.findIndex(({ name }) => name === page.view.signal);
    choices(this.signals, signals.map(page.nameOf), chosen, (place) => page.choose({ signal: signals[place].name }));
  }
  private offerLayers(): void {
    const { page } = this;
    const { layers } = page.reading;
    const { layer } = page.view;
    const names = counting(layers).map((place) => page.say("layer", { number: place + 1 }));
    choices(this.layers, orAll(names, page.say("layers_all")), layer === "all" ? layers : layer, (place) =>
      page.choose({ layer: place === layers ? "all" : place }),
    );
  }
  private offerDirections(): void {
    const { page } = this;
    const { direction } = page.view;
    const names = [page.say("forward"), page.say("backward")].slice(0, page.reading.directions);
    choices(this.directions, orAll(names, page.say("directions_both")), direction === "both" ? 2 : direction, (place) =>
      page.choose({ direction: place === 2 ? "both" : place }),
    );
  }
  private offerMore(few: number): void {
    const { page, more } = this;
    const { units } = page.reading;
    more.hidden = units <= few;
    tell(more, page.view.all ? page.say("show_few", { count: few }) : page.say("show_all", { count: units }));
  }

  // --- what is said about it -----------------------------------------------------------------------------------------

  private sayMeaning(blocks: Rows[]): void {
    const { page } = this;
    const signal = page.reading.signal(page.view.signal);
    this.toldOf = JSON.stringify(blocks);
    tell(this.meaning, signal.low === 0 ? this.gateMeaning(signal, blocks) : this.stateMeaning(signal, blocks));
  }
  private gateMeaning(signal: ReadSignal, blocks: Rows[]): string {
    const { page } = this;
    const units = unitsOf(page.reading, blocks);
    const means = meansOf(page.reading, signal, units);
    const [low, high] = [means.indexOf(Math.min(...means)), argmax(means)];
    return page.say("gate_meaning", {
      symbol: signal.symbol,
      meaning: page.meaningOf(signal),
      units: units.length,
      mean: page.signed(sum(means) / means.length),
      low_word: page.wordAt(low),
      low: page.signed(means[low]),
      high_word: page.wordAt(high),
      high: page.signed(means[high]),
    });
  }
  private stateMeaning(signal: ReadSignal, blocks: Rows[]): string {
    const { page } = this;
    const most = largestChange(page.reading, signal, blocks);
    const said = { symbol: signal.symbol, meaning: page.meaningOf(signal) };
    if (!most) return page.say("state_meaning_alone", said);
    const [before, after] = [page.signed(most.before), page.signed(most.after)];
    const [word, unit] = [page.wordAt(most.token), page.unitOf(most)];
    return page.say("state_meaning", { ...said, word, unit, before, after });
  }

  private drawLegend(signal: ReadSignal): void {
    const { page, legend } = this;
    const { low, high, scale } = signal;
    const shown = [low, high, scale, isDark(), page.language()].join();
    const brush = legend.getContext("2d");
    if (shown === this.shownScale || !brush) return;
    this.shownScale = shown;
    for (let x = 0; x < legend.width; x += 1) {
      brush.fillStyle = css(colourOf(low + ((high - low) * x) / (legend.width - 1), low, high));
      brush.fillRect(x, 0, 1, legend.height);
    }
    const written = page.scaleOf(signal);
    this.ends.forEach((end, place) => {
      tell(end, written[place]);
    });
  }
}

export const heatmapChoices = (page: Page): Panel => new HeatmapChoicesPanel(page);
