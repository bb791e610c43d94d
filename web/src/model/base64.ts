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

/** Bytes in base64. */
export const base64Of = (bytes: Uint8Array): string => {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(letters);
};
