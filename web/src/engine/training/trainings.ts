// Answers the page's questions about training in the browser, in the form of Python's answers (rnnviz/page/trainings.py).
//
// One network learns at a time, the others wait.

import type { Objection, Standing } from "../../client/contract";
import type { Question, Server } from "../../client/types";
import { EngineError } from "../objection";
import { Job } from "./job";
import type { Trained } from "./learning";
import { type BrowserTrainStart, MOST_SECONDS, wanted } from "./offers";
import type { Message, Trainer } from "./trainers";

const HERE = "here-"; // begins the tickets of trainings in this browser
const MOST_WAITING = 8;
const KEPT = 4; // trainings that have ended
const SILENT_SECONDS = 5; // until Python forgets a training; here it is only said of a ticket that nobody knows

export interface Trainings extends Pick<Server, "train_poll" | "train_cancel"> {
  train_start(question: Readonly<BrowserTrainStart>): ReturnType<Server["train_start"]>;
  /** The network of a training, as it was at its newest moment; null where there is none. */
  trained(ticket: string): Trained | null;
}

interface Options {
  /** Splits what a visitor typed into words. */
  tokenise(text: string): string[];
  trainer: Trainer;
  /** Tells seconds. */
  clock?(): number;
}

export const trainings = (options: Options): Trainings => {
  const line = new Line(options);
  return {
    train_start: async (question) => objecting(() => line.start(question)),
    train_poll: async (question) => objecting(() => line.poll(question)),
    train_cancel: async (question) => objecting(() => line.cancel(question)),
    trained: (ticket) => line.find(ticket)?.trained ?? null,
  };
};

/** Whether a ticket is that of a training in this browser. */
export const isOfHere = (ticket: string): boolean => ticket.startsWith(HERE);

const objecting = <Answer>(answer: () => Answer): Answer | Objection => {
  try {
    return answer();
  } catch (error) {
    if (error instanceof EngineError) return error.objection;
    throw error;
  }
};

/** The trainings of a page, those that wait in the order in which they came. */
class Line {
  readonly #tokenise: Options["tokenise"];
  readonly #trainer: Trainer;
  readonly #clock: () => number;
  #jobs: Job[] = [];
  #count = 0;
  /** Ends the training that runs. */
  #stop: (() => void) | null = null;

  constructor({ tokenise, trainer, clock = () => performance.now() / 1000 }: Options) {
    this.#tokenise = tokenise;
    this.#trainer = trainer;
    this.#clock = clock;
  }

  start(question: BrowserTrainStart): Standing & { ticket: string } {
    const asked = wanted(question, this.#tokenise);
    const waiting = this.#waiting().length;
    if (waiting >= MOST_WAITING) throw new EngineError("training_line", { waiting });
    this.#count += 1;
    const job = new Job(`${HERE}${this.#count}`, asked);
    this.#jobs.push(job);
    this.#next();
    return { ticket: job.ticket, ...this.#standing(job) };
  }

  poll({ ticket, since }: Question<"train_poll">): Standing {
    return this.#standing(this.#known(ticket), since);
  }

  cancel({ ticket }: Question<"train_cancel">): Standing {
    const job = this.#known(ticket);
    if (job.open) this.#end(job, "cancelled");
    return this.#standing(job);
  }

  find(ticket: string): Job | undefined {
    return this.#jobs.find((job) => job.ticket === ticket);
  }

  #known(ticket: string): Job {
    const job = this.find(ticket);
    if (!job) throw new EngineError("training_gone", { seconds: SILENT_SECONDS });
    return job;
  }

  #waiting(): Job[] {
    return this.#jobs.filter(({ state }) => state === "waiting");
  }

  #standing(job: Job, since?: number): Standing {
    return { ...job.progress(this.#clock(), since), place: this.#waiting().indexOf(job) + 1 };
  }

  /** Begins with whoever is next, if nobody learns. */
  #next(): void {
    const [job] = this.#waiting();
    if (this.#stop || !job) return;
    job.state = "running";
    this.#stop = this.#trainer(job.wanted, (message) => this.#hear(job, message));
  }

  #hear(job: Job, message: Message): void {
    if (!job.open) return;
    const now = this.#clock();
    job.started ??= now;
    if ("news" in message) {
      job.show(message.news);
      job.cut = message.news.fraction < 1 && now - job.started > MOST_SECONDS;
      if (job.cut) this.#end(job, "done");
    }
    if ("objection" in message) this.#end(job, "failed", message.objection);
    if ("over" in message) this.#end(job, "done");
  }

  #end(job: Job, state: Job["state"], objection: Objection | null = null): void {
    const ran = job.state === "running";
    job.end(state, this.#clock(), objection);
    const ended = this.#jobs.filter((one) => !one.open);
    this.#jobs = this.#jobs.filter((one) => one.open || ended.indexOf(one) >= ended.length - KEPT);
    if (!ran) return;
    this.#stop?.();
    this.#stop = null;
    this.#next();
  }
}
