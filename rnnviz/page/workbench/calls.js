// Calls to the server in which the last question wins.

// A function that asks the server, one question at a time; of the questions that wait, only the last is asked. `on` says
// what to do with an answer and its question (use), without one (fail), and when it takes long enough to be noticed (wait).
const NOTICED_MS = 600;
const LATE_MS = 30000;
const lastWins = (ask, on) => {
  let busy = false;
  let waiting = null;
  const late = () => new Promise((_, give_up) => setTimeout(() => give_up(new Error("late")), LATE_MS));
  const next = async () => {
    if (busy || waiting === null) return;
    const question = waiting;
    waiting = null;
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
      if (answer === null || answer === undefined) on.fail();
      else on.use(answer, question);
    } finally {
      next();
    }
  };
  return (question) => {
    waiting = question;
    next();
  };
};
