// The pass with which this tab answers in a room, or looks at one that it opened. It is random and says nothing of who
// has it; it is kept until the tab is closed, so that who loads the page again is not counted twice.

export const KEPT_PASS = "rnnviz-room";

interface Pass {
  pass: string;
  /** The link for the class, where this tab opened the room. */
  link: string | null;
}

/** The pass for a room: that of this tab, or a new one. */
export const passFor = (key: string): Pass => kept(key) ?? keepPass(key, { pass: newPass(), link: null });

export const keepPass = (key: string, own: Pass): Pass => {
  try {
    sessionStorage.setItem(KEPT_PASS, JSON.stringify({ key, ...own }));
  } catch {
    // it lasts until the page is left
  }
  return own;
};
const kept = (key: string): Pass | null => {
  try {
    const found = Object(JSON.parse(sessionStorage.getItem(KEPT_PASS) ?? "null"));
    const { pass, link } = found;
    return found.key === key && typeof pass === "string"
      ? { pass, link: typeof link === "string" ? link : null }
      : null;
  } catch {
    return null;
  }
};
/** 128 bits; also where a page without HTTPS has no randomUUID. */
const newPass = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
