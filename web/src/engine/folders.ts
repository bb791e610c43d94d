// A checkpoint's folder in a zip file: made of a network that was trained here, or opened as a visitor brings it.

import { unzipSync, zipSync } from "fflate";
import { FILES, type FileName } from "./files";
import { checkpointFiles } from "./training/checkpointZip";
import type { Trained } from "./training/learning";

/** The files of a folder, as the engine opens them. */
export type Folder = Partial<Record<FileName, Uint8Array>>;

const MOST_BYTES = 64_000_000; // of all files, unpacked
const isNeeded = (name: string): boolean => (FILES as readonly string[]).includes(baseName(name));
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const folderOf = (trained: Trained, name: string): Folder =>
  Object.fromEntries(Object.entries(checkpointFiles(trained, name)).filter(([file]) => isNeeded(file)));

/** With a README.md beside what the engine needs. */
export const zipOf = (trained: Trained, name: string): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(checkpointFiles(trained, name)).map(([file, bytes]) => [`${name}/${file}`, bytes]),
    ),
  );

/** The files of the first checkpoint in a zip file; nothing where it holds none, or is no zip file. */
export const unzipped = (zip: Uint8Array): Folder => {
  let left = MOST_BYTES;
  const seen = new Set<string>();
  const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
    const base = baseName(name);
    if (!isNeeded(name) || seen.has(base) || originalSize > left) return false;
    seen.add(base);
    left -= originalSize;
    return true;
  };
  try {
    const files = Object.entries(unzipSync(zip, { filter }));
    return Object.fromEntries(files.map(([name, bytes]) => [baseName(name), bytes]));
  } catch {
    return {};
  }
};
