// Train: a small network learns while one watches. What it asks of Python is answered by rnnviz/page/trainings.py.

import { isDark } from "../model/colours";
import { make, onWidth } from "../ui/dom";
import { trainCurves } from "./trainCurves";
import { trainSettings } from "./trainSettings";
import { watchedSentence } from "./watchedSentence";

export const train = (box, page) => {
  const EVERY = 250; // milliseconds from one answer to the next question
  const TRIES = 4; // questions in a row without an answer, until the server counts as gone
  const SIGMAS = 3; // from guessing, beyond which chance is hardly the reason
  const offered = page.props.training;
  const draw = () => page.translate(box);
  box.classList.add("rv-train");
  if (!offered?.allowed) {
    box.append(make("p", { class: "rv-note", "data-say": "train_off" }));
    return { draw };
  }

  const KEPT = 3; // earlier runs in the picture
  const OPEN = ["starting", "waiting", "running"];
  let run = null; // {question, classes, state, ticket, answer, misses}: all that the answers said, put together
  let earlier = []; // runs that ended, the latest first
  let drawn = null;

  box.dataset.seq = 0;
  const go = make("button", { type: "submit", class: "rv-button rv-read rv-train-go" });
  const settings = trainSettings(page, offered, go);
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const told = make("p", { class: "rv-said" });
  const more = make("p", { class: "rv-train-more" });
  const bar = make("progress", { max: 1, value: 0, "data-say-label": "train_progress" });
  const now = make("p", { class: "rv-found" });
  const pictures = trainCurves(page);
  const sentence = watchedSentence(page);
  const shown = make(
    "div",
    { class: "rv-train-shown" },
    notices,
    make("div", { role: "status", "aria-live": "polite" }, told, more),
    bar,
    now,
    pictures.node,
    sentence.node,
  );
  box.append(make("div", { class: "rv-train-body" }, settings.node, shown));

  const isOpen = () => run !== null && OPEN.includes(run.state);
  const percent = (value) => page.share(value, { maximumFractionDigits: 1 });
  const fine = (value) => page.written(value, { maximumSignificantDigits: 2 });
  const last = (values) => values?.[values.length - 1];

  // --- what is said --------------------------------------------------------------------------------------------------

  // A network that is no better than chance on the texts set aside has learned its own by heart, if most of those that
  // chance gets wrong are right; else it was given the wrong rate, has no gates, or is too small. Of a training that was
  // stopped or ran out of time nothing of the kind is known: it might have learned later.
  const advice = ({ question, state, answer: { held_out: kept, curve, cut } }) => {
    if (state !== "done" || cut) return [];
    const lucky = kept.chance + SIGMAS * Math.sqrt((kept.chance * (1 - kept.chance)) / kept.texts);
    if (kept.accuracy > lucky || kept.accuracy === 1) return [];
    const right = last(curve?.accuracy) ?? 0;
    if (right > (1 + kept.chance) / 2) return [page.say("train_by_heart", { right: percent(right) })];
    const good = settings.rates(question).good;
    if (question.learning_rate === good)
      return [page.say(question.cell === "rnn" ? "train_nothing_plain" : "train_nothing")];
    return [page.say(question.learning_rate > good ? "train_nothing_high" : "train_nothing_low")];
  };
  const measured = (one) => {
    const { held_out: kept, state, cut } = one.answer;
    if (!kept) return page.say("train_unmeasured");
    const values = { count: kept.texts, right: percent(kept.accuracy), chance: percent(kept.chance) };
    const key = state === "done" && !cut ? "train_measured" : "train_measured_before";
    return page.say(key, values);
  };
  const ended = (one) => {
    const { state, cut, seconds, error } = one.answer;
    if (error) return page.objection(one.answer);
    const key = state === "cancelled" ? "train_stopped" : cut ? "train_cut" : "train_done";
    return [page.say(key, { seconds }), measured(one)].join(" ");
  };
  const detail = () => {
    const kept = run?.answer.held_out;
    if (!kept || isOpen() || run.answer.error) return "";
    return [...(kept.seen ? [page.say("train_seen", { count: kept.seen })] : []), ...advice(run)].join(" ");
  };
  const story = () => {
    if (!run) return page.say("train_intro", { count: offered.seconds });
    if (!isOpen()) return ended(run);
    if (run.state === "waiting") return page.say("train_place", { place: run.answer.place });
    return page.say(run.answer.seq ? "train_learning" : "train_begins");
  };
  const moment = () => {
    const { curve, seconds } = run?.answer ?? {};
    if (!curve?.loss.length || (run.answer.held_out && !isOpen())) return "";
    return page.say("train_moment", { seconds, right: percent(last(curve.accuracy)), loss: fine(last(curve.loss)) });
  };

  // --- what is drawn -------------------------------------------------------------------------------------------------

  const text = (node, words) => node.textContent === words || (node.textContent = words); // so that nothing is read out twice
  const show = () => {
    box.dataset.state = run?.state ?? "idle";
    go.textContent = page.say(isOpen() ? "train_stop" : "train_start");
    text(told, story());
    text(more, detail());
    told.classList.toggle("rv-train-failed", Boolean(run?.answer.error));
    text(now, moment());
    bar.hidden = !isOpen();
    bar.value = last(run?.answer.curve?.fraction) ?? 0;
    const same = earlier.filter((one) => settings.subject(one.question) === settings.subject(run?.question));
    pictures.draw(
      [run, ...same].filter((one) => one?.answer.curve?.loss.length),
      run?.classes ?? 0,
    );
    sentence.draw(run?.answer.watch);
    box.dataset.seq = Number(box.dataset.seq) + 1;
  };
  const complain = (words) => notices.replaceChildren(make("p", { class: "rv-alert" }, words));

  // --- questions -----------------------------------------------------------------------------------------------------

  const hear = (answer, question) => {
    if (!isOpen() || question.ticket !== run.ticket) return; // what has ended stays so, whatever was asked before
    run.misses = 0;
    Object.assign(run.answer, answer);
    run.state = answer.state ?? "failed";
    show();
    if (isOpen()) setTimeout(() => isOpen() && poll({ ticket: run.ticket, since: run.answer.seq }), EVERY);
  };
  const poll = page.asker("train_poll", {
    use: hear,
    fail: () => {
      if (!isOpen()) return;
      run.misses += 1;
      if (run.misses < TRIES) return void setTimeout(() => isOpen() && poll({ ticket: run.ticket }), 2 * EVERY);
      run.state = run.answer.state = "cancelled";
      complain(page.say("train_offline"));
      show();
    },
  });
  const cancel = page.asker("train_cancel", { use: hear, fail: () => {} });
  const ask = page.asker("train_start", {
    use: (answer, question) => {
      const wanted = question === run?.question && run.state === "starting";
      if (!wanted) return answer.ticket && cancel({ ticket: answer.ticket });
      if (answer.error) {
        run = null;
        complain(page.objection(answer));
        return show();
      }
      run.ticket = answer.ticket;
      hear(answer, run);
    },
    fail: () => {
      run = null;
      complain(page.say("train_offline"));
      show();
    },
  });

  const start = () => {
    if (run?.answer.curve?.loss.length) earlier = [run, ...earlier].slice(0, KEPT);
    notices.replaceChildren();
    const question = settings.question();
    run = {
      question,
      classes: settings.classes(question),
      state: "starting",
      answer: { seq: 0, seconds: 0 },
      misses: 0,
    };
    show();
    ask(run.question);
  };
  const stop = () => {
    if (!isOpen()) return;
    if (run.ticket) return cancel({ ticket: run.ticket });
    run.state = run.answer.state = "cancelled"; // its ticket is not known yet: it is given back as it comes
    show();
  };
  settings.node.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isOpen()) stop();
    else start();
  });
  // A page that is left without a word falls silent, and is given up after a few seconds.
  addEventListener("pagehide", stop);

  const redraw = () => {
    const key = [page.language(), isDark(), shown.clientWidth].join();
    if (key === drawn) return; // the page's reading has nothing to do with what is trained
    drawn = key;
    page.translate(box);
    settings.draw();
    show();
  };
  onWidth(shown, redraw);
  return { draw: redraw }; // a training goes on while one looks at another view
};
