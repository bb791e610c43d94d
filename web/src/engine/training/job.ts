// One training as the page sees it: what was asked, how it stands, its curve and its picture. As rnnviz/page/job.py.

import type { Curve, HeldOut, Objection, Picture, Standing } from "../../client/contract";
import type { TrainState } from "../../client/types";
import type { News, Point, Trained } from "./learning";
import type { Wanted } from "./offers";

const MOST_POINTS = 200;

export class Job {
  state: TrainState = "waiting";
  /** By the clock of the trainings, in seconds; it starts when somebody learns. */
  started: number | null = null;
  ended: number | null = null;
  /** Whether its time was over before it had finished. */
  cut = false;
  /** The network at the newest moment; what was learned may still be asked for afterwards. */
  trained: Trained | null = null;
  #objection: Objection | null = null;
  #seq = 0;
  #points: Point[] = [];
  #picture: Picture | null = null;
  #heldOut: HeldOut | null = null;
  #reach: number[] | null = null;

  constructor(
    readonly ticket: string,
    readonly wanted: Wanted,
  ) {}

  /** Whether there is something left to do. */
  get open(): boolean {
    return this.state === "waiting" || this.state === "running";
  }

  /** Keeps what the page shows of a moment. */
  show({ point, picture, held_out, reach, trained }: News): void {
    if (point) this.#points.push(point);
    if (this.#points.length > MOST_POINTS) this.#points = this.#points.filter((_, place) => place % 2 === 0);
    this.#picture = picture;
    this.#heldOut = held_out ?? this.#heldOut;
    this.#reach = reach ?? this.#reach;
    this.trained = trained;
    this.#seq += 1;
  }

  end(state: TrainState, now: number, objection: Objection | null = null): void {
    this.state = state;
    this.ended = now;
    this.#objection = objection;
  }

  /** What a poll is answered, but for the place in line; the curve only where there is something newer than `since`. */
  progress(now: number, since: number | undefined): Omit<Standing, "place"> {
    const seconds = this.started === null ? 0 : (this.ended ?? now) - this.started;
    return {
      state: this.state,
      seconds: Math.round(seconds * 10) / 10,
      seq: this.#seq,
      cut: this.cut,
      held_out: this.#heldOut,
      ...(this.#seq === since ? {} : { curve: this.#curve(), watch: this.#picture, reach: this.#reach }),
      ...this.#objection,
    };
  }

  #curve(): Curve {
    const of = (name: keyof Point) => this.#points.map((point) => point[name]);
    return {
      step: of("step"),
      epoch: of("epoch"),
      fraction: of("fraction"),
      loss: of("loss"),
      accuracy: of("accuracy"),
      learning_rate: of("learning_rate"),
    };
  }
}
