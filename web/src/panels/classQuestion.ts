// For a class: a link can ask whether the answer will change, and where. Until a word is clicked, all that would tell
// is covered; then it is shown, with what is right. The strip itself leaves out its answers while page.covered().

import { NOWHERE, wordAlone } from "../model/place";
import type { Page } from "../state/page";
import { button, closest, make } from "../ui/dom";

export const classQuestion = (page: Page) => {
  const box = page.part(".rv-question");
  const strip = page.part(".rv-strip");
  const text = page.part<HTMLTextAreaElement>("#rv-text");
  let chosen: number | null = null; // the word that was clicked, or -1 for “never”

  const turns = () => page.reading.turns.flatMap((turn, t) => (turn ? [t] : []));
  const classAt = (t: number) => page.classOf(page.reading.labels[page.reading.winners[t]]);
  const listed = (words: number[]) => page.list(words.map((t) => page.say("quoted", { word: page.wordAt(t) })));

  const fact = () => {
    const [first, ...more] = turns();
    if (first === undefined) return page.say("ask_fact_never", { label: classAt(0) });
    if (more.length) return page.say("ask_fact_many", { count: more.length + 1, words: listed([first, ...more]) });
    return page.say("ask_fact_once", { word: page.wordAt(first), before: classAt(first - 1), after: classAt(first) });
  };
  const right = () => (chosen === null || chosen < 0 ? !turns().length : turns().includes(chosen));

  const answer = (t: number) => {
    chosen = t;
    page.reveal(t < 0 ? NOWHERE : wordAlone(t));
    page.holdStill(); // what was covered comes back, and the words move
    page.draw();
    box.focus(); // on a phone the answer has come above it
  };
  // Another of the examples that this network reads; where it has none, room for a sentence of one's own.
  const again = () => {
    const { reading } = page;
    const texts = [
      ...new Set([
        page.props.value.text,
        ...(page.props.chips ?? [])
          .filter(({ model, other }) => model === reading.model && !other)
          .map((chip) => chip.text),
      ]),
    ];
    const next = texts[texts.indexOf(reading.text) + 1] ?? texts[0];
    if (texts.length > 1)
      page.go({ text: next }); // a text that has not been answered is covered
    else {
      page.forgetAnswer();
      page.draw();
      text.focus();
      text.select();
    }
  };

  const question = () => [
    make("p", { id: "rv-question-says", class: "rv-ask" }, page.say("ask_turn")),
    button(page.say("ask_never"), () => answer(-1)),
  ];
  const outcome = () => {
    const said = make(
      "p",
      { id: "rv-question-says", class: "rv-outcome" },
      make("b", {}, page.say(right() ? "ask_right" : "ask_wrong")),
      " ",
      [fact(), ...page.whichAnswers()].join(" "),
    );
    return [said, button(page.say("ask_again"), again)];
  };
  const tooLong = () => [
    make("p", { id: "rv-question-says" }, page.say("ask_shorter", { most: page.reading.size })),
    button(page.say("ask_again"), again),
  ];
  const draw = () => {
    const covered = page.covered();
    if (covered) {
      chosen = null;
      page.cover();
    }
    // How far along it was tells.
    if (covered && !page.root.hasAttribute("data-covered")) page.part(".rv-scroll").scrollLeft = 0;
    page.root.toggleAttribute("data-covered", covered);
    box.hidden = page.asking === null || !page.shown;
    if (box.hidden) return;
    box.replaceChildren(...(page.reading.windowed ? tooLong() : covered ? question() : outcome()));
  };

  box.tabIndex = -1;
  box.setAttribute("aria-labelledby", "rv-question-says");
  strip.addEventListener(
    "click",
    (event) => {
      const word = closest(event, ".rv-word");
      if (!word || !page.covered()) return;
      event.stopPropagation(); // it answers, and does not pin
      answer(Number(word.dataset.token));
    },
    true,
  );
  return { draw };
};
