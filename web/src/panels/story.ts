// E, the story: the answer, what happened on the way to it, and what the selected word did to the selected unit.

import type { Moment } from "../client/contract";
import type { Values } from "../client/types";
import { OTHER } from "../model/colours";
import type { Here } from "../model/place";
import type { Step, TypedReading } from "../model/reading";
import { isolated } from "../model/text";
import type { Page } from "../state/page";
import { all, make, tell } from "../ui/dom";
import { classEntries, legendEntry } from "../ui/word";

export const story = (page: Page) => {
  const [answer, moment] = [page.part(".rv-answer"), page.part(".rv-moment")];
  let spoken = "";

  // About the whole text, also where only a window of it is shown.
  const told = (reading: TypedReading) => {
    if (reading.read === 1) return page.say("story_single");
    return [changes(reading), ...page.whichAnswers()].join(" ");
  };
  const changes = (reading: TypedReading) => {
    const { count, turns, surest } = reading.story;
    const label = (moment: Moment) => page.classOf(reading.labels[moment.winner]);
    const named = ({ word, token }: Moment) =>
      reading.tokens[token - reading.start] === undefined ? isolated(word) : page.wordAt(token - reading.start);
    if (!count)
      return page.say("story_steady", { label: label(surest), word: named(surest), share: page.share(surest.share) });
    const [before, after] = turns;
    return page.say(count === 1 ? "story_turn" : "story_turns", {
      count,
      word: named(after),
      before: label(before),
      before_share: page.share(before.share),
      after: label(after),
      after_share: page.share(after.share),
    });
  };

  // The colours of the classes, and what the line over the bars is.
  const legend = ({ classes, labels, tokens }: TypedReading) => {
    const entries = classEntries(classes, labels, page.classOf);
    const others = labels.length - classes.shown.length;
    if (page.covered()) return others ? [] : entries; // which of many are named would tell
    if (others) entries.push(legendEntry(page.say("other_classes", { count: others }), OTHER));
    entries.push(make("li", { class: "rv-of-number" }, page.say("share_number")));
    if (tokens.length > 1)
      entries.push(
        make("li", { class: "rv-of-line" }, page.say("share_line", { label: page.classOf(labels[classes.base]) })),
      );
    return entries;
  };

  // --- the selected word and unit ----------------------------------------------------------------------------------

  // What the word did to the class that moved most; of two that moved alike, to the answer.
  const saidOfAnswer = ({ token }: Here) => {
    const { verdicts, labels, answer: final, winners, start, directions } = page.reading;
    const word = page.token(token);
    const named = (place: number, more: Values = {}) => ({
      word,
      label: page.classOf(labels[place]),
      after: page.share(verdicts[token][place]),
      ...more,
    });
    const alone = directions > 1;
    if (token === 0)
      return page.say(alone ? "moment_alone_first" : start === 0 ? "moment_first" : "moment_after", named(winners[0]));
    const moves = labels.map((_, place) => Math.abs(verdicts[token][place] - verdicts[token - 1][place]));
    const most = Math.max(...moves);
    const place = moves[final] > most - 0.001 ? final : moves.indexOf(most);
    const before = verdicts[token - 1][place];
    const [from, to] = [page.share(before), page.share(verdicts[token][place])];
    if (alone) return page.say("moment_alone", named(place, { before: from }));
    if (from === to) return page.say("moment_stays", named(place));
    return page.say(verdicts[token][place] > before ? "moment_rises" : "moment_falls", named(place, { before: from }));
  };

  const DEGREES: [most: number, degree: string][] = [
    [0.1, "nearly_shut"],
    [0.4, "mostly_shut"],
    [0.6, "half_open"],
    [0.9, "mostly_open"],
    [Infinity, "wide_open"],
  ];
  const gateAt = (name: string, { token, unit, layer, direction }: Here) => {
    const value = page.reading.value(page.reading.signal(name), token, unit, layer, direction);
    const degree = DEGREES.find(([most]) => value <= most)?.[1];
    return {
      gate: page.nameOf(page.reading.signal(name)),
      degree: page.say(`gate_${degree}`),
      value: page.signed(value),
    };
  };

  // The gate that did most to the unit's memory: the one that let something in, or the one that kept it or let it go.
  const LITTLE = 0.05;
  const saidOfUnit = (here: Here) => {
    const { reading } = page;
    const { token, unit, layer, direction } = here;
    const step = reading.step(token, unit, layer, direction) ?? stateOf(here);
    const { before, kept, written, after } = step;
    const values = { unit: page.unitOf(here), after: page.signed(after) };
    if (before === undefined) return page.say("moment_holds", values);
    const lost = (1 - kept) * before;
    Object.assign(values, {
      before: page.signed(before),
      kept: page.signed(kept * before),
      written: page.signed(written),
    });
    if (reading.cell === "rnn") return page.say("moment_rnn", values);
    const steady = Math.max(Math.abs(lost), Math.abs(written)) < Math.max(LITTLE, Math.abs(before) / 10);
    if (steady && Math.abs(before) < 2 * LITTLE) return page.say("moment_keeps", values);
    if (reading.cell === "gru")
      return page.say(before === 0 ? "moment_writes" : "moment_both", { ...values, ...gateAt("update", here) });
    const writes = !steady && Math.abs(written) >= Math.abs(lost);
    return page.say(writes ? "moment_writes" : "moment_forgets", {
      ...values,
      ...gateAt(writes ? "input" : "forget", here),
    });
  };
  const stateOf = ({ token, unit, layer, direction }: Here): Step => {
    const { reading } = page;
    const at = (t: number) => reading.value(reading.signal(reading.memory), t, unit, layer, direction);
    const place = reading.earlier(token, direction);
    const before = place === null ? 0 : place === undefined ? undefined : at(place);
    return { before, kept: 0, written: 0, after: at(token) };
  };

  // Of a network that reads both ways: whether the unit's numbers are those of the text up to here, as the answer is.
  const ofWhich = (here: Here) =>
    page.reading.directions > 1 ? [page.say(page.knowsAll(here) ? "moment_whole" : "moment_start")] : [];

  // While a text is played, only what has been read so far is told, and it is not read out word by word.
  const answered = () => {
    const { reading, played } = page;
    const [winner, shares] =
      played === null ? [reading.answer, reading.final] : [reading.winners[played], reading.verdicts[played]];
    answer.parentElement?.setAttribute("aria-live", played === null ? "polite" : "off");
    tell(
      answer,
      page.say("answer", { label: page.classOf(reading.labels[winner]), share: page.share(shares[winner]) }),
    );
    answer.style.setProperty("--rv-class", reading.classes.colour(winner));
    for (const told of all(page.root, ".rv-story, .rv-of-line, .rv-meaning, .rv-tinted"))
      told.classList.toggle("rv-untold", played !== null);
  };

  const mark = () => {
    answered();
    const here = page.here();
    const said = [saidOfAnswer(here), ...(page.toCome(here) ? [] : [saidOfUnit(here), ...ofWhich(here)])];
    if (page.reading.unknown[here.token]) said.push(page.say("moment_unknown"));
    tell(moment, said.join(" "));
    speak(said.join(" "));
  };
  // Read out what is pinned or stepped to, not what is merely pointed at, and not every word of a text that is played.
  const speak = (sentence: string) => {
    const { token, unit, layer, direction } = page.pinned;
    const now = [token, unit, layer, direction].join();
    if (page.played !== null || now === spoken) return;
    spoken = now;
    tell(page.part(".rv-said"), token === null && unit === null ? "" : sentence);
  };

  const draw = () => {
    if (!page.shown) return;
    const { reading } = page;
    answered();
    tell(page.part(".rv-story"), told(reading));
    // Said in the heading's own line: a line more would push the bar away that is being dragged.
    tell(
      page.part(".rv-told .rv-heading"),
      reading.ghost ? page.say("answer_held", { count: page.holds.length }) : page.say("panel_answer"),
    );
    page.part(".rv-classes").replaceChildren(...legend(reading));
  };
  return { draw, mark };
};
