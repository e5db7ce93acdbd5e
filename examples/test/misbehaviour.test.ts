import { behaviourOf, fateOf, pageOf } from "../fetch-pages/misbehaviour.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";

const paths = Array.from({ length: 2_000 }, (_, index) => `/pages/${index + 1}`);

test("a seed orders the same misbehaviour for the same path and attempt, in any order of asking", () => {
  const ask = (path: string): unknown => [1, 2, 3].map((attempt) => behaviourOf(7, path, attempt));
  expect(paths.toReversed().map(ask).toReversed()).toEqual(paths.map(ask));
});

test("seed 7 is the internet that the examples were written on", () => {
  expect(paths.slice(0, 8).map((path) => behaviourOf(7, path, 1))).toEqual([
    { kind: "reset", delay: 51, midway: true },
    { kind: "page", delay: 65 },
    { kind: "error", delay: 56, status: 500 },
    { kind: "page", delay: 27 },
    { kind: "page", delay: 826 },
    { kind: "page", delay: 51 },
    { kind: "page", delay: 44 },
    { kind: "page", delay: 74 },
  ]);
  expect(pageOf(7, "/pages/1").title).toBe("Dusty bollards, page 1");
});

test("another seed is another internet", () => {
  const gone = (seed: number): string[] => paths.filter((path) => fateOf(seed, path) === "gone");
  expect(gone(8)).not.toEqual(gone(7));
});

test("2,000 pages meet every kind of misbehaviour, in the proportions that misbehaviour.ts names", () => {
  const kinds: Record<string, number> = {};
  for (const path of paths) {
    const { kind } = behaviourOf(7, path, 1);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  expect(kinds).toEqual({ page: 1_669, error: 121, reset: 59, gone: 57, busy: 52, hang: 42 });
});

test("a page that is gone is gone in the same way on every attempt", () => {
  const path = paths.find((candidate) => fateOf(7, candidate) === "gone") ?? "none";
  const statuses = [1, 2, 3, 4].map((attempt) => {
    const behaviour = behaviourOf(7, path, attempt);
    return behaviour.kind === "gone" ? behaviour.status : behaviour.kind;
  });
  expect(statuses).toEqual([404, 404, 404, 404]);
});

test("a broken page answers 500 on every attempt", () => {
  const path = paths.find((candidate) => fateOf(7, candidate) === "broken") ?? "none";
  const answers = [1, 2, 3, 4, 5, 6].map((attempt) => {
    const behaviour = behaviourOf(7, path, attempt);
    return behaviour.kind === "error" ? behaviour.status : behaviour.kind;
  });
  expect(answers).toEqual([500, 500, 500, 500, 500, 500]);
});
