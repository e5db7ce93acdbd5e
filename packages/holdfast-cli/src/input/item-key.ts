/** An item's own name: the value of its key field. */

/** Why an item has no usable key, as the end of a sentence that begins with where the item stands. */
export class KeyProblem {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * Reads `path` ("id", "user.id") from an item. A field that is named with the dots goes first. Strings, exact
 * numbers and booleans are keys; 7 and "7" are the same one.
 */
export function itemKey(item: unknown, path: string): string | KeyProblem {
  if (!isObject(item)) return new KeyProblem(`is ${kindOf(item)}, which has no field "${path}"`);
  let value: unknown;
  if (Object.hasOwn(item, path)) {
    value = item[path];
  } else {
    value = item;
    for (const field of path.split(".")) {
      if (!isObject(value) || !Object.hasOwn(value, field)) return new KeyProblem(`has no field "${path}"`);
      value = value[field];
    }
  }
  // Ids of 64 bits lose digits when JSON is read as numbers: two items would have one key, and one would be lost.
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return new KeyProblem(
      `has a number in field "${path}" that is too large to be exact (${value}), so it may stand for another; write it as a string`,
    );
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string")
    return new KeyProblem(`has ${kindOf(value)} in field "${path}", where a string or a number belongs`);
  if (value === "") return new KeyProblem(`has an empty field "${path}"`);
  // SQLite's text ends at a NUL.
  if (value.includes("\0")) return new KeyProblem(`has a NUL character in field "${path}"`);
  // A lone half of a surrogate pair becomes U+FFFD in the journal: two different keys would become one item.
  if (/\p{Surrogate}/u.test(value)) return new KeyProblem(`has half a character (a lone surrogate) in field "${path}"`);
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
