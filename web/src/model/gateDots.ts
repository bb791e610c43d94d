// How often each unit's gates are nearly shut and nearly open: a dot a unit and gate.

import type { ReadSignal } from "../client/contract";
import type { DirectionName, Known } from "../client/types";
import { counting } from "./numbers";
import type { Block, Unit } from "./place";
import type { Reading } from "./reading";

/** Below this a gate is nearly shut. */
export const SHUT = 0.1;
/** Above this it is nearly open. */
export const OPEN = 0.9;

/** The directions as units.json names them. */
export const WAYS_BY_NAME: readonly DirectionName[] = ["forward", "backward"];

/** A gate of a unit, and how often it is nearly shut and nearly open. */
export interface Dot extends Unit {
  /** Which of the gates. */
  gate: number;
  shut: number;
  open: number;
}
/** The same of every unit. */
interface Shares {
  shut: number[];
  open: number[];
}

/** The signals between 0 and 1; not the candidate, though PyTorch stacks it with them (`stackedOf`). */
export const gatesOf = ({ signals }: Pick<Reading, "signals">): ReadSignal[] => signals.filter(({ low }) => low === 0);

/** The shares over the words of a text. */
export const sharesOfReading = (reading: Reading, gate: ReadSignal, { layer, direction }: Block): Shares => {
  const { tokens, units } = reading;
  const share = (test: (value: number) => boolean) =>
    counting(units).map((unit) => {
      const values = tokens.map((_, t) => reading.value(gate, t, unit, layer, direction));
      return values.filter(test).length / tokens.length;
    });
  return { shut: share((value) => value < SHUT), open: share((value) => value > OPEN) };
};

/** The shares over the training texts, if they are known. */
const sharesOfTraining = (about: Known | null, gate: ReadSignal, { layer, direction }: Block): Shares | undefined =>
  about?.places?.[layer]?.[WAYS_BY_NAME[direction]]?.saturation?.[gate.name];

/** Every dot of some layers and directions, over the words of the text or over the training texts. */
export const dotsOf = (reading: Reading, blocks: Block[], about: Known | null, sentence: boolean): Dot[] =>
  blocks.flatMap(({ layer, direction }) =>
    gatesOf(reading).flatMap((signal, gate) => {
      const block = { layer, direction };
      const shares = sentence ? sharesOfReading(reading, signal, block) : sharesOfTraining(about, signal, block);
      if (!shares) return [];
      return shares.shut.map((shut, unit) => ({ gate, unit, layer, direction, shut, open: shares.open[unit] }));
    }),
  );
