// An array as NumPy's own format has it, version 1: its header ends at a multiple of 64 bytes.

export const npy = (kind: string, shape: readonly number[], bytes: Uint8Array): Uint8Array => {
  const sizes = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const header = `{'descr': '${kind}', 'fortran_order': False, 'shape': ${sizes}, }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(length + bytes.length);
  file.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  file.set(new TextEncoder().encode(`${header.padEnd(length - 11)}\n`), 10);
  file.set(bytes, length);
  return file;
};
/** A text as an array of bytes. */
export const npyText = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text);
  return npy("|u1", [bytes.length], bytes);
};
