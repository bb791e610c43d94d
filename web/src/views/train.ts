// Train: a small network learns while one watches. What it asks of Python is answered by rnnviz/page/trainings.py.

import type { HeldOut } from "../client/contract";
import type { TrainAnswer } from "../client/types";
import { isDark } from "../model/colours";
import { last } from "../model/numbers";
import { isOpen, type Run } from "../model/run";
import type { Page } from "../state/page";
import { countUp, make, onWidth, tell } from "../ui/dom";
import { type Drawn, trainCurves } from "./trainCurves";
import { trainSettings } from "./trainSettings";
import { watchedSentence } from "./watchedSentence";

/** A run with its curve, if it has one by now. */
const drawnOf = (run: Run): Drawn[] => {
  const { curve } = run.answer;
  return curve?.loss.length ? [{ ...run, curve }] : [];
};

export const train = (box: HTMLElement, page: Page) => {
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
  let run: Run | null = null;
  let earlier: Run[] = []; // runs that ended, the latest first
  let drawn: string | null = null;

  box.dataset.seq = "0";
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

  const percent = (value: number) => page.share(value, { maximumFractionDigits: 1 });
  const fine = (value: number) => page.written(value, { maximumSignificantDigits: 2 });

  // --- what is said --------------------------------------------------------------------------------------------------

  // A network that is no better than chance on the texts set aside has learned its own by heart, if most of those that
  // chance gets wrong are right; else it was given the wrong rate, has no gates, or is too small. Of a training that
  // was stopped or ran out of time nothing of the kind is known: it might have learned later.
  const advice = ({ question, state, answer: { held_out: kept, curve, cut } }: Run) => {
    if (state !== "done" || cut || !kept) return [];
    const lucky = kept.chance + SIGMAS * Math.sqrt((kept.chance * (1 - kept.chance)) / kept.texts);
    if (kept.accuracy > lucky || kept.accuracy === 1) return [];
    const right = curve?.accuracy.at(-1) ?? 0;
    if (right > (1 + kept.chance) / 2) return [page.say("train_by_heart", { right: percent(right) })];
    const good = settings.rates(question).good;
    if (question.learning_rate === good)
      return [page.say(question.cell === "rnn" ? "train_nothing_plain" : "train_nothing")];
    return [page.say(question.learning_rate > good ? "train_nothing_high" : "train_nothing_low")];
  };
  const measured = (one: Run) => {
    const { held_out: kept, state, cut } = one.answer;
    if (!kept) return page.say("train_unmeasured");
    const values = { count: kept.texts, right: percent(kept.accuracy), chance: percent(kept.chance) };
    const key = state === "done" && !cut ? "train_measured" : "train_measured_before";
    return page.say(key, values);
  };
  const ended = (one: Run) => {
    const { state, cut, seconds, error } = one.answer;
    if (error) return page.objection(one.answer);
    const key = state === "cancelled" ? "train_stopped" : cut ? "train_cut" : "train_done";
    return [page.say(key, { seconds }), measured(one)].join(" ");
  };
  const detail = () => {
    const kept = run?.answer.held_out;
    return run && kept && !isOpen(run) ? afterwards(run, kept) : "";
  };
  const afterwards = (one: Run, kept: HeldOut) => {
    if (one.answer.error) return "";
    return [...(kept.seen ? [page.say("train_seen", { count: kept.seen })] : []), ...advice(one)].join(" ");
  };
  const story = () => {
    if (!run) return page.say("train_intro", { count: offered.seconds });
    if (!isOpen(run)) return ended(run);
    if (run.state === "waiting") return page.say("train_place", { place: run.answer.place });
    return page.say(run.answer.seq ? "train_learning" : "train_begins");
  };
  const moment = () => {
    const { curve, seconds } = run?.answer ?? {};
    if (!curve?.loss.length || (run?.answer.held_out && !isOpen(run))) return "";
    return page.say("train_moment", { seconds, right: percent(last(curve.accuracy)), loss: fine(last(curve.loss)) });
  };

  // --- what is drawn -------------------------------------------------------------------------------------------------

  const show = () => {
    box.dataset.state = run?.state ?? "idle";
    go.textContent = page.say(isOpen(run) ? "train_stop" : "train_start");
    tell(told, story());
    tell(more, detail());
    told.classList.toggle("rv-train-failed", Boolean(run?.answer.error));
    tell(now, moment());
    bar.hidden = !isOpen(run);
    bar.value = run?.answer.curve?.fraction.at(-1) ?? 0;
    const same = earlier.filter((one) => settings.subject(one.question) === settings.subject(run?.question));
    pictures.draw([...(run ? [run] : []), ...same].flatMap(drawnOf), run?.classes ?? 0);
    sentence.draw(run?.answer.watch);
    countUp(box);
  };
  const complain = (words: string) => notices.replaceChildren(make("p", { class: "rv-alert" }, words));

  // --- questions -----------------------------------------------------------------------------------------------------

  const hear = (answer: TrainAnswer, question: { ticket?: string | null }) => {
    if (!isOpen(run) || question.ticket !== run.ticket) return; // what has ended stays so, whatever was asked before
    run.misses = 0;
    Object.assign(run.answer, answer);
    run.state = answer.state ?? "failed";
    show();
    if (isOpen(run)) pollAgain(EVERY);
  };
  /** Asks for what is new; after a failure for everything. */
  const pollAgain = (delay: number, all = false) => {
    setTimeout(() => {
      if (isOpen(run) && run.ticket) poll({ ticket: run.ticket, since: all ? undefined : run.answer.seq });
    }, delay);
  };
  const poll = page.asker("train_poll", {
    use: hear,
    fail: () => {
      if (!isOpen(run)) return;
      run.misses += 1;
      if (run.misses < TRIES) return pollAgain(2 * EVERY, true);
      run.state = run.answer.state = "cancelled";
      complain(page.say("train_offline"));
      show();
    },
  });
  const cancel = page.asker("train_cancel", { use: hear });
  const ask = page.asker("train_start", {
    use: (answer, question) => {
      if (!run || question !== run.question || run.state !== "starting") {
        if (answer.ticket) cancel({ ticket: answer.ticket }); // another training was started since
        return;
      }
      if (answer.error) {
        run = null;
        complain(page.objection(answer));
        return show();
      }
      run.ticket = answer.ticket ?? null;
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
      ticket: null,
      answer: { seq: 0, seconds: 0 },
      misses: 0,
    };
    show();
    ask(run.question);
  };
  const stop = () => {
    if (!isOpen(run)) return;
    if (run.ticket) return cancel({ ticket: run.ticket });
    run.state = run.answer.state = "cancelled"; // its ticket is not known yet: it is given back as it comes
    show();
  };
  settings.node.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isOpen(run)) stop();
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
