/** The fourteen laws as tests. */
import { beforeAll, describe, expect, test } from "../harness.ts";
import { type Counterexample, findCounterexamples, shrink } from "./check.ts";

export const LAWS: Readonly<Record<number, string>> = {
  1: "when a group settles, every function that it was given has settled, and every cleanup has run",
  2: "every failure is told exactly once",
  3: "a rejection that only reports a cancellation is never listed as a failure",
  4: "the shape of an error depends on what was called, not on how many failed or when",
  5: "failures go before an abort from outside, that before the own deadline, that before the own cancel; if nothing rejected, the value stands",
  6: "what is inside neither hides nor fires a cancellation from outside",
  7: "the first cause wins, and never changes",
  8: "a wait that rejects by cancellation had no effect, one that had an effect resolves",
  9: "a function that was taken is called exactly once, one that was refused never",
  10: "nothing is left: no promise, no listener, no timer, no scope",
  11: "a shield hides what is outside, and that for no longer than its grace",
  12: "a cancellation is told once, to everybody below",
  13: "hooks that throw crash nothing and keep no other from being called",
  14: "cancel() is synchronous, idempotent, and safe anywhere",
};

/** Milliseconds for all programs together. */
const LIMIT = 1_200_000;

interface Environment {
  readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
}

/** Registers a test for each law, over `count` programs from `seed` on, or over the one program that the environment names. */
export function defineLaws(seed: number, count: number): void {
  const env = (globalThis as Environment).process?.env;
  const named = env?.["HOLDFAST_LAW_SEED"];
  const [start = String(seed), path] = named?.split(":") ?? [];
  const range =
    path === undefined
      ? { from: 0, to: count }
      : { from: Number(path.split(":")[0]), to: Number(path.split(":")[0]) + 1 };
  describe(`${range.to - range.from} random programs from seed ${start}`, () => {
    let found: Promise<ReadonlyMap<number, Counterexample>>;
    beforeAll(() => {
      found = findCounterexamples(Number(start), range.from, range.to);
    });

    for (const [law, title] of Object.entries(LAWS))
      test(
        `law ${law}: ${title}`,
        async () => {
          const counterexample = (await found).get(Number(law));
          if (counterexample === undefined) return;
          // Whoever only asks whether a law is broken has no use for what takes a hundred times as long.
          const small =
            env?.["HOLDFAST_LAWS_SHRINK"] === "no" ? undefined : await shrink(Number(law), counterexample.seed);
          expect.fail(
            `HOLDFAST_LAW_SEED=${counterexample.seed}\n${counterexample.violations.map(({ message }) => message).join("\n")}\n` +
              `the smallest program found, which breaks: ${small?.messages.join("; ") ?? ""}\n${JSON.stringify(small?.program)}`,
          );
        },
        LIMIT,
      );
  });
}
