// The tour: six cards. Each sets text, word, unit and view itself, outlines one box, and tells what is seen there.

import type { Destination } from "../client/types";
import type { Page } from "../state/page";
import { all, button, make } from "../ui/dom";
import { scrolling } from "../ui/scrolling";

interface Card {
  /** What it says is named after this number. */
  number: number;
  /** What is outlined: the last of these boxes that there is room for, the smallest stands first. */
  outline: string[];
  /** The first and the last of the words that the card speaks of. */
  words: [first: number, last: number];
  place: Destination;
  /** Whether it is about the account of the unit. */
  account?: boolean;
  /** Whether it is about what comes after the words. */
  ends?: boolean;
}
/** What to come back to. */
interface Before {
  place: Destination;
  numbers: boolean;
  asking: Page["asking"];
  scroll: number;
}

export const tour = (page: Page) => {
  const FILM: Destination = {
    model: "sst2-lstm",
    text: "The movie was not good , but the ending surprised me .",
    unit: 25,
    layer: 0,
    direction: 0,
    signal: "cell",
  };
  const NEWS = [
    "Japan opens a stadium",
    [
      "Oil prices rise to a record as investors fear for supplies from the Gulf , and airlines warn that they may have",
      "to ask their passengers for more money this winter and again next spring",
    ].join(" "),
    "Scientists find water on Mars",
  ];
  const REVIEW = [
    "It takes its time, and for the first half hour I was sure that I would hate it, but the acting is so warm",
    "and the last scene so surprising that I left the cinema smiling.",
  ].join(" ");
  // What is outlined: the last of these boxes that there is room for, the smallest stands first. The words that the
  // card speaks of, the first and the last of them. What it says is named after its number.
  const CARDS: Card[] = [
    { number: 1, outline: [".rv-strip"], words: [4, 9], place: { ...FILM, token: 9 } },
    { number: 2, outline: ["[data-panel=heatmap]"], words: [2, 3], place: { ...FILM, token: 3 } },
    { number: 3, outline: ["[data-panel=heatmap]"], words: [3, 6], place: { ...FILM, token: 6, signal: "forget" } },
    { number: 4, outline: ["[data-panel=ledger]"], words: [3, 9], place: { ...FILM, token: 9 }, account: true },
    {
      number: 5,
      outline: [".rv-drift .rv-columns", ".rv-drift"],
      words: [0, 3],
      ends: true,
      place: {
        model: "agnews-lstm-padded",
        text: NEWS[0],
        token: 3,
        layer: 0,
        direction: 0,
        signal: "cell",
        tab: "packed",
        batch: NEWS.join("\n"),
      },
    },
    {
      number: 6,
      outline: [".rv-reach .rv-columns", ".rv-reach-whole"],
      words: [25, 25],
      place: { model: "sst2-lstm", text: REVIEW, token: 25, layer: 0, direction: 0, signal: "cell", tab: "reach" },
    },
  ];
  const MARGIN = 12; // between the outlined box and the edge of the window, or the card
  const FADE = 24; // at the right, where the words run on
  const AROUND = 4; // between the box and its outline

  const start = page.part(".rv-tour-start");
  const numbers = page.part<HTMLInputElement>(".rv-numbers");
  const [title, text, where] = [
    make("h2", { id: "rv-tour-title" }),
    make("p", { id: "rv-tour-text" }),
    make("span", { class: "rv-tour-place" }),
  ];
  const back = button("", () => step(-1));
  const next = button("", () => (shown === cards.at(-1) ? end() : step(1)), { class: "rv-button rv-tour-next" });
  const leave = button("×", () => end(), { class: "rv-button rv-close" });
  const tools = make("div", { class: "rv-tour-tools" }, where, back, next);
  const card = make(
    "section",
    {
      class: "rv-tour",
      role: "dialog",
      tabindex: -1,
      "aria-labelledby": title.id,
      "aria-describedby": text.id,
      hidden: "",
    },
    title,
    text,
    tools,
    leave,
  );
  const frame = make("div", { class: "rv-tour-frame", "aria-hidden": "true", hidden: "" });
  page.root.append(frame, card);
  let cards: Card[] = [];
  let at: number | null = null; // which of them is on its way or shown
  let shown: Card | null = null; // the card that is shown
  let before: Before | null = null; // the place of the page to come back to
  let follows = false; // whether the box is kept in sight: until the reader scrolls
  let framed: HTMLElement | null = null; // the box that is outlined

  // Cards whose network is served and whose picture a teacher's link has not left out.
  const possible = () =>
    CARDS.filter(
      ({ place, outline }) =>
        page.props.models.some(({ name }) => name === place.model) &&
        ![...outline.map((one) => page.find(one)), viewOf(place)].some((box) => box?.closest(".rv-off")),
    );
  const viewOf = ({ tab }: Destination) => page.find(`.rv-view[data-view=${tab}]`);

  // --- where things stand --------------------------------------------------------------------------------------------

  // Of a box that runs on inside a card, the part that the card shows.
  const rectOf = (box: HTMLElement) => {
    const own = box.getBoundingClientRect();
    const outer = (box.closest(".rv-card") ?? box).getBoundingClientRect();
    return {
      left: Math.max(own.left, outer.left),
      right: Math.min(own.right, outer.right),
      top: own.top,
      height: own.height,
    };
  };
  // Beside the card the whole window is free, else what is above it.
  const roomOf = (right: number) => {
    const taken = card.getBoundingClientRect();
    return right < taken.left ? innerHeight : taken.top;
  };
  const boxOf = ({ outline, place }: Card) => {
    const there = outline.map((one) => page.find(one)).filter((box): box is HTMLElement => Boolean(box?.offsetHeight));
    const fits = (box: HTMLElement) => box.offsetHeight + 2 * MARGIN <= roomOf(rectOf(box).right);
    return there.findLast(fits) ?? there[0] ?? viewOf(place); // a view may have nothing to show yet
  };
  const place = () => {
    const box = shown ? boxOf(shown) : null;
    frame.hidden = !box;
    if (box !== framed) {
      if (framed) sizes.unobserve(framed);
      drawings.disconnect();
      if (box) {
        sizes.observe(box);
        drawings.observe(box, { childList: true });
      }
      framed = box;
    }
    if (!box || !shown) return;
    const { left, right, top, height } = rectOf(box);
    const origin = page.root.getBoundingClientRect();
    const put = {
      left: left - origin.left - AROUND,
      top: top - origin.top - AROUND,
      width: right - left + 2 * AROUND,
      height: height + 2 * AROUND,
    };
    for (const [side, value] of Object.entries(put)) frame.style.setProperty(side, `${value}px`);
    if (!follows) return;
    reveal(right, top, height);
    wordsInSight(box, ...shown.words);
    if (shown.ends) endsInSight(box); // it is about what comes after the words
  };
  // What is not in sight goes to the foot of the room, below what leads up to it; what is taller shows its top.
  const reveal = (right: number, top: number, height: number) => {
    const below = top + height + MARGIN - roomOf(right);
    if (top >= MARGIN && below <= 0) return;
    const wanted = Math.min(top - MARGIN, below);
    scrollBy({ top: wanted, behavior: scrolling() });
  };
  // The answers at the end of the padding: further along there may be room for more of it.
  const endsInSight = (box: HTMLElement) => {
    const right = (one: Element) => one.getBoundingClientRect().right;
    const labels = all(box, ".rv-drift-picture .rv-drift-end").map(right);
    if (labels.length) box.scrollLeft += Math.max(...labels) + FADE - right(box);
  };
  // In the middle of what the names of the units leave free; of too many words the last ones, clear of the fade.
  const wordsInSight = (box: HTMLElement, first: number, last: number) => {
    const scroll = page.part(".rv-scroll");
    const { edges } = page;
    const middle = (edges[first] + edges[last + 1] - edges[0] - scroll.clientWidth) / 2;
    const fits = edges[last + 1] - edges[first] <= scroll.clientWidth - edges[0];
    scroll.scrollLeft = fits ? middle : edges[last + 1] + FADE - scroll.clientWidth;
    const word = box.querySelector<HTMLElement>(`button[data-token="${last}"]`);
    const columns = word?.closest(".rv-columns"); // a view that runs on has its own way along
    if (word && columns) columns.scrollLeft = word.offsetLeft - columns.clientWidth / 2;
  };

  // --- a card --------------------------------------------------------------------------------------------------------

  const write = () => {
    if (!shown) return;
    const [place, last] = [cards.indexOf(shown), cards.length - 1];
    title.textContent = page.say(`tour_${shown.number}_title`);
    text.textContent = page.say(`tour_${shown.number}_text`);
    where.textContent = page.say("tour_place", { number: place + 1, count: last + 1 });
    back.textContent = page.say("tour_back");
    back.disabled = place === 0;
    next.textContent = page.say(place === last ? "tour_done" : "tour_next");
    leave.setAttribute("aria-label", page.say("tour_end"));
  };
  // What a card says is true of its text only, so it is shown when its reading is there.
  const arrived = () => {
    const { shown: reading } = page;
    const wanted = at === null ? null : cards[at];
    if (!wanted || shown === wanted) return;
    if (reading?.model !== wanted.place.model || reading?.text !== wanted.place.text) return;
    shown = wanted;
    if (wanted.account) page.find(".rv-ledger-of > :last-child")?.click(); // the unit's account
    card.hidden = false;
    card.dataset.card = String(wanted.number);
    follows = true;
    write();
    place();
    card.focus({ preventScroll: true });
  };
  const go = (place: number) => {
    at = place;
    page.go(cards[place].place);
  };
  const step = (by: number) => {
    const place = (at ?? 0) + by;
    if (cards[place]) go(place);
  };

  const showNumbers = (on: boolean) => {
    numbers.checked = on;
    page.set({ numbers: on });
  };
  const begin = () => {
    if (!page.shown || at !== null) return;
    const { reading, view, pinned, range, holds, batch, asking } = page;
    cards = possible();
    before = {
      place: {
        model: reading.model,
        text: page.part<HTMLTextAreaElement>("#rv-text").value,
        start: reading.start,
        holds,
        token: pinned.token,
        unit: pinned.unit,
        layer: view.layer,
        direction: view.direction,
        signal: view.signal,
        all: view.all,
        range,
        tab: view.tab,
        batch,
      },
      numbers: view.numbers,
      asking,
      scroll: scrollY,
    };
    page.askClass(null);
    page.set({ all: false });
    showNumbers(true);
    page.root.dataset.touring = "";
    go(0);
  };
  const close = () => {
    if (at === null) return;
    at = null;
    shown = null;
    card.hidden = true;
    frame.hidden = true;
    delete page.root.dataset.touring;
    if (!before) return;
    page.askClass(before.asking);
    showNumbers(before.numbers);
  };
  const end = () => {
    if (at === null || !before) return;
    close();
    page.go(before.place);
    scrollTo({ top: before.scroll, behavior: "instant" });
    start.focus({ preventScroll: true });
  };

  const draw = () => {
    start.hidden = !possible().length;
    if (at === null) return;
    if (shown) write();
    arrived();
    place();
  };
  start.addEventListener("click", begin);
  // A text, a model or an example that the reader chooses ends the tour and stays.
  for (const [name, selector] of [
    ["input", "#rv-text"],
    ["change", "#rv-model"],
    ["click", ".rv-chips"],
  ])
    page.part(selector).addEventListener(name, close);
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || at === null) return;
      event.preventDefault();
      event.stopPropagation(); // what is pinned stays pinned
      end();
    },
    true,
  );
  const release = (event: Event) => {
    if (!card.contains(event.target as Node | null)) follows = false;
  };
  for (const name of ["wheel", "touchmove", "pointerdown"]) addEventListener(name, release, { passive: true });
  const sizes = new ResizeObserver(place);
  sizes.observe(page.root);
  const drawings = new MutationObserver(place); // another picture of the same size
  // What grew while the page scrolled is brought into sight after it.
  for (const name of ["resize", "scrollend"]) addEventListener(name, place);
  return { draw, refused: end };
};
