import { KeySet } from "../../src/input/index.ts";
import { expect, test } from "../harness.ts";

test("key set: a key is new once, through every growth", () => {
  const set = new KeySet();
  const keys = Array.from({ length: 20_000 }, (_, n) => `key-${n}`);
  expect(keys.filter((key) => !set.add(key))).toEqual([]);
  expect(set.size).toBe(20_000);
  expect(keys.filter((key) => set.add(key))).toEqual([]);
  expect(keys.filter((key) => !set.has(key))).toEqual([]);
  expect(keys.filter((key) => set.has(`${key}x`))).toEqual([]);
  expect(set.size).toBe(20_000);
});
