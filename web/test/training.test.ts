import { expect, test, vi } from "vitest";
import type { Question } from "../src/client/types";
import { type Arithmetic, fastArithmetic, plain } from "../src/engine/training/arithmetic";
import { batchesOf } from "../src/engine/training/learner";
import type { News } from "../src/engine/training/learning";
import type { Wanted } from "../src/engine/training/offers";
import { Random } from "../src/engine/training/random";
import { inWorker, type Message, type Trainer } from "../src/engine/training/trainers";
import { trainings } from "../src/engine/training/trainings";

const random = new Random(1);
const EVERY_WAY: [string, () => Arithmetic][] = [
  ["plainly", () => plain],
  ["in WebAssembly", () => fastArithmetic(1)],
];
const fill = (values: Float64Array) => {
  for (const place of values.keys()) values[place] = random.uniform(-1, 1);
  return values;
};
const SIZES = [
  [1, 1, 1],
  [1, 4, 3],
  [2, 5, 7],
  [3, 9, 4],
  [70, 6, 2],
  [130, 3, 5],
  [65, 12, 8],
  [5, 8, 1],
];

test.each(EVERY_WAY)("products of matrices of every odd size are the sums of plain loops, %s", (_name, make) => {
  const arithmetic = make();
  for (const [rows, columns, inner] of SIZES) {
    const left = fill(arithmetic.numbers(1 + rows * inner));
    const right = fill(arithmetic.numbers(columns * inner));
    const out = fill(arithmetic.numbers(2 + rows * columns));
    const wanted = out.slice();
    for (let row = 0; row < rows; row += 1)
      for (let column = 0; column < columns; column += 1)
        for (let k = 0; k < inner; k += 1)
          wanted[2 + row * columns + column] += left[1 + row * inner + k] * right[k * columns + column];
    arithmetic.addProducts(out, 2, left, 1, right, rows, columns, inner);
    for (const [place, one] of out.entries()) expect(one).toBeCloseTo(wanted[place], 12);
  }
});

test.each(EVERY_WAY)("the gradient of a matrix is the sum over all rows, however many they are, %s", (_name, make) => {
  const arithmetic = make();
  for (const [rows, lefts, rights] of SIZES) {
    const left = fill(arithmetic.numbers(1 + rows * lefts));
    const right = fill(arithmetic.numbers(2 + rows * rights));
    const out = fill(arithmetic.numbers(lefts * rights));
    const wanted = out.slice();
    for (let row = 0; row < rows; row += 1)
      for (let i = 0; i < lefts; i += 1)
        for (let j = 0; j < rights; j += 1)
          wanted[i * rights + j] += left[1 + row * lefts + i] * right[2 + row * rights + j];
    arithmetic.addOuterProducts(out, left, 1, right, 2, rows, lefts, rights);
    for (const [place, one] of out.entries()) expect(one).toBeCloseTo(wanted[place], 12);
  }
});

test("what WebAssembly's memory has no room for is multiplied plainly, and where it is forbidden all is", () => {
  const full = fastArithmetic(1);
  const [small, large] = [full.numbers(8), full.numbers(200_000)];
  expect(large.buffer).not.toBe(small.buffer);
  const [left, right] = [fill(full.numbers(4)), fill(full.numbers(4))];
  full.addProducts(large, 0, left, 0, right, 1, 1, 4);
  expect(large[0]).toBeCloseTo(
    left.reduce((sum, value, place) => sum + value * right[place], 0),
    12,
  );
  vi.stubGlobal("WebAssembly", { ...WebAssembly, Memory: WebAssembly.Memory, Module: undefined });
  expect(fastArithmetic()).toBe(plain);
  vi.unstubAllGlobals();
  expect(fastArithmetic()).not.toBe(plain);
});

test("one seed draws the same numbers again, spread evenly, and another seed others", () => {
  const [one, again, other] = [new Random(7), new Random(7), new Random(8)];
  const drawn = Array.from({ length: 6_000 }, () => one.share());
  expect(drawn).toEqual(drawn.map(() => again.share()));
  expect(drawn.filter((share) => share === other.share()).length).toBe(0);
  const counts = Array.from({ length: 6 }, (_, part) => drawn.filter((share) => Math.floor(share * 6) === part).length);
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect([...one.permutation(50)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, place) => place));
});

test("an epoch reads every text once, in batches of equal length that are as large as the tokens allow", () => {
  const lengths = Array.from({ length: 300 }, () => 1 + random.below(9));
  const batches = batchesOf(
    lengths.map((length) => new Int32Array(length)),
    40,
    random,
  );
  expect(batches.flat().sort((one, other) => one - other)).toEqual([...lengths.keys()]);
  for (const batch of batches) {
    expect(new Set(batch.map((text) => lengths[text])).size).toBe(1);
    expect(batch.length * lengths[batch[0]]).toBeLessThanOrEqual(40);
  }
  const short = batches.filter((batch) => batch.length < Math.floor(40 / lengths[batch[0]]));
  expect(short.length).toBeLessThanOrEqual(9); // one a length
});

// --- the line --------------------------------------------------------------------------------------------------------

const ASKED = { task: "parity", cell: "lstm", units: 3 } as const;
const newsAt = (fraction: number) => ({ fraction, trained: { texts: fraction } }) as News;

