// E, the story: the answer, what happened on the way to it, and what the selected word did to the selected unit.

import { html, nothing, render } from "lit-html";
import type { Moment } from "../client/contract";
import { OTHER } from "../model/colours";
import type { TypedReading } from "../model/reading";
import { told } from "../model/text";
import type { Page, Panel } from "../state/page";
import { all, tell } from "../ui/dom";
import { classEntries, legendEntry } from "../ui/word";
import { type MomentSentences, momentSentences } from "./momentSentences";

/** What is only true of the whole text. */
const OF_THE_WHOLE = ".rv-story, .rv-meaning, .rv-tinted";

class StoryPanel implements Panel {
  private readonly page: Page;
  private readonly sentences: MomentSentences;
  private readonly answer: HTMLElement;
  private readonly heading: HTMLElement;
  private readonly story: HTMLElement;
  private readonly moment: HTMLElement;
  private readonly readOut: HTMLElement;
  private readonly legend: HTMLElement;
  /** The pinned place, with what is held and the language, of which the screen reader has been told. */
  private told = "";

  constructor(page: Page) {
    this.page = page;
    this.sentences = momentSentences(page);
    this.answer = page.part(".rv-answer");
    this.heading = page.part(".rv-told .rv-heading");
    this.story = page.part(".rv-story");
    this.moment = page.part(".rv-moment");
    this.readOut = page.part(".rv-said");
    this.legend = page.part(".rv-classes");
  }

  draw(): void {
    const { page } = this;
    if (!page.shown) return;
    const { reading } = page;
    this.sayAnswer();
    tell(this.story, this.storyOf(reading));
    // Said in the heading's own line: another line would push away the bar that is being dragged.
    tell(
      this.heading,
      reading.ghost ? page.say("answer_held", { count: page.holds.length }) : page.say("panel_answer"),
    );
    render(this.entries(reading), this.legend);
  }

  mark(): void {
    const { page, sentences } = this;
    this.sayAnswer();
    const here = page.here();
    const said = [sentences.ofAnswer(here)];
    if (!page.toCome(here)) said.push(sentences.ofUnit(here), ...sentences.ofWhichText(here));
    if (page.reading.unknown[here.token]) said.push(page.say("moment_unknown"));
    tell(this.moment, said.join(" "));
    this.speak(said.join(" "));
  }

  /** While a text is played, only what has been read so far is told, and it is not read out word by word. */
  private sayAnswer(): void {
    const { page, answer } = this;
    const { reading, played } = page;
    const [winner, shares] =
      played === null ? [reading.answer, reading.final] : [reading.winners[played], reading.verdicts[played]];
    const [label, share] = [page.classOf(reading.labels[winner]), page.share(shares[winner])];
    answer.parentElement?.setAttribute("aria-live", played === null ? "polite" : "off");
    tell(answer, page.say("answer", { label, share }));
    answer.style.setProperty("--rv-class", reading.classes.colour(winner));
    for (const part of all(page.root, OF_THE_WHOLE)) part.classList.toggle("rv-untold", played !== null);
  }

  /** Read out what is pinned or stepped to, not what is pointed at, and not each word of a text that is played. */
  private speak(sentence: string): void {
    const { page } = this;
    const { token, unit, layer, direction } = page.pinned;
    const now = JSON.stringify([token, unit, layer, direction, page.holds, page.language()]);
    if (page.played !== null || now === this.told) return;
    this.told = now;
    tell(this.readOut, token === null && unit === null ? "" : sentence);
  }

  /** About the whole text, also where only a window of it is shown. */
  private storyOf(reading: TypedReading): string {
    const { page } = this;
    if (reading.read === 1) return page.say("story_single");
    if (page.tellsNext(reading.model)) return this.hits(reading);
    return [...this.whereRead(reading), this.turnsOf(reading), ...page.whichAnswers()].join(" ");
  }
  /** Of a text that is too long, that the answer is not that of all of it. */
  private whereRead({ read, total }: TypedReading): string[] {
    const { page } = this;
    return read < total ? [page.say("story_cut", { read: page.count(read), count: page.count(total) })] : [];
  }
  /** Where the likeliest next letter was the next one, of what is shown. */
  private hits({ tokens, winners, labels }: TypedReading): string {
    const { page } = this;
    const right = tokens.slice(1).filter((token, t) => labels[winners[t]] === token).length;
    return page.say("next_story", { right: page.count(right), count: page.count(tokens.length - 1) });
  }
  private turnsOf({ story, labels }: TypedReading): string {
    const { page } = this;
    const { count, turns, surest } = story;
    const label = ({ winner }: Moment) => page.classOf(labels[winner]);
    if (!count) {
      const share = page.share(surest.share);
      return page.say("story_steady", { label: label(surest), word: this.wordOf(surest), share });
    }
    const [before, after] = turns;
    return page.say(count === 1 ? "story_turn" : "story_turns", {
      count,
      word: this.wordOf(after),
      before: label(before),
      before_share: page.share(before.share),
      after: label(after),
      after_share: page.share(after.share),
    });
  }
  private wordOf({ word, token }: Moment): string {
    const { reading, wordAt } = this.page;
    const t = token - reading.start;
    return reading.tokens[t] === undefined ? told(word) : wordAt(t);
  }

  /** The colours of the classes, and what the number under a bar is. */
  private entries({ classes, labels }: TypedReading): unknown {
    const { page } = this;
    const named = classEntries(classes, page.classesOf(labels));
    const count = labels.length - classes.shown.length;
    if (page.covered()) return count ? nothing : named; // which of many classes are named would tell the answer
    const others = count ? legendEntry(page.say("other_classes", { count }), OTHER) : nothing;
    const { tokens, task } = page.kindOf(page.reading.model);
    const isTold = tokens === "words" || task === "next"; // what stands under a bar
    return html`${named}${others}${isTold ? html`<li class="rv-of-number">${page.say("share_number")}</li>` : nothing}`;
  }
}

export const story = (page: Page): Panel => new StoryPanel(page);
