import { beforeEach, expect, test, vi } from "vitest";
import { KEPT_PASS, keepPass, passFor } from "../src/state/roomPass";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
});

test("a tab that goes from room to room has one pass in each of them", () => {
  const [one, other] = [passFor("ONE"), passFor("OTHER")];
  expect(one.pass).not.toBe(other.pass);
  expect([passFor("ONE"), passFor("OTHER")]).toEqual([one, other]);
});

test("whoever opened a room still has its link after answering in another", () => {
  keepPass("OWN", { pass: "owner", link: "#room=OWN" });
  passFor("OTHER");
  expect(passFor("OWN")).toEqual({ pass: "owner", link: "#room=OWN" });
  expect(passFor("__proto__").link).toBeNull();
});

test("of very many rooms the last are kept, and what makes no sense is passed over", () => {
  const first = passFor("0");
  for (let room = 1; room <= 20; room += 1) passFor(String(room));
  expect(passFor("0")).not.toEqual(first);
  for (const strange of ["{", "{}", '[["A",{"pass":1}],[1],null]']) {
    sessionStorage.setItem(KEPT_PASS, strange);
    expect(passFor("A").link).toBeNull();
  }
});
