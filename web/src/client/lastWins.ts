// Questions to the server of which only the last one counts.

const NOTICED_MS = 600;
const LATE_MS = 30000;
const FIRST_RETRY_MS = 1500;
const LONGEST_RETRY_MS = 30000;

export interface Handlers<Question, Answer> {
  /** An answer has come. */
  use(answer: Answer, question: Question): void;
  /** There was none. */
  fail?(): void;
  /** It takes long enough to be noticed. */
  wait?(): void;
  /** Ask again after a while if there was no answer, as while the server is restarted. */
  again?: boolean;
  /** Wait for the answer however long it takes, as where a network is fetched first. */
  patient?: boolean;
}

class LastWins<Question, Answer> {
  private readonly asks: (question: Question) => Promise<Answer | null | undefined>;
  private readonly on: Handlers<Question, Answer>;
  private busy = false;
  private waiting: { question: Question } | null = null;
  private last: Question | null = null;
  private failures = 0;

  constructor(asks: (question: Question) => Promise<Answer | null | undefined>, on: Handlers<Question, Answer>) {
    this.asks = asks;
    this.on = on;
  }

  ask(question: Question): void {
    this.waiting = { question };
    this.next();
  }

  private async next(): Promise<void> {
    if (this.busy || this.waiting === null) return;
    const { question } = this.waiting;
    this.waiting = null;
    this.last = question;
    this.busy = true;
    const answer = await this.answerTo(question);
    this.busy = false;
    try {
      this.hear(answer, question);
    } finally {
      this.next();
    }
  }
  private async answerTo(question: Question): Promise<Answer | null | undefined> {
    const slow = setTimeout(() => this.on.wait?.(), NOTICED_MS);
    try {
      const answer = this.asks(question);
      return await (this.on.patient ? answer : Promise.race([answer, late()]));
    } catch {
      return null; // no answer, whatever the reason
    } finally {
      clearTimeout(slow);
    }
  }
  private hear(answer: Answer | null | undefined, question: Question): void {
    if (answer === null || answer === undefined) {
      this.on.fail?.();
      if (this.on.again) this.retry(question);
    } else {
      this.failures = 0;
      this.on.use(answer, question);
    }
  }
  private retry(question: Question): void {
    const jitter = 0.5 + Math.random(); // so that a whole class does not ask at once
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures) * jitter;
    this.failures += 1;
    setTimeout(() => {
      // Not where there is a newer question.
      if (!this.busy && this.waiting === null && question === this.last) this.ask(question);
    }, delay);
  }
}

const late = () => new Promise<null>((done) => setTimeout(() => done(null), LATE_MS));

/** Returns a function that asks one question at a time; of the questions that wait, only the last is asked. */
export const lastWins = <Question, Answer>(
  asks: (question: Question) => Promise<Answer | null | undefined>,
  on: Handlers<Question, Answer>,
): ((question: Question) => void) => {
  const line = new LastWins(asks, on);
  return (question) => line.ask(question);
};
