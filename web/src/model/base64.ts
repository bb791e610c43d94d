// Numbers travel from Python as base64 of little-endian 16-bit integers.

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
};

export const numbersOf = (base64: string): Int16Array => new Int16Array(bytesOf(base64).buffer);

/** The largest of those integers; it stands for the scale of a signal. */
export const FULL = 32767;

const LETTERS = new TextEncoder().encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const FILLING = 61; // =

/** Bytes in base64, in a tenth of the time of `btoa`, which wants them as a text. */
export const base64Of = (bytes: Uint8Array): string => {
  const letters = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let at = 0, to = 0; at < bytes.length; at += 3, to += 4) {
    const three = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    letters[to] = LETTERS[three >> 18];
    letters[to + 1] = LETTERS[(three >> 12) & 63];
    letters[to + 2] = LETTERS[(three >> 6) & 63];
    letters[to + 3] = LETTERS[three & 63];
  }
  const over = bytes.length % 3;
  if (over) letters.fill(FILLING, letters.length - 3 + over);
  return new TextDecoder().decode(letters);
};
