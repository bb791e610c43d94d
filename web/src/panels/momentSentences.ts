// What the selected word did to the answer and to the selected unit, in sentences.

import type { Values } from "../client/types";
import type { Here } from "../model/place";
import type { Step } from "../model/reading";
import type { Page } from "../state/page";

/** A gate's degree is the first one that its value does not exceed. */
const DEGREES: [most: number, degree: string][] = [
  [0.1, "nearly_shut"],
  [0.4, "mostly_shut"],
  [0.6, "half_open"],
  [0.9, "mostly_open"],
  [Number.POSITIVE_INFINITY, "wide_open"],
];
const LITTLE = 0.05;

export interface MomentSentences {
  ofAnswer(here: Here): string;
  ofUnit(here: Here): string;
  ofWhichText(here: Here): string[];
}

/** The class that moved most at a word; of two that moved alike, the answer. */
const movedMost = (before: number[], after: number[], answer: number): number => {
  const moves = after.map((share, place) => Math.abs(share - before[place]));
  const most = Math.max(...moves);
  return moves[answer] > most - 0.001 ? answer : moves.indexOf(most);
};

/** Whether the memory stays about the same. */
const isSteady = (lost: number, written: number, before: number): boolean =>
  Math.max(Math.abs(lost), Math.abs(written)) < Math.max(LITTLE, Math.abs(before) / 10);

class Sentences implements MomentSentences {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  ofAnswer({ token }: Here): string {
    const { page } = this;
    const { verdicts, answer, directions } = page.reading;
    if (token === 0) return this.ofFirstAnswer();
    const [before, after] = [verdicts[token - 1], verdicts[token]];
    const place = movedMost(before, after, answer);
    const from = page.share(before[place]);
    const values = { ...this.answerAt(token, place), before: from };
    if (directions > 1) return page.say("moment_alone", values);
    if (from === values.after) return page.say("moment_stays", values);
    return page.say(after[place] > before[place] ? "moment_rises" : "moment_falls", values);
  }
  private ofFirstAnswer(): string {
    const { page } = this;
    const { directions, start, winners } = page.reading;
    const values = this.answerAt(0, winners[0]);
    if (directions > 1) return page.say("moment_alone_first", values);
    return page.say(start === 0 ? "moment_first" : "moment_after", values);
  }
  private answerAt(token: number, place: number) {
    const { page } = this;
    const { labels, verdicts } = page.reading;
    const [word, label] = [page.token(token), page.classOf(labels[place])];
    return { word, label, after: page.share(verdicts[token][place]) };
  }

  /** The gate that did most to the memory: it let something in, or it kept what was there or let it go. */
  ofUnit(here: Here): string {
    const { page } = this;
    const { reading } = page;
    const step = reading.step(here.token, here.unit, here.layer, here.direction) ?? this.stateAt(here);
    const { before, kept, written } = step;
    const values = { unit: page.unitOf(here), after: page.signed(step.after) };
    if (before === undefined) return page.say("moment_holds", values);
    const numbers = { before: page.signed(before), kept: page.signed(kept * before), written: page.signed(written) };
    const all = { ...values, ...numbers };
    if (reading.cell === "rnn") return page.say("moment_rnn", all);
    const lost = (1 - kept) * before;
    const steady = isSteady(lost, written, before);
    if (steady && Math.abs(before) < 2 * LITTLE) return page.say("moment_keeps", all);
    if (reading.cell === "gru") {
      return page.say(before === 0 ? "moment_writes" : "moment_both", { ...all, ...this.gateAt("update", here) });
    }
    const writes = !steady && Math.abs(written) >= Math.abs(lost);
    if (writes) return page.say("moment_writes", { ...all, ...this.gateAt("input", here) });
    return page.say("moment_forgets", { ...all, ...this.gateAt("forget", here) });
  }
  /** In a network that reads both ways: whether the unit's numbers are of the text up to here, as the answer is. */
  ofWhichText(here: Here): string[] {
    const { page } = this;
    if (page.reading.directions === 1) return [];
    return [page.say(page.knowsAll(here) ? "moment_whole" : "moment_start")];
  }
  private gateAt(name: string, { token, unit, layer, direction }: Here): Values {
    const { page } = this;
    const signal = page.reading.signal(name);
    const value = page.reading.value(signal, token, unit, layer, direction);
    const degree = DEGREES.find(([most]) => value <= most)?.[1];
    return { gate: page.nameOf(signal), degree: page.say(`gate_${degree}`), value: page.signed(value) };
  }
  /** What was and is in the memory of a cell without gates. */
  private stateAt({ token, unit, layer, direction }: Here): Step {
    const { reading } = this.page;
    const memory = reading.signal(reading.memory);
    const before = reading.before(memory, token, unit, layer, direction);
    return { before, kept: 0, written: 0, after: reading.value(memory, token, unit, layer, direction) };
  }
}

export const momentSentences = (page: Page): MomentSentences => new Sentences(page);
