import { expect, test } from "vitest";
import type { Props } from "../src/client/types";
import { Names, NO_NETWORK } from "../src/i18n/names";
import { unpackReading } from "../src/model/reading";
import { gru } from "./payloads";

class Known extends Names {
  readonly shown = { ...unpackReading(gru(["a"], [0], [1])), model: "next" } as Names["reading"];
  readonly reading = this.shown;
}
const words = { quoted: "“{word}”", class_positive: "gut" };
const models = [{ name: "next", task: "next" }, { name: "other" }];
const names = new Known({ words, language: "en", models } as unknown as Props);

test("a class is named as its own network has it, whichever network reads", () => {
  expect(names.classOf("positive")).toBe("“positive”");
  expect(names.classOf("positive", "other")).toBe("gut");
  expect(names.classesOf(["positive", "\n"], "next")).toEqual(["“positive”", "“↵”"]);
  expect(names.classesOf(["positive", "x"], NO_NETWORK)).toEqual(["gut", "x"]);
});
