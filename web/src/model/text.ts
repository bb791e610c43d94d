// Texts as the page shows and sends them.

// Control, zero-width and direction marks are shown as visible signs; other scripts and emoji stay whole.
const INVISIBLE = /[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/gu;
const JOINER = 0x200d;
/** A token that is a blank alone. */
const BLANKS = new Map([
  [" ", "␣"],
  ["\n", "↵"],
]);
/** A mark without the letter that it stands on. */
const MARK = /^\p{M}/u;
export const visible = (token: string): string => {
  const shown = BLANKS.get(token) ?? token;
  return (MARK.test(shown) ? "◌" : "") + withSigns(shown);
};
const withSigns = (token: string): string =>
  token.replace(INVISIBLE, (mark: string, at: number, whole: string) => {
    const code = mark.charCodeAt(0);
    if (code === JOINER && at > 0 && at < whole.length - 1) return mark; // joins an emoji family
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "◌";
  });

// Isolate a right-to-left word, so that it does not turn the sentence around it.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802-\ud803\ud83a-\ud83b]/;
export const isolated = (token: string): string =>
  RIGHT_TO_LEFT.test(token) ? `\u2068${visible(token)}\u2069` : visible(token);

// Replace half a surrogate pair, which cannot be sent, by the replacement character.
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
export const wellFormed = (text: string): string => text.replace(HALF, "\ufffd");

// A request holds 64 kB: shorten a text that would be too long from its end.
export const sendable = (typed: string, most = 60000): string => {
  const bytes = (text: string) => new TextEncoder().encode(JSON.stringify(text)).length;
  let whole = wellFormed(typed);
  while (bytes(whole) > most) whole = wellFormed(whole.slice(0, Math.floor(whole.length * 0.9)));
  return whole;
};

// Cut a text to so many letters, with an ellipsis where something is missing.
export const cutTo = (text: string, most: number): string => {
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
};

const MOST_TOLD = 40;
/** A token in a sentence, which has no room for a longer one. */
export const told = (token: string): string => isolated(cutTo(token, MOST_TOLD));

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
