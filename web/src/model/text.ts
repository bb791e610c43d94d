// Texts as the page shows and sends them.

// Control, zero-width and direction marks are shown as what they are; other scripts and emoji stay whole.
export const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]/g;

export const visible = (token) =>
  token.replace(INVISIBLE, (mark, place, whole) => {
    const code = mark.codePointAt(0);
    if (code === 0x200d && place > 0 && place < whole.length - 1) return mark; // joins an emoji family
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "◌";
  });

// A word that runs leftwards keeps its direction to itself: an Arabic word does not turn the sentence round.
export const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802-\ud803\ud83a-\ud83b]/;

export const isolated = (token) => (LEFTWARDS.test(token) ? `\u2068${visible(token)}\u2069` : visible(token));

// Half of a character that needs two cannot be sent; it becomes the mark for something unreadable.
export const wellFormed = (text) =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");

// A request holds 64 kB; of a text that would be too long the beginning is sent.
export const sendable = (typed, most = 60000) => {
  let whole = wellFormed(typed);
  while (new TextEncoder().encode(JSON.stringify(whole)).length > most)
    whole = wellFormed(whole.slice(0, Math.floor(whole.length * 0.9)));
  return whole;
};
