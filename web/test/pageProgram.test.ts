import { expect, it } from "vitest";
import { type OnScreen, pageProgram } from "../src/model/pageProgram";

const SHOWN: OnScreen = {
  model: "m",
  tokens: "words",
  task: "classify",
  text: 'a "b"',
  most: null,
  reading: { layers: 1, units: 32, read: 5, start: 0, tokens: ["a", '"', "b", '"', "."] },
  holds: [],
  here: { token: 1, unit: 7, layer: 0, direction: 0 },
  compared: null,
};

it.each([
  [{ units: [[0, 31]], tokens: [0, 4], direction: 0 }, 'rnnviz.Clamp("input", 0, layer=0),'],
  [
    { units: [[5, 5]], tokens: [3, 3], direction: 1 },
    'Clamp("input", 0, tokens=3, units=5, layer=0, direction="backward"),',
  ],
  [
    {
      units: [
        [0, 15],
        [20, 20],
      ],
      tokens: [1, 3],
      direction: 0,
    },
    'rnnviz.Clamp("input", 0, tokens=slice(1, 4), units=[*range(0, 16), 20], layer=0),',
  ],
])("a hold is one clamp, whatever it covers", (hold, wanted) => {
  const holds = [{ signal: "input", value: 0, layer: 0, ...hold }] as unknown as OnScreen["holds"];
  expect(pageProgram({ ...SHOWN, holds })).toContain(wanted);
});

it("a text that is not read to its end is cut where the page cuts it, and a network without a name is a folder", () => {
  const program = pageProgram({ ...SHOWN, model: "own-l2x", most: 2000 });
  expect(program).toContain('text = network.vocabulary.joined(network.vocabulary.tokenise("a \\"b\\"")[:2000])');
  expect(program).toContain('rnnviz.load("path/of/its/folder")');
});