/** Trainings that a test leads by the hand: who learns, and what each is said to have done. */
const desk = () => {
  const running: { wanted: Wanted; hear: (message: Message) => void; stopped: boolean }[] = [];
  let now = 100;
  const trainer: Trainer = (wanted, hear) => {
    const one = { wanted, hear, stopped: false };
    running.push(one);
    return () => {
      one.stopped = true;
    };
  };
  const asked = trainings({ tokenise: (text) => text.split(" ").filter(Boolean), trainer, clock: () => now });
  const start = async (units = 3) => (await asked.train_start({ ...ASKED, units })).ticket ?? "";
  const poll = (ticket: string, more: Partial<Question<"train_poll">> = {}) => asked.train_poll({ ticket, ...more });
  const pass = (seconds: number) => {
    now += seconds;
  };
  return { asked, running, start, poll, pass };
};

test("one learns at a time, in the order of the line, and everybody moves up when one leaves", async () => {
  const { asked, running, start, poll } = desk();
  const tickets = [await start(1), await start(2), await start(3)];
  const places = async () => Promise.all(tickets.map(async (ticket) => (await poll(ticket)).place));
  expect(await places()).toEqual([0, 1, 2]);
  await asked.train_cancel({ ticket: tickets[1] });
  expect(await places()).toEqual([0, 0, 1]);
  running[0].hear({ over: true });
  expect((await poll(tickets[0])).state).toBe("done");
  expect(running.map(({ wanted }) => wanted.units)).toEqual([1, 3]);
});

test("a training that is cancelled is stopped, and what it still says changes nothing", async () => {
  const { asked, running, start, poll } = desk();
  const ticket = await start();
  running[0].hear({ news: newsAt(0.5) });
  await asked.train_cancel({ ticket });
  running[0].hear({ news: newsAt(0.9) });
  running[0].hear({ over: true });
  expect(running[0].stopped).toBe(true);
  expect(await poll(ticket, { since: 0 })).toMatchObject({ state: "cancelled", seq: 1 });
  expect([asked.trained(ticket), asked.trained("nobody's")]).toEqual([{ texts: 0.5 }, null]);
});

test("whoever takes longer than there is time is cut off; the clock runs from when somebody learns", async () => {
  const { running, start, poll, pass } = desk();
  const [ticket, next] = [await start(), await start()];
  pass(100);
  running[0].hear({ begun: true });
  pass(179);
  running[0].hear({ news: newsAt(0.4) });
  expect(await poll(ticket)).toMatchObject({ state: "running", seconds: 179, cut: false });
  pass(2);
  running[0].hear({ news: newsAt(0.5) });
  expect(await poll(ticket)).toMatchObject({ state: "done", seconds: 181, cut: true });
  expect(running[0].stopped).toBe(true);
  running[1].hear({ begun: true });
  pass(181);
  running[1].hear({ news: newsAt(1) });
  expect(await poll(next)).toMatchObject({ cut: false });
});

test("the curve comes only where there is something new, and is thinned out to 200 points", async () => {
  const { running, start, poll } = desk();
  const ticket = await start();
  for (let step = 1; step <= 450; step += 1) {
    const point = { step, epoch: 1, fraction: step / 450, loss: 1, accuracy: 0, learning_rate: 0.1 };
    running[0].hear({ news: { ...newsAt(step / 450), point } });
  }
  const { curve } = await poll(ticket);
  expect(curve?.step.length).toBeLessThanOrEqual(200);
  expect([curve?.step[0], curve?.step.at(-1)]).toEqual([1, 450]);
  expect("curve" in (await poll(ticket, { since: 450 }))).toBe(false);
});

test("a line that is too long is said, and a place in it comes free", async () => {
  const { asked, start } = desk();
  const tickets: string[] = [];
  for (let count = 0; count < 9; count += 1) tickets.push(await start());
  expect(await asked.train_start(ASKED)).toMatchObject({ error: "training_line", values: { waiting: 8 } });
  await asked.train_cancel({ ticket: tickets[4] });
  expect(await start()).not.toBe("");
});

// --- where it runs ---------------------------------------------------------------------------------------------------

const SMALL: Wanted = {
  task: "parity",
  cell: "rnn",
  units: 1,
  learningRate: 0.01,
  length: 2,
  watch: ["1"],
  seed: 0,
  forgetBias: 0,
  detach: 0,
};

/** A worker that does what a test says. */
const fake = () => ({ postMessage: vi.fn(), terminate: vi.fn(), onmessage: null, onerror: null }) as unknown as Worker;

test("where no worker can be started, or where it dies, the training has failed, and it is said", async () => {
  const hear = vi.fn();
  const failed = { objection: expect.objectContaining({ error: "training_broke" }) };
  inWorker(() => {
    throw new Error("the policy forbids it");
  })(SMALL, hear);
  await vi.waitFor(() => expect(hear).toHaveBeenLastCalledWith(failed));

  const dying = fake();
  inWorker(() => dying)(SMALL, hear);
  dying.onmessage?.({ data: { training: { begun: true } } } as MessageEvent);
  expect(hear).toHaveBeenLastCalledWith({ begun: true });
  dying.onerror?.(new Event("error", { cancelable: true }) as ErrorEvent);
  expect(hear).toHaveBeenLastCalledWith(failed);
});

test("a training in a worker is sent as it was asked, and stopped by ending the worker", () => {
  const worker = fake();
  const stop = inWorker(() => worker)(SMALL, vi.fn());
  expect(worker.postMessage).toHaveBeenCalledWith({ train: SMALL });
  stop();
  expect(worker.terminate).toHaveBeenCalledOnce();
});
