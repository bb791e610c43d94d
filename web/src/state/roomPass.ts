// The passes with which this tab answers in rooms, or looks at those that it opened. A pass is random and says nothing of
// who has it; it is kept until the tab is closed, so that who comes back to a room is not counted twice.

export const KEPT_PASS = "rnnviz-room";
const MOST_KEPT = 20;

interface Pass {
  pass: string;
  /** The link for the class, where this tab opened the room. */
  link: string | null;
}

/** The pass for a room: the one that this tab has for it, or a new one. */
export const passFor = (key: string): Pass => kept().get(key) ?? keepPass(key, { pass: newPass(), link: null });

export const keepPass = (key: string, { pass, link }: Pass): Pass => {
  const all = kept();
  all.delete(key);
  all.set(key, { pass, link }); // the last one is the last to go
  try {
    sessionStorage.setItem(KEPT_PASS, JSON.stringify([...all].slice(-MOST_KEPT)));
  } catch {
    // it lasts until the page is left
  }
  return { pass, link };
};
/** The passes by room, as far as what is kept makes sense. */
const kept = (): Map<string, Pass> => {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT_PASS) ?? "[]");
    return new Map(Array.isArray(found) ? found.filter(isKept) : []);
  } catch {
    return new Map();
  }
};
const isKept = (entry: unknown): entry is [string, Pass] => {
  const [key, own] = Array.isArray(entry) ? entry : [];
  const { pass, link } = Object(own);
  return typeof key === "string" && typeof pass === "string" && (link === null || typeof link === "string");
};
/** 128 bits; also where a page without HTTPS has no randomUUID. */
const newPass = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
