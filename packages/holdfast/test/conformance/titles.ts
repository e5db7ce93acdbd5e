/** The titles of the tests of a file, as they stand in its source. */

/** A call of `test` and its first argument: a string, or a template. */
const call = /\btest\(\s*(?:"(?<text>(?:[^"\\\n]|\\.)*)"|`(?<template>(?:[^`\\]|\\.)*)`)/gu;
const loop = /\bfor \(const /gu;
const literal = /"(?<text>(?:[^"\\\n]|\\.)*)"/gu;
const hole = /\$\{[^}]*\}/u;

/**
 * One text for each call of `test`. A template inside a loop gives more: its first hole filled with each string between the loop's beginning and the call
 * (`for (const name of ["test_a", …])`), the others left out.
 */
export function titlesOf(source: string): string[] {
  return [...source.matchAll(call)].flatMap(({ index, groups }) => {
    const { text, template = "" } = groups ?? {};
    if (text !== undefined) return [text];
    const before = source.slice(0, index);
    const begin = [...before.matchAll(loop)].at(-1)?.index ?? index;
    const fillings = [...before.slice(begin).matchAll(literal)].map((found) => found.groups?.["text"] ?? "");
    return ["", ...fillings].map((filling) =>
      template
        .replace(hole, () => filling)
        .replaceAll(new RegExp(hole, "gu"), "")
        .replaceAll("\\`", "`"),
    );
  });
}
