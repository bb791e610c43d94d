// Groups: which units change at which words, over many texts. The matrix of units and words with the groups that
// `rnnviz groups` found in an index, how surely they come back, or that there are none.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Corpus, FoundGroups, GroupStability } from "../client/contract";
import type { Reply } from "../client/types";
import { placeOf } from "../model/finding";
import {
  type Cell,
  columnsIn,
  limitOf,
  membersOf,
  RESPONSE_COLUMNS,
  responseRows,
  stepped,
  strengthOf,
} from "../model/groups";
import { counting } from "../model/numbers";
import { isolated, visible } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { countUp, onWidth, steady } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { type TableContent, tableDetails } from "../ui/table";
import { type GroupsPicture, groupsPicture } from "./groupsPicture";
import type { View } from "./views";

const FEW_WORDS = 14;
const NAMING_WORDS = 3;

type Answer = Reply<"groups">;
interface Told {
  corpus: Corpus | null;
  found: FoundGroups | null;
}

/** The numbers of the table of stabilities. */
const numbersOf = (one: GroupStability): number[] => [
  one.units,
  one.units_shuffled,
  one.units_limit,
  one.words,
  one.words_shuffled,
];

class GroupsView implements View {
  readonly saves: Saves = { groups: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: { model: string }) => void;
  private readonly details = tableDetails(() => this.table());
  /** What was told of each network. */
  private readonly told = new Map<string, Told>();
  private asked = "";
  /** What is said in the place of an answer. */
  private notice: string | null = null;
  private picture: GroupsPicture | null = null;
  /** What the picture was made of. */
  private drawn: { found: FoundGroups; room: number } | null = null;
  /** The cell that is pointed at, or that the keys have reached. */
  private at: Cell | null = null;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-groups");
    box.dataset.seq = "0";
    this.ask = page.asker("groups", {
      again: true,
      use: (answer: Answer, { model }: { model: string }) => this.use(answer, model),
      fail: () => this.say(page.offline()),
      wait: () => this.say(page.say("waiting")),
    });
    this.render();
    steady(this.part(".rv-groups-at"));
    onWidth(box, () => this.draw());
  }
  private part<Part extends HTMLElement>(selector: string): Part {
    return there(this.box.querySelector<Part>(selector));
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    this.follow();
    this.render();
    page.translate(this.box);
    this.details.draw();
  }
  mark(): void {
    if (this.page.shown && !this.box.hidden) this.render();
  }

  private follow(): void {
    const { page } = this;
    const { model } = page.reading;
    if (model === this.asked) return;
    this.asked = model;
    this.notice = null;
    this.at = null;
    if (page.host.python && !this.told.has(model) && !this.isOwn(model)) this.ask({ model });
  }
  private use(answer: Answer, model: string): void {
    if (answer.error !== undefined) {
      if (model === this.asked) this.say(this.page.objection(answer));
      this.asked = ""; // it may be mended by the next time
    } else {
      this.told.set(model, answer);
      this.notice = null;
      this.draw();
    }
    countUp(this.box);
  }
  private say(notice: string): void {
    this.notice = notice;
    this.render();
  }
  private isOwn(model: string): boolean {
    return Boolean(this.page.host.engine?.isOwn(model));
  }
  private found(): FoundGroups | null {
    const { page } = this;
    return (page.shown && this.told.get(page.reading.model)?.found) || null;
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  private render(): void {
    const { page } = this;
    const found = this.found();
    const model = page.shown?.model ?? "";
    const isMissing = !found && (this.told.has(model) || this.isOwn(model) || !page.host.python);
    render(
      html`<p class="rv-said" role="status" aria-live="polite">${this.notice ?? (found ? this.story(found) : nothing)}</p>
        ${page.shown && isMissing ? this.howTo(model) : nothing}
        <div class="rv-groups-found" ?hidden=${!found}>
          <div class="rv-groups-scroll"><canvas
            tabindex="0"
            role="slider"
            @pointermove=${(event: PointerEvent) => event.pointerType !== "touch" && this.point(event)}
            @pointerleave=${() => this.leave()}
            @click=${(event: MouseEvent) => this.click(event)}
            @keydown=${(event: KeyboardEvent) => this.press(event)}
          ></canvas></div>
          <p class="rv-groups-at" aria-live="off">${found ? this.sentence(found) : nothing}</p>
          ${found ? this.below(found) : nothing}
        </div>`,
      this.box,
    );
    if (found && !this.box.hidden) this.paint(found);
  }

  /** What stands below the picture. */
  private below(found: FoundGroups): TemplateResult {
    return html`${this.groups(found)}${this.stability(found)}${this.details.node}<p class="rv-note">${this.page.say("groups_fine")} ${this.page.say(
      "groups_scale",
      { limit: this.two(limitOf(found.responses)) },
    )}</p>`;
  }

  /** How groups are looked for. */
  private howTo(model: string): TemplateResult {
    const { page } = this;
    const corpus = this.told.get(model)?.corpus;
    const index = corpus?.name ?? `${model}.index`;
    const make = corpus
      ? ""
      : `rnnviz index ${model} ${page.tellsNext(model) ? "texts.txt" : "texts.csv"} --out ${index}\n`;
    return html`<p class="rv-find-how">${page.say(corpus ? "groups_no_groups" : "groups_no_index")}</p
      ><pre class="rv-find-commands" tabindex="0">${make}rnnviz groups ${index}\nrnnviz serve --index ${index}</pre>`;
  }

  private paint(found: FoundGroups): void {
    const { page } = this;
    const canvas = this.part<HTMLCanvasElement>("canvas");
    const room = this.part(".rv-groups-scroll").clientWidth;
    if (this.drawn?.found !== found || this.drawn.room !== room) {
      this.picture = groupsPicture(page, found, canvas, room);
      this.drawn = { found, room };
    }
    this.picture?.draw(this.at, this.chosen());
    const { units, words } = found;
    const { row, column } = this.at ?? { row: 0, column: 0 };
    canvas.setAttribute("aria-label", page.say("groups_picture", { units: units.length, words: words.length }));
    canvas.setAttribute("aria-valuemin", "0");
    canvas.setAttribute("aria-valuemax", String(units.length * words.length - 1));
    canvas.setAttribute("aria-valuenow", String(row * words.length + column));
    canvas.setAttribute("aria-valuetext", this.sentence(found));
  }

  // --- units ---------------------------------------------------------------------------------------------------------

  /** The unit where the page looks, as an index counts them; -1 where it is not one of the top layer's. */
  private chosen(): number {
    const { unit, layer, direction } = this.page.here();
    const { units, layers } = this.page.reading;
    return layer === layers - 1 ? direction * units + unit : -1;
  }
  private nameOf(unit: number): string {
    const { page } = this;
    return page.unitOf(placeOf(page.reading, unit));
  }
  private choose(unit: number): void {
    const { page } = this;
    const place = placeOf(page.reading, unit);
    page.leave();
    page.set({ layer: place.layer, direction: place.direction });
    page.select({ ...place, token: page.pinned.token });
    page.draw();
  }

  private point(event: PointerEvent): void {
    const { left, top } = this.part("canvas").getBoundingClientRect();
    const at = this.picture?.under(event.clientX - left, event.clientY - top) ?? null;
    if (at?.row === this.at?.row && at?.column === this.at?.column) return;
    this.at = at;
    this.render();
  }
  private leave(): void {
    this.at = null;
    this.render();
  }
  private click(event: MouseEvent): void {
    const { left, top } = this.part("canvas").getBoundingClientRect();
    const found = this.found();
    this.at = this.picture?.under(event.clientX - left, event.clientY - top) ?? null;
    if (found && this.at) this.choose(found.units[this.at.row]);
  }
  private press(event: KeyboardEvent): void {
    const found = this.found();
    if (!found) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.at) this.choose(found.units[this.at.row]);
      return;
    }
    const next = stepped(
      this.at ?? { row: Math.max(0, found.units.indexOf(this.chosen())), column: 0 },
      event.key,
      found,
    );
    if (!next) return;
    event.preventDefault();
    this.at = next;
    this.render();
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private two(value: number): string {
    const rounded = Math.round(100 * value) / 100 + 0; // a small number below zero has no sign
    return this.page.written(rounded, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
  }
  private quoted(words: readonly string[]): string {
    const { page } = this;
    return page.list(words.map((word) => page.say("quoted", { word: isolated(word) })));
  }

  private story(found: FoundGroups): string {
    const { page } = this;
    const taken = found.stability.find(({ groups }) => groups === found.groups);
    const tried = found.stability.map(({ groups }) => groups);
    const most = { least: Math.min(...tried), most: Math.max(...tried) };
    const values = { units: page.count(found.units.length), words: page.count(found.words.length) };
    if (!taken) return page.say("groups_none", { ...values, ...most });
    const stable = {
      of_units: this.two(taken.units),
      limit: this.two(taken.units_limit),
      of_words: this.two(taken.words),
    };
    return `${page.say("groups_some", { ...values, count: found.groups })} ${page.say("groups_stable", stable)}`;
  }
  /** The cell that is pointed at; else what there is to do. */
  private sentence(found: FoundGroups): string {
    const { page, at } = this;
    if (!at) {
      const own = columnsIn(found.words, page.reading.tokens);
      if (!own.length) return page.say("groups_point");
      return `${page.say("groups_own", { count: own.length })} ${page.say("groups_point")}`;
    }
    const said = page.say("groups_cell", {
      word: isolated(found.words[at.column]),
      times: page.count(found.counts[at.column]),
      unit: this.nameOf(found.units[at.row]),
      change: page.signed(found.responses[at.row][at.column]),
    });
    if (!found.groups) return said;
    const [of_unit, of_word] = [found.unit_groups[at.row] + 1, found.word_groups[at.column] + 1];
    const group =
      of_unit === of_word
        ? page.say("groups_both", { group: of_unit })
        : page.say("groups_apart", { of_unit, of_word });
    return `${said} ${group}`;
  }

  private groups(found: FoundGroups): TemplateResult {
    return html`<div class="rv-groups-list">${counting(found.groups).map((group) => this.group(found, group))}</div>`;
  }
  private group(found: FoundGroups, group: number): TemplateResult {
    const { page } = this;
    const { units, words } = membersOf(found, group);
    const own = new Set(page.reading.tokens);
    const chosen = this.chosen();
    // Words of the text are always among those that are shown.
    const shown = words.filter((word, at) => at < FEW_WORDS || own.has(word));
    const word = (one: string) => (own.has(one) ? html`<mark>${visible(one)}</mark>` : visible(one));
    const name = page.say("groups_name", { group: group + 1, words: this.quoted(words.slice(0, NAMING_WORDS)) });
    return html`<section><h3>${name}</h3
      ><p class="rv-groups-words">${shown.map((one) => html`<bdi>${word(one)}</bdi> `)}${
        shown.length < words.length ? page.say("groups_more", { count: words.length - shown.length }) : nothing
      }</p><div class="rv-groups-units" role="group" aria-label=${page.say("groups_units", { group: group + 1 })}>${units.map(
        (unit) => html`<button type="button" data-unit=${unit} aria-pressed=${unit === chosen}
          @click=${() => this.choose(unit)}>${page.say("unit", { unit: this.nameOf(unit) })}</button>`,
      )}</div></section>`;
  }

  private stability(found: FoundGroups): TemplateResult {
    const { page } = this;
    const verdict = (one: GroupStability) =>
      page.say(one.groups === found.groups ? "groups_taken" : one.holds ? "groups_holds" : "groups_fails");
    const row = (one: GroupStability) =>
      html`<tr class=${one.groups === found.groups ? "rv-groups-taken" : ""}><th scope="row">${page.count(one.groups)}</th
        >${numbersOf(one).map((number) => html`<td>${this.two(number)}</td>`)}<td>${verdict(one)}</td></tr>`;
    const heads = ["count", "of_units", "shuffled", "limit", "of_words", "shuffled"];
    return html`<div class="rv-table rv-groups-stability" role="group" tabindex="0" aria-label=${page.say("groups_stability")}><table
      ><caption>${page.say("groups_stability")}</caption><thead><tr>${heads.map(
        (head) => html`<th scope="col">${page.say(`groups_${head}`)}</th>`,
      )}<td></td></tr></thead><tbody>${found.stability.map(row)}</tbody></table></div>`;
  }
  /** The words, and how much the units of each group change at each. */
  private table(): TableContent | null {
    const { page } = this;
    const found = this.found();
    if (!found) return null;
    const groups = found.groups ? counting(found.groups) : [null];
    const name = (group: number | null) =>
      group === null ? page.say("groups_all_units") : page.say("groups_units", { group: group + 1 });
    const rows = found.words.map((word, column) => [
      visible(word),
      page.count(found.counts[column]),
      ...(found.groups ? [page.count(found.word_groups[column] + 1)] : []),
      ...groups.map((group) => page.signed(strengthOf(found, column, group))),
    ]);
    const own = found.groups ? [page.say("groups_group")] : [];
    return {
      caption: page.say("groups_table"),
      heads: [page.say("groups_word"), page.say("groups_times"), ...own, ...groups.map(name)],
      rows,
    };
  }

  private savable(): Savable | null {
    const { page } = this;
    const found = this.found();
    if (!found) return null;
    const { model } = page.reading;
    const settings = { corpus: this.told.get(model)?.corpus?.name, groups: found.groups, stability: found.stability };
    const data: ViewData = {
      what: "groups",
      networks: [model],
      settings,
      columns: RESPONSE_COLUMNS,
      rows: responseRows(found),
    };
    return { data };
  }
}

export const groups = (box: HTMLElement, page: Page): View => new GroupsView(box, page);
