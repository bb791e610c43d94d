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
}

/** Returns a function that asks one question at a time; of the questions that wait, only the last is asked. */
export const lastWins = <Question, Answer>(
  ask: (question: Question) => Promise<Answer | null | undefined>,
  on: Handlers<Question, Answer>,
): ((question: Question) => void) => {
  let busy = false;
  let waiting: { question: Question } | null = null;
  let last: Question;
  let failures = 0;

  const retry = (question: Question) => {
    const jitter = 0.5 + Math.random(); // so that a whole class does not ask at once
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * jitter;
    failures += 1;
    setTimeout(() => {
      if (busy || waiting !== null || question !== last) return; // there is a newer question
      waiting = { question };
      next();
    }, delay);
  };
  const answerTo = async (question: Question): Promise<Answer | null | undefined> => {
    const slow = setTimeout(() => on.wait?.(), NOTICED_MS);
    try {
      return await Promise.race([ask(question), late()]);
    } catch {
      return null; // no answer, whatever the reason
    } finally {
      clearTimeout(slow);
    }
  };
  const next = async () => {
    if (busy || waiting === null) return;
    const { question } = waiting;
    waiting = null;
    last = question;
    busy = true;
    const answer = await answerTo(question);
    busy = false;
    try {
      if (answer === null || answer === undefined) {
        on.fail?.();
        if (on.again) retry(question);
      } else {
        failures = 0;
        on.use(answer, question);
      }
    } finally {
      next();
    }
  };
  return (question) => {
    waiting = { question };
    next();
  };
};

const late = () => new Promise<null>((done) => setTimeout(() => done(null), LATE_MS));
