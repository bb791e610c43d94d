// Calls to the server in which the last question wins.

// A function that asks the server, one question at a time; of the questions that wait, only the last is asked. `on` says
// what to do with an answer and its question (use), without one (fail), when it takes long enough to be noticed (wait), and
// whether to ask again by itself after a while without an answer (again), as while the server starts anew.
export const NOTICED_MS = 600;

export const LATE_MS = 30000;

export const AGAIN_MS = [1500, 30000]; // the first time that it waits, and the longest

export const lastWins = (ask, on) => {
  let busy = false;
  let waiting = null;
  let failures = 0;
  const later = (question) => {
    const delay = Math.min(AGAIN_MS[1], AGAIN_MS[0] * 2 ** failures) * (0.5 + Math.random()); // not a whole class at once
    failures += 1;
    setTimeout(() => {
      if (busy || waiting !== null || question !== last) return; // there is a newer question
      waiting = question;
      next();
    }, delay);
  };
  let last = null;
  const late = () => new Promise((_, give_up) => setTimeout(() => give_up(new Error("late")), LATE_MS));
  const next = async () => {
    if (busy || waiting === null) return;
    const question = waiting;
    waiting = null;
    last = question;
    busy = true;
    const slow = setTimeout(on.wait, NOTICED_MS);
    let answer = null;
    try {
      answer = await Promise.race([ask(question), late()]);
    } catch {
      answer = null; // no answer, whatever the reason
    }
    clearTimeout(slow);
    busy = false;
    try {
      if (answer === null || answer === undefined) {
        on.fail();
        if (on.again) later(question);
      } else {
        failures = 0;
        on.use(answer, question);
      }
    } finally {
      next();
    }
  };
  return (question) => {
    waiting = question;
    next();
  };
};
