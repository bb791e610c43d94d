// A place of the page as the fragment of an address: #model=…&text=…. A fragment never reaches a server.

import type { Hold } from "../client/contract";
import type { Destination } from "../client/types";
import { findFrom, findText } from "../model/finding";
import { sameBlock } from "../model/place";
import { MOST_CONDITIONS } from "../model/slices";
import { rangesOf, rangesText } from "../model/units";
import { fromLink, linkParts } from "../model/writing";
import type { Page } from "./page";

const LONGEST = 64000;
const MOST_HOLDS = 20;
const LONGEST_KEY = 40;
const LONGEST_HOLD = 11_000;
const LARGEST = 999_999; // of what a hold names: more than that there is of nothing

/** What a link for a class leaves out, what it asks, and the key of the room in which the answers are counted. */
export interface ForClass extends Pick<Page, "hiddenPanels" | "asking"> {
  key: string | null;
}
type Shown = Pick<
  Page,
  | "reading"
  | "view"
  | "holds"
  | "pinned"
  | "range"
  | "other"
  | "writingOf"
  | "findingOf"
  | "sliceOf"
  | "language"
  | "blocks"
  | "hiddenPanels"
  | "asking"
  | "roomHere"
>;

/** One unit is written as its number, so links to one from before there were lists go on working. */
const holdText = ({ signal, value, tokens, units, layer, direction }: Hold): string =>
  [signal, value, ...tokens, rangesText(units), layer, direction].join(":");

type Part = [name: string, value: string | number | null | undefined];

/** The pinned word and unit, and the range; `at`, where the unit is of another block than the first that is shown. */
const chosenParts = ({ reading, pinned, range, blocks }: Shown): Part[] => {
  const [block] = blocks();
  const away = pinned.unit !== null && !sameBlock(pinned, block);
  return [
    ["token", pinned.token === null ? null : pinned.token + reading.start],
    ["unit", pinned.unit],
    ["at", away ? `${pinned.layer}-${pinned.direction}` : null],
    ["range", range?.join("-")],
  ];
};

/** What this page itself leaves out and asks. */
const ownOf = ({ hiddenPanels, asking, roomHere }: Shown): ForClass => ({
  hiddenPanels,
  asking,
  key: roomHere()?.key ?? null,
});
const writingParts = ({ writingOf, view, reading }: Shown): Part[] => {
  const writing = view.tab === "write" ? writingOf(reading.model) : null;
  return writing ? linkParts(writing) : [];
};

const findingPart = ({ findingOf, view, reading }: Shown): Part => [
  "find",
  view.tab === "find" ? findText(findingOf(reading.model)) : null,
];

const slicePart = ({ sliceOf, view, reading }: Shown): Part => [
  "slice",
  view.tab === "slices" ? sliceOf(reading.model) : null,
];

/** The fragment of what is shown. What it leaves out and asks may be other than what this page does. */
export const writeFragment = (page: Shown, forClass?: ForClass): string => {
  const { hiddenPanels, asking, key } = forClass ?? ownOf(page);
  const { reading, view, other } = page;
  const parts: Part[] = [
    ["model", reading.model],
    ["text", reading.text],
    ["signal", view.signal],
    ["layer", view.layer],
    ["direction", view.direction],
    ["lang", page.language()],
    ["start", reading.start || null],
    ...(asking ? [] : chosenParts(page)), // else the link would tell the word that is asked for
    ["all", view.all ? 1 : null],
    ["view", view.tab || null],
    ["ledger", view.ledger ? 1 : null],
    ["chapter", asking ? null : view.chapter], // it may tell what is asked
    ["other_model", other?.model],
    ["other_text", other?.text],
    ...page.holds.map((hold): Part => ["hold", holdText(hold)]),
    ...writingParts(page),
    findingPart(page),
    slicePart(page),
    ["hide", [...hiddenPanels].join(",") || null],
    ["ask", asking],
    ["room", key],
  ];
  const place = new URLSearchParams();
  for (const [name, value] of parts) if (value !== null && value !== undefined) place.append(name, String(value));
  return `#${place}`;
};

/** A number of a fragment, if it is one. */
const whole = (text: string | null | undefined): number | undefined =>
  /^\d{1,7}$/.test(text ?? "") ? Number(text) : undefined;
/** What is too large becomes a number of which it is said that it is, and what is missing one of which that is said. */
const holdOf = (text: string): Hold => {
  const [signal, value, ...places] = text.split(":");
  const indices = places.map((place) => place.replace(/\d{7,}/g, String(LARGEST)));
  const [first, last, layer, direction] = [0, 1, 3, 4].map((place) => whole(indices[place]) ?? -1);
  const units = rangesOf(indices[2] ?? "") ?? [[-1, -1]];
  const held = Math.max(-LARGEST, Math.min(LARGEST, Number(value)));
  return { signal, value: held, tokens: [first, last], units, layer, direction };
};
const holdsOf = (texts: string[]): Hold[] =>
  texts.slice(0, MOST_HOLDS).map((text) => holdOf(text.slice(0, LONGEST_HOLD)));
/** The value without the parts that are undefined, so that it can be laid over another. */
const known = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;

export interface Asked {
  place: Destination;
  language: string | null;
  hide: string[];
  ask: string | null;
  /** The key of a room. */
  room: string | null;
  /** A chapter of the lesson. */
  chapter: string | null;
}

/** What a fragment asks for. Nothing in it is trusted: the page and the server check what they take. */
export const readFragment = (fragment: string): Asked => {
  const found = new URLSearchParams(fragment.replace(/^#/, ""));
  const text = (name: string) => found.get(name) ?? undefined;
  const number = (name: string) => whole(found.get(name));
  const start = number("start");
  const token = number("token");
  const at = text("at")?.split("-").map(whole);
  const other = known({ model: text("other_model"), text: text("other_text") });
  const place: Destination = {
    model: text("model")?.slice(0, LONGEST),
    text: text("text")?.slice(0, LONGEST),
    signal: text("signal")?.slice(0, LONGEST),
    start,
    token: token === undefined ? undefined : token - (start ?? 0),
    unit: number("unit"),
    layer: found.get("layer") === "all" ? "all" : number("layer"),
    direction: found.get("direction") === "both" ? "both" : number("direction"),
    at: at && { layer: at[0], direction: at[1] },
    all: found.has("all") ? found.get("all") === "1" : undefined,
    tab: text("view"),
    ledger: found.has("ledger") ? found.get("ledger") === "1" : undefined,
    range: text("range")?.split("-").map(Number),
    other: Object.keys(other).length ? other : undefined,
    writing: fromLink((name) => found.get(name)),
    finding: findFrom(found.get("find")),
    slice: text("slice")?.slice(0, MOST_CONDITIONS),
    holds: found.has("hold") ? holdsOf(found.getAll("hold")) : undefined,
  };
  return {
    place: known(place),
    language: found.get("lang"),
    hide: (found.get("hide") ?? "").split(",").filter(Boolean),
    ask: found.get("ask"),
    room: found.get("room")?.slice(0, LONGEST_KEY) || null,
    chapter: found.get("chapter"),
  };
};
