// The files of a reading with what they come from, each kind in the place that it has for that.

import { unzipSync, zipSync } from "fflate";
import { joined } from "./bytes";
import { remarksOf } from "./csv";
import { npyText } from "./npy";
import type { Provenance } from "./viewData";

const MARK = 3; // the bytes by which a spreadsheet knows the encoding
const SIGNATURE = 8;
const HEADER = 25; // the first chunk of a PNG: its length, name, 13 bytes and checksum

const written = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Of a PNG's chunk: its name and its bytes. */
const checksum = (bytes: Uint8Array): number => {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
};
const fourBytes = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
};
/** A chunk of text: a keyword, uncompressed, in no language, and the text in UTF-8. */
const textChunk = (keyword: string, text: string): Uint8Array => {
  const chunk = written(`iTXt${keyword}\0\0\0\0\0${text}`);
  return joined(fourBytes(chunk.length - 4), chunk, fourBytes(checksum(chunk)));
};

/** By the kind of file. */
export const described: Record<"csv" | "json" | "npz" | "png", (file: Uint8Array, about: Provenance) => Uint8Array> = {
  csv: (file, about) => joined(file.subarray(0, MARK), written(remarksOf(about)), file.subarray(MARK)),
  json: (file, about) => joined(written(`{"provenance":${JSON.stringify(about)},`), file.subarray(1)),
  npz: (file, about) => zipSync({ ...unzipSync(file), "provenance.npy": npyText(JSON.stringify(about)) }),
  png: (file, about) => {
    const start = SIGNATURE + HEADER;
    return joined(file.subarray(0, start), textChunk("provenance", JSON.stringify(about)), file.subarray(start));
  },
};
