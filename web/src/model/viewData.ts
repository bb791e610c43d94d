// The numbers of a view as a table, with what they come from: network, weights, text, what is held, and the settings.

import type { Hold } from "../client/contract";
import { csvOf, type Value } from "./csv";

/** What a view shows, as a table that a program reads: names of columns in English, numbers as numbers. */
export interface ViewData {
  /** Of the view, for the file's name. */
  what: string;
  /** The networks that it is about, by name. */
  networks: string[];
  /** What was read; left out where nothing was. */
  texts?: string[];
  /** What is held in it; left out where the view reads with nothing held. */
  holds?: readonly Hold[];
  /** What is chosen in the view. */
  settings: Record<string, unknown>;
  columns: string[];
  rows: Value[][];
}

/** All but the numbers. */
export type Described = Omit<ViewData, "columns" | "rows">;

/** A network as a file names it. */
export interface NamedNetwork {
  name: string;
  /** Of its weights, as its config.json has it; null where it says none. */
  weights_sha256: string | null;
}
/** Where the numbers of a file come from. */
export interface Provenance {
  rnnviz: string;
  view: string;
  networks: NamedNetwork[];
  texts: string[];
  holds: readonly Hold[];
  settings: Record<string, unknown>;
}

export const provenanceOf = (
  { what, texts = [], holds = [], settings }: Described,
  networks: NamedNetwork[],
  version: string,
): Provenance => ({ rnnviz: version, view: what, networks, texts, holds, settings });

export const viewCsv = ({ columns, rows }: ViewData, provenance: Provenance): string =>
  csvOf(provenance, columns, rows);
export const viewJson = ({ columns, rows }: ViewData, provenance: Provenance): string =>
  JSON.stringify({ provenance, columns, rows });
