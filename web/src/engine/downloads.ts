// A reading as a file: CSV for a spreadsheet, JSON and .npz without any loss, as rnnviz/page/downloads.py.

import { type Zippable, zipSync } from "fflate";
import type { Attributions, Download } from "../client/contract";
import { base64Of } from "../model/base64";
import { field, harmless } from "../model/csv";
import { npy, npyText } from "../model/npy";
import { unknownName } from "./choices";
import { general } from "./pythonText";
import { argmax, type Trace, verdictAt } from "./trace";

const KINDS: Record<string, { type: string; made: (trace: Trace, shared?: Attributions) => Uint8Array }> = {
  csv: { type: "text/csv", made: (trace, shared) => new TextEncoder().encode(`\ufeff${toCsv(trace, shared)}`) }, // the mark for Excel
  json: { type: "application/json", made: (trace, shared) => new TextEncoder().encode(toJson(trace, shared)) },
  npz: { type: "application/octet-stream", made: (trace) => toNpz(trace) },
};
const DIRECTIONS = ["forward", "backward"];
const FORMAT = 1;

/** The kind of file that is asked for; EngineError if there is none. */
export const kindOfFile = (asked: unknown): string => {
  const kinds = Object.keys(KINDS);
  if (typeof asked === "string" && kinds.includes(asked)) return asked;
  throw unknownName("file", String(asked).slice(0, 40), kinds);
};

/** A reading as a file; CSV and JSON also have what each word gives to a score, where that is given. */
export const download = (trace: Trace, kind: string, shared?: Attributions): Download => {
  const { type, made } = KINDS[kind];
  return { type, data: base64Of(made(trace, shared)) };
};

/** One row a layer, direction, token and unit: all signals, and the answer had the text ended at that token. */
export const toCsv = (trace: Trace, shared?: Attributions): string => {
  const names = [...trace.signals.keys()];
  const measures = shared?.measures ?? [];
  const answers = [
    ...trace.labels.map((label) => harmless(`p(${label})`)),
    ...measures.map(({ method }) => `${method}(${shared?.labels[shared.scored]})`),
  ];
  const lines = [["layer", "direction", "position", "token", "unit", ...names, ...answers].map(field).join(",")];
  const signals = [...trace.signals.values()];
  const verdicts = trace.tokens.map((_, t) =>
    [...verdictAt(trace, t), ...measures.map(({ parts }) => parts[t])].map(sevenDigits),
  );
  const tokens = trace.tokens.map((token) => field(harmless(token)));
  const rows = trace.layers * trace.directions * trace.tokens.length * trace.units;
  for (let at = 0; at < rows; at += 1) {
    const unit = at % trace.units;
    const row = (at - unit) / trace.units;
    const t = row % trace.tokens.length;
    const place = (row - t) / trace.tokens.length;
    const where = [Math.floor(place / trace.directions) + 1, DIRECTIONS[place % trace.directions], t + 1];
    const numbers = signals.map((values) => sevenDigits(values[at]));
    lines.push([...where, tokens[t], unit, ...numbers, ...verdicts[t]].join(","));
  }
  return `${lines.join("\n")}\n`;
};

const sevenDigits = (value: number): string => (Number.isNaN(value) ? "" : general(value, 7));

/** Everything in the trace; signals are [layer][direction][token][unit]. A number that is not finite becomes null. */
export const toJson = (trace: Trace, shared?: Attributions): string => {
  const { cell, tokens, unknown, labels } = trace;
  const [layers, directions] = [Array.from({ length: trace.layers }), Array.from({ length: trace.directions })];
  const size = tokens.length * trace.units;
  const nested = (values: Float32Array) =>
    layers.map((_, layer) =>
      directions.map((__, direction) => {
        const from = (layer * trace.directions + direction) * size;
        return tokens.map((___, t) => [...values.subarray(from + t * trace.units, from + (t + 1) * trace.units)]);
      }),
    );
  return JSON.stringify({
    cell,
    tokens,
    unknown,
    labels,
    label: labels[argmax(verdictAt(trace, tokens.length - 1))],
    verdicts: tokens.map((_, t) => [...verdictAt(trace, t)]),
    signals: Object.fromEntries([...trace.signals].map(([name, values]) => [name, nested(values)])),
    ...(shared ? { attribution: attributionOf(shared) } : {}),
  });
};

const attributionOf = ({ labels, scored, score, steps, measures }: Attributions) => {
  return { label: labels[scored], score, steps, measures };
};

/** The file that `Trace.load` reads. It says of no replay, since there was none. */
export const toNpz = (trace: Trace): Uint8Array => {
  const { cell, tokens, labels, readout, units, reads } = trace;
  const about = {
    format: FORMAT,
    cell,
    tokens,
    labels,
    pooling: readout.pooling,
    replay_error: null,
    ...(readout.linear ? {} : { linear: false }),
    ...(reads === "words" ? {} : { reads }),
  };
  const words = tokens.length;
  const files: Zippable = {
    "about.npy": npyText(JSON.stringify(about)),
    "unknown.npy": npy("|b1", [words], Uint8Array.from(trace.unknown, Number)),
    "verdicts.npy": npy("<f4", [words, labels.length], bytesOf(trace.verdicts)),
    "inputs.npy": npy("<f4", [words, trace.inputs.length / words], bytesOf(trace.inputs)),
    "weight.npy": npy("<f4", [labels.length, readout.weight.length / labels.length], bytesOf(readout.weight)),
    "bias.npy": npy("<f4", [labels.length], bytesOf(readout.bias)),
  };
  for (const [name, values] of trace.signals) {
    files[`signal_${name}.npy`] = npy("<f4", [trace.layers, trace.directions, words, units], bytesOf(values));
  }
  for (const [name, values] of trace.starts) {
    files[`start_${name}.npy`] = npy("<f4", [trace.layers, trace.directions, units], bytesOf(values));
  }
  return zipSync(files);
};

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
