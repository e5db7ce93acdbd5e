/** Runs many programs, and shrinks one that breaks a law. */
import * as fc from "fast-check";
import { anyProgram, type Program } from "./program.ts";
import type { Violation } from "./record.ts";
import { runProgram } from "./run.ts";

export interface Counterexample {
  /** For `HOLDFAST_LAW_SEED`: that of the programs, and which of them it is. */
  readonly seed: string;
  readonly violations: readonly Violation[];
}

/** So many programs are made at a time. */
const CHUNK = 2000;

/** The programs `from` to `to` of a seed: each chunk has a seed of its own, so that any is quickly found again. */
function* programs(seed: number, from: number, to: number): Generator<readonly [index: number, program: Program]> {
  for (let first = from - (from % CHUNK); first < to; first += CHUNK) {
    const chunk = fc.sample(anyProgram, { seed: seed + first / CHUNK, numRuns: Math.min(CHUNK, to - first) });
    for (const [index, program] of chunk.entries()) if (first + index >= from) yield [first + index, program];
  }
}

/** The first counterexample to each law, among the programs `from` to `to` of `seed`. */
export async function findCounterexamples(
  seed: number,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Counterexample>> {
  const found = new Map<number, Counterexample>();
  for (const [index, program] of programs(seed, from, to)) {
    const violations = await runProgram(program);
    for (const { law } of violations)
      if (!found.has(law))
        found.set(law, { seed: `${seed}:${index}`, violations: violations.filter((each) => each.law === law) });
  }
  return found;
}

/** The smallest program found that breaks `law`, from the one that `seed` (as in {@link Counterexample}) names. */
export async function shrink(
  law: number,
  seed: string,
): Promise<{ readonly program: Program; readonly messages: readonly string[] } | undefined> {
  const [start, index] = seed.split(":").map(Number);
  if (start === undefined || index === undefined) return undefined;
  const breaches = async (program: Program): Promise<readonly string[]> =>
    (await runProgram(program)).filter((each) => each.law === law).map(({ message }) => message);
  const { counterexample } = await fc.check(
    fc.asyncProperty(anyProgram, async (program) => (await breaches(program)).length === 0),
    { seed: start + Math.floor(index / CHUNK), path: String(index % CHUNK), numRuns: CHUNK },
  );
  const program = counterexample?.[0];
  return program === undefined ? undefined : { program, messages: await breaches(program) };
}
