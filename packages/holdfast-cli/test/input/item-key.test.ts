import { itemKey, KeyProblem } from "../../src/input/item-key.ts";
import { expect, test } from "../harness.ts";

for (const [title, item, path, key] of [
  ["a string is its own key", { id: "a" }, "id", "a"],
  ["a number becomes a string", { id: 7.5 }, "id", "7.5"],
  ["0 is a key", { id: 0 }, "id", "0"],
  ["a boolean becomes a string", { id: false }, "id", "false"],
  ["dots go into objects", { user: { id: "u" } }, "user.id", "u"],
  ["a number goes into an array", { users: [{ id: "u" }] }, "users.0.id", "u"],
  ["a field that is named with the dots goes first", { "user.id": "x", user: { id: "u" } }, "user.id", "x"],
] as const) {
  test(`key: ${title}`, () => {
    expect(itemKey(item, path)).toBe(key);
  });
}

for (const [title, item, path, reason] of [
  ["a missing field", { a: 1 }, "id", 'has no field "id"'],
  ["an inherited field", {}, "toString", 'has no field "toString"'],
  ["a path that ends early", { user: null }, "user.id", 'has no field "user.id"'],
  [
    "a number too large to be exact, which others become too",
    JSON.parse('{"id":12345678901234567891}'),
    "id",
    'has a number in field "id" that is too large to be exact (12345678901234567000), so it may stand for another; write it as a string',
  ],
  ["null", { id: null }, "id", 'has null in field "id", where a string or a number belongs'],
  ["an object", { id: {} }, "id", 'has an object in field "id", where a string or a number belongs'],
  ["an array", { id: [1] }, "id", 'has an array in field "id", where a string or a number belongs'],
  ["an empty string", { id: "" }, "id", 'has an empty field "id"'],
  ["half a character", { id: "a\ud800" }, "id", 'has half a character (a lone surrogate) in field "id"'],
  ["a NUL", { id: "a\0" }, "id", 'has a NUL character in field "id"'],
  ["an item without fields", "text", "id", 'is a string, which has no field "id"'],
  ["a null item", null, "id", 'is null, which has no field "id"'],
] as const) {
  test(`key: ${title} is no key`, () => {
    expect(itemKey(item, path)).toEqual(new KeyProblem(reason));
  });
}
