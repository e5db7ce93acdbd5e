/** Whether a test of a file carries a text in its title, or a `describe` around it does, as they stand in the source. */

const call =
  /\b(?:test|describe)\(\s*(?:"(?<text>(?:[^"\\\n]|\\.)*)"|'(?<single>(?:[^'\\\n]|\\.)*)'|`(?<template>(?:[^`\\]|\\.)*)`)/gu;
const hole = /\$\{[^}]*\}/u;

/** Of a template the pieces between its holes count, each by itself. */
export function hasTitle(source: string, text: string): boolean {
  return [...source.matchAll(call)].some(({ groups }) => {
    const { text: plain, single, template = "" } = groups ?? {};
    const pieces = plain === undefined && single === undefined ? template.split(hole) : [plain ?? single ?? ""];
    return pieces.some((piece) => piece.replaceAll(/\\(?=["'`])/gu, "").includes(text));
  });
}

/** A test that a page names: [the file below test](its link) "a part of its title". */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

/** Every test that `text` names, in their order. A file may be followed by several titles. */
export function testsIn(text: string): NamedTest[] {
  return [...text.matchAll(/\[(?<file>[\w./-]+\.test(?:-d)?\.ts)\]\([^)]*\)(?<titles>(?:,? "[^"]+")+)/gu)].flatMap(
    ({ groups }) =>
      [...String(groups?.["titles"]).matchAll(/"(?<title>[^"]+)"/gu)].map((found) => ({
        file: String(groups?.["file"]),
        title: String(found.groups?.["title"]),
      })),
  );
}
