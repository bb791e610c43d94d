// What the view Train says of a training: before it, while it goes on, and after it.

import type { HeldOut } from "../client/contract";
import type { Offers } from "../client/types";
import { last } from "../model/numbers";
import { adviceOf, isOpen, offerOf, type Run } from "../model/run";
import type { Page } from "../state/page";

class TrainSentences {
  private readonly page: Page;
  private readonly offers: Offers;

  constructor(page: Page, offers: Offers) {
    this.page = page;
    this.offers = offers;
  }

  /** How it stands, or how it ended. */
  story(run: Run | null): string {
    const { page } = this;
    if (!run) return this.intro();
    const { state, answer } = run;
    if (!isOpen(run)) return this.end(run);
    if (state === "waiting") return page.say("train_place", { place: answer.place });
    return page.say(answer.seq ? "train_learning" : "train_begins");
  }
  private intro(): string {
    const { seconds } = this.offers;
    return seconds < 120
      ? this.page.say("train_intro", { count: seconds })
      : this.page.say("train_intro_minutes", { count: Math.round(seconds / 60) });
  }
  /** After the end: what was also among the texts set aside, and advice. */
  detail(run: Run | null): string {
    return run && !isOpen(run) ? this.afterwards(run) : "";
  }
  /** How much has been learned so far; nothing once the end says it. */
  moment(run: Run | null): string {
    const { curve, seconds, held_out: kept } = run?.answer ?? {};
    if (!curve?.loss.length || (kept && !isOpen(run))) return "";
    const loss = this.page.written(last(curve.loss), { maximumSignificantDigits: 2 });
    return this.page.say("train_moment", { seconds, right: this.percent(last(curve.accuracy)), loss });
  }

  private end(run: Run): string {
    const { page } = this;
    const { answer } = run;
    const { cut, seconds, error, held_out: kept } = answer;
    if (error) return page.objection(answer);
    const key = answer.state === "cancelled" ? "train_stopped" : cut ? "train_cut" : "train_done";
    const measured = kept ? this.measured(run, kept) : page.say("train_unmeasured");
    return `${page.say(key, { seconds })} ${measured}`;
  }
  private measured({ answer: { state, cut } }: Run, { texts, accuracy, chance }: HeldOut): string {
    const key = state === "done" && !cut ? "train_measured" : "train_measured_before";
    return this.page.say(key, { count: texts, right: this.percent(accuracy), chance: this.percent(chance) });
  }
  private afterwards(run: Run): string {
    const { error, held_out: kept } = run.answer;
    if (error || !kept) return "";
    const seen = kept.seen ? [this.page.say("train_seen", { count: kept.seen })] : [];
    return [...seen, ...this.advice(run)].join(" ");
  }
  private advice(run: Run): string[] {
    const advice = adviceOf(run, offerOf(this.offers, run.question.task).rates.good);
    const right = this.percent(run.answer.curve?.accuracy.at(-1) ?? 0);
    return advice ? [this.page.say(advice, { right })] : [];
  }
  private percent(value: number): string {
    return this.page.share(value, { maximumFractionDigits: 1 });
  }
}

export const trainSentences = (page: Page, offers: Offers): TrainSentences => new TrainSentences(page, offers);
