import { expect, test } from "vitest";
import { FULL } from "../src/model/base64";
import { beginning, domainOf, nearestOf, pathOf, planeAsked, widestStep } from "../src/model/projection";
import { unpackReading } from "../src/model/reading";
import { gru } from "./payloads";

/** A reading of so many layers: hidden states by layer, direction, token and unit. */
const reading = (hidden: number[][][][], more = {}) => {
  const [layers, directions, tokens, units] = [
    hidden.length,
    hidden[0].length,
    hidden[0][0].length,
    hidden[0][0][0].length,
  ];
  const numbers = Int16Array.from(hidden.flat(3).map((one) => Math.round(one * FULL)));
  const zeros = hidden[0][0].map(() => 0);
  const base = gru(
    hidden[0][0].map((_, t) => `w${t}`),
    zeros,
    zeros,
  );
  const signal = { ...base.signals[2], place: 0 };
  const data = Buffer.from(numbers.buffer).toString("base64");
  const read = { ...base, signals: [signal], shape: [1, layers, directions, tokens, units], data, ...more };
  return unpackReading(read as typeof base);
};
const STATES = [
  [0.5, -0.5],
  [0.25, 1],
];
const PLANE = {
  axes: [
    [2, 4],
    [1, -1],
  ],
  offsets: [0.5, 10],
};

test("a path is where the states of the top layer lie, word by word", () => {
  const path = pathOf(
    reading([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
      [STATES],
    ]),
    PLANE,
  );
  expect(path[0][0]).toBeCloseTo(0.5 + 1 - 2, 3);
  expect(path[0][1]).toBeCloseTo(11, 3);
  expect(path[1][0]).toBeCloseTo(5, 3);
});

test("backward units follow the forward ones, and such a path has no beginning", () => {
  const both = reading([[STATES, STATES.map(([one, other]) => [other, one])]]);
  const plane = {
    axes: [
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ],
    offsets: [0, 0],
  };
  const [first] = pathOf(both, plane);
  expect(first[0]).toBeCloseTo(-0.5, 3);
  expect(first[1]).toBeCloseTo(0.5, 3);
  expect(beginning(both, plane)).toBeNull();
});

test("a path begins at the state before the first word, unless that is outside the window", () => {
  expect(beginning(reading([[STATES]]), PLANE)).toEqual([0.5, 10]);
  const learned = reading([[STATES]], { first: { hidden: [[[0.5, 0.5]]] } });
  expect(beginning(learned, PLANE)?.[0]).toBeCloseTo(3.5, 5);
  expect(beginning(reading([[STATES]], { start: 200 }), PLANE)).toBeNull();
});

test("of two answers the lead of the second is asked for, of more that of the present one", () => {
  expect(planeAsked({ model: "m", labels: ["a", "b"], answer: 0 })).toEqual({ model: "m", answer: 1 });
  expect(planeAsked({ model: "m", labels: ["a", "b", "c"], answer: 0 })).toEqual({ model: "m", answer: 0 });
});

test("the widest step is along the first axis where that is an answer's, else in the plane", () => {
  const path = [
    [0, 0],
    [1, 0],
    [1.5, 9],
  ] as const;
  expect(widestStep(path, true)).toBe(1);
  expect(widestStep(path, false)).toBe(2);
  expect(widestStep(path.slice(1, 2), true)).toBeNull();
});

test("the nearest points come first, and none that is too far away", () => {
  const points = [
    [0, 0],
    [3, 4],
    [1, 0],
  ] as const;
  expect(nearestOf(points, [0, 0], 2)).toEqual([0, 2]);
  expect(nearestOf(points, [0, 0], 5, 2)).toEqual([0, 2]);
});

test("a scale has room around its numbers, even where all are one", () => {
  expect(domainOf([0, 10])).toEqual([-0.5, 10.5]);
  expect(domainOf([2, 2])).toEqual([1, 3]);
});
