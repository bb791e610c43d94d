// C, the memory ledger: under each word, what was written there that is still in the memory, or in the score of a
// class.

import { type Account, accountOfClass, accountOfUnit, FINEST, largest, type Row } from "../model/account";
import { type Here, wordAlone } from "../model/place";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { closest, keyed, make, span, tell } from "../ui/dom";

/** Whose account it is: a class's, the selected unit's, or nobody's. */
type Subject = number | "unit" | null;

export const ledger = (page: Page) => {
  const HALF = 40; // height of the tallest bar, above the line or below it
  const LITTLE = 0.005; // what two digits after the point would write as nothing
  const [of, when, list] = [page.part(".rv-ledger-of"), page.part(".rv-ledger-when"), page.part(".rv-entries ol")];
  const bars = page.part(".rv-bars");
  const parts = [".rv-entries", ".rv-ledger .rv-fine"].map(page.part);
  let chosen: Subject = null; // a class, "unit", or null: the unit if one is pinned, else the answer
  let follows = false; // whether the unit is looked at as the selected word is read, or at the end
  let last: { model?: string; unit?: string; drawn?: string } = {};
  let numbers: Element[] = [];
  let account: Account = { rows: [], total: 0, scale: FINEST, elsewhere: null };
  let at = 0;
  let dimmed: number | null = null;

  // --- the account -------------------------------------------------------------------------------------------------

  const classes = () => (page.reading.contributions ? page.reading.classes.shown : []);
  const subjects = (): (number | "unit")[] => [...classes(), "unit"];
  const subject = (): Subject => {
    const { contributions, answer, cell } = page.reading;
    if (cell === "rnn") return null;
    if (!contributions || chosen === "unit" || (chosen === null && page.pinned.unit !== null)) return "unit";
    return chosen ?? answer;
  };

  // Where a direction is as it is looked at: at the end of its way, or as far as it has been played or followed.
  const seenAt = ({ token, direction }: Here) => {
    const end = direction === 0 ? page.reading.tokens.length - 1 : 0;
    if (page.played !== null) return page.played;
    return follows ? token : end;
  };

  // --- and what it says --------------------------------------------------------------------------------------------

  const mostKey = () => (page.reading.windowed ? "ledger_most_shown" : "ledger_most");
  const saidOfUnit = (here: Here, seen: number) => {
    const { reading } = page;
    const most = largest(account);
    const little = Math.abs(account.rows[most].left) < LITTLE;
    const ends = reading.earlier(seen, 1 - here.direction) === null && !follows && page.played === null;
    const key = !ends ? "ledger_unit_at" : here.direction === 0 ? "ledger_unit_end" : "ledger_unit_start";
    const values = { unit: page.unitOf(here), holds: page.signed(account.total), at: page.token(seen) };
    const said = [page.say(key, values)];
    if (!little)
      said.push(page.say(mostKey(), { word: page.wordAt(most), left: page.signed(account.rows[most].left) }));
    if (account.elsewhere !== null) said.push(page.say("ledger_before", { left: page.signed(account.elsewhere) }));
    if (page.played === null) said.push(saidOfWord(here.token, seen));
    return said;
  };
  const saidOfWord = (t: number, seen: number) => {
    const { wrote = 0, share } = account.rows[t];
    const values = { word: page.token(t), wrote: page.signed(wrote), share: page.share(share) };
    if (Math.abs(wrote) < LITTLE) return page.say("ledger_nothing", values);
    if (t === seen) return page.say("ledger_now", values);
    return page.say(share < 0.01 ? "ledger_gone" : "ledger_left", {
      ...values,
      share: page.share(Math.max(0.01, share)),
    });
  };
  const saidOfClass = (place: number, { token }: Here) => {
    const most = largest(account);
    const label = page.classOf(page.reading.labels[place]);
    const given = (t: number, word = page.token(t)) => ({ word, left: page.signed(account.rows[t].left) });
    const said = [page.say("ledger_class", { label, score: page.signed(account.total) })];
    if (Math.abs(account.rows[most].left) >= LITTLE) said.push(page.say(mostKey(), given(most, page.wordAt(most))));
    if (account.elsewhere !== null) said.push(page.say("ledger_elsewhere", { left: page.signed(account.elsewhere) }));
    if (token !== most) said.push(page.say("ledger_class_word", given(token)));
    said.push(page.say("ledger_bias", { left: page.signed(account.bias ?? 0) }));
    return said;
  };

  const accountOf = (about: number | "unit", here: Here, seen: number): Account => {
    const { contributions, windowed } = page.reading;
    if (about === "unit" || !contributions) return accountOfUnit(page.reading, here, seen);
    return accountOfClass(contributions, about, windowed);
  };

  // --- the picture -------------------------------------------------------------------------------------------------

  // All bars of one kind are one path, so that the picture can follow the pointer. Of a score, which is
  // known at the end alone, there are none for words to come.
  const bar = (t: number, value: number) => {
    if (account.bias !== undefined && page.played !== null && t > page.played) return "";
    const tall = (Math.abs(value) / account.scale) * HALF;
    if (tall < 0.5) return "";
    const [left, right] = [page.edges[t], page.edges[t + 1]];
    const wide = Math.min((right - left) * 0.6, 44);
    return `M${(left + right - wide) / 2} ${HALF}h${wide}v${value > 0 ? -tall : tall}h${-wide}z`;
  };
  const path = (kind: string, values: number[]) => (sign: number) => {
    const one = bars.querySelector(`.rv-${kind}.rv-${sign > 0 ? "above" : "below"}`);
    one?.setAttribute("d", values.map((value, t) => (value * sign > 0 ? bar(t, value) : "")).join(""));
  };
  // What was written, for an outline about what is left; nothing where the two look the same.
  const lost = ({ wrote, left }: Row) =>
    wrote !== undefined && Math.abs(wrote) - Math.abs(left) > (2 * account.scale) / HALF ? wrote : 0;
  const picture = () => {
    const [wrote, left] = [account.rows.map(lost), account.rows.map((row) => row.left)];
    for (const sign of [-1, 1]) for (const draw of [path("wrote", wrote), path("left", left)]) draw(sign);
    numbers.forEach((number, t) => {
      tell(number, page.signed(left[t]));
      number.classList.toggle("rv-little", Math.abs(left[t]) < LITTLE);
    });
    tell(page.part(".rv-most"), page.signed(account.scale));
    tell(page.part(".rv-least"), page.signed(-account.scale));
  };
  // The selected word, and what it wrote when it was read.
  const select = (token: number) => {
    list.children[at]?.classList.remove("rv-at");
    list.children[token].classList.add("rv-at");
    at = token;
    const wrote = lost(account.rows[token]);
    const ghost = page.part<SVGPathElement>(".rv-bars .rv-then");
    ghost.setAttribute("d", bar(token, wrote));
    ghost.classList.toggle("rv-above", wrote > 0);
  };
  const dim = () => {
    if (page.played === dimmed) return;
    dimmed = page.played;
    for (const [t, node] of [...list.children].entries()) {
      node.classList.toggle("rv-later", dimmed !== null && t > dimmed);
    }
  };

  const mark = () => {
    const { reading } = page;
    const here = page.here();
    const pinned = `${page.pinned.unit},${page.pinned.layer},${page.pinned.direction}`;
    if (last.unit !== pinned) chosen = null; // what was done last decides
    last.unit = pinned;
    const about = subject();
    const whole = page.played !== null && page.reading.directions > 1 && page.played < reading.tokens.length - 1;
    // For what is not computed yet.
    const waits = typeof about === "number" ? whole : page.toCome({ ...here, token: page.played ?? 0 });
    page
      .part(".rv-account")
      .classList.toggle("rv-untold", waits || (page.played !== null && typeof about === "number")); // how a score ends
    parts[0].classList.toggle("rv-untold", waits);
    for (const part of parts) part.hidden = about === null;
    when.hidden = about !== "unit";
    if (about === null) return say([page.say("ledger_rnn")]);
    const seen = seenAt(here);
    const drawn =
      about === "unit" ? [here.unit, here.layer, here.direction, seen].join() : `class ${about} ${page.played}`;
    if (last.drawn !== drawn) {
      last.drawn = drawn;
      account = accountOf(about, here, seen);
      picture();
      tick(about, here);
    }
    dim();
    select(here.token);
    say(about === "unit" ? saidOfUnit(here, seen) : saidOfClass(about, here));
  };
  const say = (sentences: string[]) => tell(page.part(".rv-account"), sentences.join(" "));

  // Which button is chosen, without building them anew: the unit's number follows the pointer.
  const tick = (about: Subject, here: Here) => {
    const names = subjects();
    [...of.children].forEach((one, place) => {
      one.setAttribute("aria-checked", String(names[place] === about));
      one.setAttribute("tabindex", names[place] === about ? "0" : "-1");
    });
    if (of.lastElementChild) tell(of.lastElementChild, page.say("unit", { unit: page.unitOf(here) }));
  };
  const choose = (change: () => void) => {
    change();
    last.drawn = undefined;
    buttons();
    page.mark();
  };
  const buttons = () => {
    const names = subjects();
    const about = subject();
    const titles = names.map((name) =>
      name === "unit" ? page.say("unit", { unit: page.unitOf(page.here()) }) : page.classOf(page.reading.labels[name]),
    );
    const now = about === null ? -1 : names.indexOf(about);
    choices(of, about === null ? [] : titles, now, (place) =>
      choose(() => {
        chosen = names[place];
      }),
    );
    choices(when, [page.say("ledger_when_end"), page.say("ledger_when_word")], Number(follows), (place) =>
      choose(() => {
        follows = place === 1;
      }),
    );
  };

  const entry = (token: string, t: number) => {
    const number = make("span", {}, " ");
    return make("li", { "data-token": t }, make("bdi", { class: "rv-unseen" }, visible(token)), number);
  };
  const draw = () => {
    if (!page.shown) return;
    const { reading } = page;
    if (last.model !== reading.model) chosen = null;
    last = { ...last, model: reading.model, drawn: undefined };
    const words = reading.cell === "rnn" ? [] : reading.tokens;
    const entries = keyed(list, words, (t) => entry(words[t], t));
    entries.forEach((node, t) => {
      span(node, page.edges[t], page.edges[t + 1]);
    });
    numbers = entries.flatMap((node) => node.lastElementChild ?? []);
    const width = page.edges[page.edges.length - 1] + 1;
    list.style.width = `${width}px`;
    bars.setAttribute("width", String(width));
    buttons();
  };

  const wordOf = (event: Event) => {
    const node = closest(event, "li");
    return node ? wordAlone(Number(node.dataset.token)) : null;
  };
  list.addEventListener("pointerover", (event) => event.pointerType !== "touch" && page.hover(wordOf(event)));
  list.addEventListener("pointerleave", () => page.hover(null));
  list.addEventListener("click", (event) => {
    const place = wordOf(event);
    if (place) page.pin({ ...page.pinned, token: place.token });
  });
  walkable(of);
  walkable(when);
  return { draw, mark };
};
