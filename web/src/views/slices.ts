// Slices: sets of an index's texts, how often the network is right in each, and its errors. Python counts, in an index
// that it was given; a set is named by conditions, as the command line has them.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { ChosenSlice, SliceCount, SlicedText, Slices } from "../client/contract";
import type { Reply } from "../client/types";
import { placeOf } from "../model/finding";
import {
  conditionsOf,
  EVERY,
  endsOf,
  isJudged,
  MOST_CONDITIONS,
  maybeChance,
  offeredOf,
  partsOf,
  SLICE_COLUMNS,
  sliceRows,
  toggled,
} from "../model/slices";
import { isolated, visible } from "../model/text";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { countUp } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { scrolling } from "../ui/scrolling";
import { confusion } from "./confusion";
import { indexHowTo } from "./indexHowTo";
import type { View } from "./views";

const FORMS = "word=not & length=1..10 & class=… & answer=… & right & wrong & unit=+12 & unit=-3";

type Answer = Reply<"slices">;

class SlicesView implements View {
  readonly saves: Saves = { slices: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: Slices) => void;
  private readonly howTo: ReturnType<typeof indexHowTo>;
  /** Of each network that was asked about, the sets of its index; null where it has none. */
  private readonly counted = new Map<string, SliceCount[] | null>();
  /** The place of the last drawing. */
  private pinned = "";
  private asked = "";
  private chosen: { of: Slices; is: ChosenSlice } | null = null;
  /** What is said in the place of an answer. */
  private notice: string | null = null;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-slices");
    box.dataset.seq = "0";
    this.howTo = indexHowTo(page, () => this.render());
    this.ask = page.asker("slices", {
      again: true,
      use: (answer: Answer, question: Slices) => this.use(answer, question),
      fail: () => this.say(page.offline()),
      wait: () => this.say(page.say("waiting")),
    });
  }

  draw(): void {
    if (!this.page.shown) return;
    this.follow();
    this.render();
  }
  mark(): void {
    const pinned = JSON.stringify(this.page.pinned);
    if (!this.page.shown || pinned === this.pinned) return;
    this.pinned = pinned;
    this.render();
  }

  // --- what is asked -------------------------------------------------------------------------------------------------

  /** Ask for the sets of an index, and then for the one that is chosen, unless that was the last question. */
  private follow(): void {
    const { page } = this;
    const { model } = page.reading;
    if (this.chosen?.of.model !== model) this.chosen = null;
    const question = this.counted.get(model) ? { model, conditions: page.sliceOf(model) } : { model };
    const asked = JSON.stringify(question);
    if (asked === this.asked) return;
    this.asked = asked;
    this.notice = null;
    if (!this.isMissing()) this.ask(question);
  }
  private use(answer: Answer, question: Slices): void {
    if (JSON.stringify(question) !== this.asked) return; // something else is asked by now
    if (answer.error !== undefined) this.refuse(this.page.objection(answer));
    else {
      this.notice = null;
      if ("slice" in answer) this.chosen = { of: question, is: answer as ChosenSlice };
      else this.counted.set(question.model, "slices" in answer ? (answer.slices as SliceCount[]) : null);
      this.draw();
    }
    countUp(this.box);
  }
  private refuse(objection: string): void {
    this.chosen = null;
    this.say(objection);
  }
  private say(notice: string): void {
    this.notice = notice;
    this.render();
  }
  /** Whether there are no texts: of a network of the visitor's own, and where nobody has an index. */
  private isMissing(): boolean {
    const { page } = this;
    const { model } = page.reading;
    return !page.host.python || Boolean(page.host.engine?.isOwn(model)) || this.counted.get(model) === null;
  }
  private choose(conditions: string): void {
    const { page } = this;
    page.setSlice(page.reading.model, conditions.trim() || EVERY);
    this.draw();
    const typed = this.box.querySelector("input"); // it may hold what was not shown
    if (typed) typed.value = page.sliceOf(page.reading.model);
  }
  private submit(event: SubmitEvent): void {
    event.preventDefault();
    this.choose(String(new FormData(event.target as HTMLFormElement).get("conditions")));
  }
  /** Conditions of what is pinned above: the word, and a unit of the last layer, as it is at the end. */
  private own(): string[] {
    const { page } = this;
    const { reading, pinned } = page;
    const { token, unit, layer, direction = 0 } = pinned;
    const isWord = token !== null && page.kindOf(reading.model).tokens === "words";
    const own = isWord ? [`word=${reading.tokens[token]}`] : [];
    if (unit === null || layer !== reading.layers - 1) return own;
    const end = direction ? 0 : reading.tokens.length - 1;
    const sign = reading.value(reading.signal("hidden"), end, unit, layer, direction) < 0 ? "-" : "+";
    return [...own, `unit=${sign}${direction * reading.units + unit}`];
  }
  private readonly openText = (text: string): void => {
    const { page } = this;
    page.visit({ model: page.reading.model, text, tab: "slices" });
    page.part(".rv-controls").scrollIntoView({ block: "start", behavior: scrolling() });
  };

  // --- what is said --------------------------------------------------------------------------------------------------

  private render(): void {
    const { page, notice, chosen } = this;
    const counted = this.counted.get(page.reading.model);
    if (!page.host.python) {
      render(html`<p class="rv-note">${page.say("error_needs_python")}</p>`, this.box);
      return;
    }
    render(
      html`${counted ? html`<p class="rv-note">${page.say("slices_begin")}</p>${this.table(counted)}${this.form(counted)}` : nothing}
        <div class="rv-notices" role="status" aria-live="polite">${notice === null ? nothing : html`<p>${notice}</p>`}</div>
        ${this.isMissing() ? this.howTo.template() : nothing}
        <p class="rv-said" role="status" aria-live="polite">${chosen && counted ? this.story(chosen.is.slice, counted) : nothing}</p>
        ${chosen ? this.found(chosen.is) : nothing}
        ${counted ? html`<p class="rv-note">${page.say("slices_fine")}</p>` : nothing}`,
      this.box,
    );
  }

  /** A condition in the reader's language. */
  private told(condition: string): string {
    const { page } = this;
    const [kind, value] = partsOf(condition);
    if (kind === "class" || kind === "answer") return page.say(`slices_${kind}`, { label: page.classOf(value) });
    if (kind === "word") return page.say("slices_word", { word: value.split(" ").map(isolated).join(" ") });
    if (kind === "length") return this.toldLength(value);
    if (kind === "unit") {
      const unit = page.unitOf(placeOf(page.reading, Math.abs(Number(value))));
      return page.say(value.startsWith("-") ? "slices_unit_down" : "slices_unit_up", { unit });
    }
    return page.say(`slices_${kind}`);
  }
  private toldLength(value: string): string {
    const { page } = this;
    const [least, most] = endsOf(value).map((end) => (end === null ? null : page.count(end)));
    if (least === most) return page.say("slices_length_one", { least });
    if (most === null) return page.say("slices_length_least", { least });
    return least === null ? page.say("slices_length_most", { most }) : page.say("slices_length", { least, most });
  }
  private name(set: string): string {
    return this.page.list(conditionsOf(set).map((one) => this.told(one.trim())));
  }

  private story(slice: SliceCount, counted: SliceCount[]): string {
    const { page } = this;
    const all = counted.find((one) => one.name === EVERY) ?? slice;
    const name = this.name(slice.name);
    if (!slice.texts) return page.say("slices_none", { name });
    const size = page.say("slices_size", { count: slice.texts, all: page.count(all.texts), name });
    if (!all.labelled) return `${size} ${page.say("slices_unlabelled")}`;
    if (isJudged(slice.name) || !slice.labelled) return size;
    const { labelled, right, low, high } = slice;
    const said = [
      page.say("slices_accuracy", {
        name,
        count: labelled,
        right: page.count(right),
        share: page.share(right / labelled),
        low: page.share(low),
        high: page.share(high),
      }),
    ];
    if (slice.texts > labelled) said.push(page.say("slices_others", { count: slice.texts - labelled }));
    if (labelled < all.labelled) said.push(this.against(slice, all));
    return said.join(" ");
  }
  private against(slice: SliceCount, all: SliceCount): string {
    const { page } = this;
    const values = {
      count: all.labelled,
      right: page.count(all.right),
      share: page.share(all.right / all.labelled),
    };
    return `${page.say("slices_against", values)} ${page.say(maybeChance(slice, all) ? "slices_chance" : "slices_apart")}`;
  }

  // --- the page ------------------------------------------------------------------------------------------------------

  /** The sets that say something of every index, those with the most errors first. */
  private table(counted: SliceCount[]): TemplateResult {
    const { page } = this;
    const current = page.sliceOf(page.reading.model);
    const row = (one: SliceCount) =>
      html`<tr><th scope="row"><button type="button" data-slice=${one.name} aria-pressed=${one.name === current}
        @click=${() => this.choose(one.name)}>${this.name(one.name)}</button></th><td>${page.count(one.texts)}</td>${this.measured(one)}</tr>`;
    const heads = ["count", "rightly", "share", "interval"];
    return html`<div class="rv-table rv-slices-sets" role="group" tabindex="0" aria-label=${page.say("slices_table")}><table
      ><caption>${page.say("slices_table")}</caption><thead><tr><td></td>${heads.map(
        (head) => html`<th scope="col">${page.say(`slices_${head}`)}</th>`,
      )}<td></td></tr></thead><tbody>${counted.map(row)}</tbody></table></div>`;
  }
  private measured({ labelled, right, low, high }: SliceCount): TemplateResult {
    const { page } = this;
    if (!labelled) return html`<td>–</td><td>–</td><td>–</td><td></td>`;
    const share = right / labelled;
    return html`<td>${page.count(right)}</td><td>${page.share(share)}</td
      ><td>${page.say("slices_between", { low: page.share(low), high: page.share(high) })}</td
      ><td class="rv-slices-bar" aria-hidden="true"><span><i .style=${`left: ${100 * low}%; width: ${100 * (high - low)}%`}></i
      ><b .style=${`left: ${100 * share}%`}></b></span></td>`;
  }
  private form(counted: SliceCount[]): TemplateResult {
    const { page } = this;
    const current = page.sliceOf(page.reading.model);
    const there = conditionsOf(current);
    const chip = (one: string) =>
      html`<button type="button" class="rv-chip" data-condition=${one} aria-pressed=${there.includes(one)}
        @click=${() => this.choose(toggled(current, one))}>${this.told(one)}</button>`;
    return html`<form class="rv-slices-form" @submit=${(event: SubmitEvent) => this.submit(event)}
      ><label><span>${page.say("slices_conditions")}</span><input type="text" name="conditions" maxlength=${MOST_CONDITIONS}
        autocomplete="off" autocapitalize="off" spellcheck="false" .value=${current}></label
      ><button type="submit" class="rv-button">${page.say("slices_show")}</button></form
      ><div class="rv-chips" role="group" aria-label=${page.say("slices_add")}><span>${page.say("slices_add")}</span>${offeredOf(
        counted,
        this.own(),
      ).map(chip)}</div><p class="rv-note">${page.say("slices_forms")} <code>${FORMS}</code></p>`;
  }

  private found({ slice, answers, confusion: counts, texts }: ChosenSlice): TemplateResult | typeof nothing {
    const { page } = this;
    if (!texts.length) return nothing;
    const { model } = page.reading;
    return html`${slice.labelled ? confusion(page, model, answers, counts) : nothing}<h3>${page.say("own_list")}</h3>
      <p class="rv-note">${page.say("slices_listed", { count: texts.length, all: page.count(slice.texts) })}</p>
      <ol class="rv-own-list">${texts.map((one) => this.entry(one))}</ol>`;
  }
  private entry({ text, said, label, answer, probability, whole }: SlicedText): TemplateResult {
    const { page } = this;
    const isWrong = label !== null && label !== answer;
    const values = { answer: page.classOf(answer), share: page.share(probability) };
    const told =
      label === null
        ? page.say("find_hit_answer", values)
        : page.say(isWrong ? "own_wrong" : "own_right", { ...values, label: page.classOf(label) });
    const inside = html`<bdi>${visible(said)}</bdi> <span>${told}</span>`;
    return html`<li data-text=${text} data-wrong=${isWrong}>${
      whole === null
        ? html`<div>${inside}<span>${page.say("slices_far")}</span></div>`
        : html`<button type="button" @click=${() => this.openText(whole)}>${inside}</button>`
    }</li>`;
  }

  private savable(): Savable | null {
    const { page, chosen } = this;
    const { model } = page.reading;
    const counted = this.counted.get(model);
    if (!counted) return null;
    const isNew = chosen && !counted.some(({ name }) => name === chosen.is.slice.name);
    const data: ViewData = {
      what: "slices",
      networks: [model],
      settings: { corpus: chosen?.is.corpus.name, conditions: page.sliceOf(model) },
      columns: SLICE_COLUMNS,
      rows: sliceRows(isNew ? [...counted, chosen.is.slice] : counted),
    };
    return { data };
  }
}

export const slices = (box: HTMLElement, page: Page): View => new SlicesView(box, page);
