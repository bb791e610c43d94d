// Starts, follows and stops trainings. In Python, rnnviz/page/trainings.py answers what is asked here.

import type { Question, TrainAnswer, TrainQuestion } from "../client/types";
import { isOpen, type Run } from "../model/run";
import { type Measured, measuredOf } from "../model/truncation";
import type { Page } from "../state/page";

const EVERY_MS = 250; // from one answer to the next question
const TRIES = 4; // questions in a row without an answer, until the server counts as gone
const KEPT = 3; // earlier runs

/** One training at a time, and some that were before it. */
class Training {
  run: Run | null = null;
  /** Runs that ended, the latest first. */
  earlier: Run[] = [];
  /** What the trainings of this visit came to that went to their end. */
  measured: Measured[] = [];
  /** Why the last training did not begin, or was given up; empty if nothing is wrong. */
  notice = "";
  private readonly page: Page;
  /** To be called when something of this has changed. */
  private readonly changed: () => void;
  private readonly ask: (question: Question<"train_start">) => void;
  private readonly poll: (question: Question<"train_poll">) => void;
  private readonly cancel: (question: Question<"train_cancel">) => void;

  constructor(page: Page, changed: () => void) {
    this.page = page;
    this.changed = changed;
    this.ask = page.asker("train_start", {
      use: (answer, question) => this.begin(answer, question),
      fail: () => this.refuse(page.say("train_offline")),
    });
    this.poll = page.asker("train_poll", {
      use: (answer, { ticket }) => this.hear(answer, ticket),
      fail: () => this.miss(),
    });
    this.cancel = page.asker("train_cancel", { use: (answer, { ticket }) => this.hear(answer, ticket) });
  }

  start(question: TrainQuestion, classes: number): void {
    if (this.run?.answer.curve?.loss.length) this.earlier = [this.run, ...this.earlier].slice(0, KEPT);
    this.notice = "";
    this.run = { question, classes, state: "starting", ticket: null, answer: { seq: 0, seconds: 0 }, misses: 0 };
    this.changed();
    this.ask(question);
  }
  stop(): void {
    const { run } = this;
    if (!isOpen(run)) return;
    if (run.ticket) {
      this.cancel({ ticket: run.ticket });
      return;
    }
    run.state = run.answer.state = "cancelled"; // its ticket is not known yet: `begin` gives it back
    this.changed();
  }

  /** Here is the ticket of a training that was asked for. */
  private begin(answer: TrainAnswer, question: Question<"train_start">): void {
    const { run } = this;
    if (!run || question !== run.question || run.state !== "starting") {
      if (answer.ticket) this.cancel({ ticket: answer.ticket }); // it was stopped, or another one was started since
      return;
    }
    if (answer.error) {
      this.refuse(this.page.objection(answer));
      return;
    }
    run.ticket = answer.ticket ?? null;
    this.hear(answer, run.ticket);
  }
  private refuse(notice: string): void {
    this.run = null;
    this.notice = notice;
    this.changed();
  }
  /** What has ended stays so, whatever was asked before. */
  private hear(answer: TrainAnswer, ticket: string | null | undefined): void {
    const { run } = this;
    if (!isOpen(run) || ticket !== run.ticket) return;
    run.misses = 0;
    Object.assign(run.answer, answer);
    run.state = answer.state ?? "failed";
    const measured = measuredOf(run);
    if (measured) this.measured = [...this.measured, measured];
    this.changed();
    if (isOpen(run)) this.pollLater(EVERY_MS);
  }
  private miss(): void {
    const { run } = this;
    if (!isOpen(run)) return;
    run.misses += 1;
    if (run.misses < TRIES) {
      this.pollLater(2 * EVERY_MS, true);
      return;
    }
    run.state = run.answer.state = "cancelled";
    this.notice = this.page.say("train_offline");
    this.changed();
  }
  /** Ask for what is new, or for everything, as after a question without an answer. */
  private pollLater(delay: number, all = false): void {
    setTimeout(() => {
      const { run } = this;
      if (isOpen(run) && run.ticket) this.poll({ ticket: run.ticket, since: all ? undefined : run.answer.seq });
    }, delay);
  }
}

export const training = (page: Page, changed: () => void): Training => new Training(page, changed);
