/**
 * Programs made at random, nested groups, timeouts, cancellations and all, against rules R1, R2, R4, R6, R11 and R13 written down a second time: an oracle sees what every
 * task and body ended with, in order, and says what each group must do.
 */
import * as fc from "fast-check";
import {
  ErrorGroup,
  isCancellation,
  sleep,
  taskGroup,
  timeout,
  type Context,
  type Task,
  type TaskGroup,
} from "holdfast";
import { fieldsOf, root, setProbe } from "holdfast/lowlevel";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";

const clock = useFakeClock();

/** How a wait answers a cancellation. */
type Answer = "rethrows" | "swallows" | "converts";
type Step =
  | { readonly kind: "wait"; readonly ms: number; readonly answer: Answer }
  | { readonly kind: "ignore"; readonly ms: number }
  | { readonly kind: "spawn"; readonly steps: readonly Step[] }
  | { readonly kind: "join" | "cancelTask" | "cancelGroup" | "throw" }
  | { readonly kind: "group"; readonly steps: readonly Step[] }
  | { readonly kind: "timeout"; readonly ms: number; readonly steps: readonly Step[] };

const ms = fc.integer({ min: 0, max: 5 });
const { steps: someSteps } = fc.letrec<{ step: Step; steps: readonly Step[] }>((tie) => ({
  steps: fc.array(tie("step"), { maxLength: 4 }),
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("wait" as const),
        ms,
        answer: fc.constantFrom<Answer>("rethrows", "rethrows", "swallows", "converts"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("ignore" as const), ms }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("join" as const, "cancelTask" as const, "cancelGroup" as const, "throw" as const),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("spawn" as const), steps: tie("steps") }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("group" as const), steps: tie("steps") }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("timeout" as const), ms, steps: tie("steps") }) },
  ),
}));

/** What the oracle knows of a group. */
interface Account {
  readonly signal: AbortSignal;
  readonly outer: AbortSignal | undefined;
  /** In the order of failure. */
  readonly errors: unknown[];
  running: number;
  isEchoed: boolean;
  bodyReturned: boolean;
  /** What it must do, decided when it closes. */
  expected: { readonly errors: readonly unknown[] } | { readonly thrown: unknown } | "value" | undefined;
}

/** Where a piece of a program runs: its signals up to the top, nearest first, and its group. */
interface Place {
  readonly group: TaskGroup;
  readonly account: Account;
  readonly context: Context | TaskGroup;
  readonly signals: readonly AbortSignal[];
  readonly last: { task: Task<unknown> | undefined };
}

class Run {
  readonly accounts: Map<object, Account> = new Map();
  readonly made: Error[] = [];
  readonly problems: string[] = [];
  calls = 0;
  spawns = 0;

  fail(): never {
    const error = new Error(`e${this.made.length}`);
    this.made.push(error);
    throw error;
  }

  /** Whether `error` only reports that one of `signals` aborted. */
  isEcho(error: unknown, signals: readonly AbortSignal[]): boolean {
    if (signals.some((signal) => signal.aborted && signal.reason === error)) return true;
    const { code, cause } = fieldsOf(error);
    return code === "ERR_TASK_CANCELLED" && this.isEcho(cause, signals);
  }

  note(account: Account, error: unknown, own: readonly AbortSignal[], above: readonly AbortSignal[]): void {
    if (!this.isEcho(error, [...own, ...above])) {
      if (!account.errors.includes(error)) account.errors.push(error);
    } else if (!this.isEcho(error, own)) account.isEchoed = true;
  }

  async play(steps: readonly Step[], place: Place): Promise<void> {
    for (const step of steps) await this.one(step, place);
  }

  async one(step: Step, place: Place): Promise<void> {
    switch (step.kind) {
      case "wait":
        try {
          return await sleep(step.ms, { signal: place.context.signal });
        } catch (error) {
          if (!isCancellation(error)) this.problems.push(`a sleep rejected with ${String(error)}`);
          if (step.answer === "converts") return this.fail();
          if (step.answer === "rethrows") throw error;
          return undefined;
        }
      case "ignore":
        return await sleep(step.ms);
      case "spawn": {
        this.spawns++;
        place.account.running++;
        place.last.task = place.group.spawn((context) => this.task(step.steps, context, place));
        return undefined;
      }
      case "join":
        await place.last.task?.join();
        return undefined;
      case "cancelTask":
        return place.last.task?.cancel();
      case "cancelGroup":
        return place.group.cancel();
      case "throw":
        return this.fail();
      case "group":
        return await this.group(step.steps, place.context.signal, place.signals);
      case "timeout":
        return await timeout(
          step.ms,
          (context) => this.play(step.steps, { ...place, context, signals: [context.signal, ...place.signals] }),
          { signal: place.context.signal, grace: Infinity },
        );
    }
  }

  async task(steps: readonly Step[], context: Context, { group, account, signals }: Place): Promise<void> {
    this.calls++;
    const above = signals.slice(signals.indexOf(account.signal));
    try {
      await this.play(steps, {
        group,
        account,
        context,
        signals: [context.signal, ...above],
        last: { task: undefined },
      });
    } catch (error) {
      this.note(
        account,
        error,
        [context.signal].filter((signal) => signal.reason !== account.signal.reason),
        above,
      );
      throw error;
    } finally {
      account.running--;
    }
  }

  async group(steps: readonly Step[], outer: AbortSignal | undefined, signals: readonly AbortSignal[]): Promise<void> {
    let account: Account | undefined;
    const body = async (group: TaskGroup): Promise<string> => {
      const { signal } = group;
      const own: Account = (account = {
        signal,
        outer,
        errors: [],
        running: 1,
        isEchoed: false,
        bodyReturned: false,
        expected: undefined,
      });
      this.accounts.set(group, own);
      const all = [signal, ...signals];
      try {
        await this.play(steps, { group, account: own, context: group, signals: all, last: { task: undefined } });
        own.bodyReturned = true;
        return "value";
      } catch (error) {
        this.note(own, error, [], all);
        throw error;
      } finally {
        own.running--;
      }
    };
    let actual: unknown;
    let failure: { readonly error: unknown } | undefined;
    try {
      await taskGroup(body, { signal: outer });
      actual = "value";
    } catch (error) {
      failure = { error };
      actual = error instanceof ErrorGroup ? { errors: error.errors } : { thrown: error };
    }
    // Under an outer signal that was aborted before, the body is not called.
    const expected = account === undefined ? { thrown: outer?.reason as unknown } : account.expected;
    if (!same(actual, expected)) this.problems.push(`expected ${show(expected)}, got ${show(actual)}`);
    if (failure !== undefined) throw failure.error;
  }

  /** A group closes: what it throws is decided here, from what the oracle has seen. */
  closed(group: object): void {
    const account = this.accounts.get(group);
    if (account === undefined) return;
    const { errors, outer, signal } = account;
    if (account.running > 0) this.problems.push(`${account.running} still ran when their group closed`);
    if (errors.length > 0) account.expected = { errors };
    else if (!account.isEchoed) account.expected = "value";
    else if (outer?.aborted === true) account.expected = { thrown: outer.reason };
    else account.expected = account.bodyReturned ? "value" : { thrown: signal.reason };
  }
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [a, b] as { errors?: readonly unknown[]; thrown?: unknown }[];
  if (left?.errors !== undefined)
    return (
      left.errors.length === right?.errors?.length && left.errors.every((error, at) => error === right.errors?.[at])
    );
  return right?.errors === undefined && left?.thrown === right?.thrown;
}

function show(outcome: unknown): string {
  if (typeof outcome !== "object" || outcome === null) return String(outcome);
  const { errors, thrown } = outcome as { errors?: readonly unknown[]; thrown?: unknown };
  return errors === undefined ? `a rejection with ${String(thrown)}` : `the errors [${errors.map(String).join(", ")}]`;
}

let run: Run | undefined;
beforeEach(() => {
  setProbe((event, subject) => {
    if (event === "close") run?.closed(subject);
  });
});
afterEach(() => void setProbe(undefined));

test("GROUP-1, GROUP-2: every group of every program settles after all that it started, and does what its tasks' and its body's ends demand", async () => {
  await fc.assert(
    fc.asyncProperty(someSteps, fc.option(ms, { nil: undefined }), async (steps, abortAt) => {
      const current = (run = new Run());
      const outer = new AbortController();
      const end = await clock.run(async () => {
        if (abortAt !== undefined) void sleep(abortAt).then(() => outer.abort());
        try {
          await current.group(steps, outer.signal, [outer.signal]);
          return undefined;
        } catch (error) {
          return { error };
        }
      });
      await clock.advanceUntilIdle();
      const leaves = end?.error instanceof ErrorGroup ? end.error.leaves() : [];
      expect({
        problems: current.problems,
        lost: current.made.filter((error) => !leaves.includes(error)),
        twice: leaves.filter((leaf, at) => leaf instanceof Error && leaves.indexOf(leaf) !== at),
        notCalled: current.spawns - current.calls,
        left: root().kids,
        timers: clock.pending,
      }).toEqual({ problems: [], lost: [], twice: [], notCalled: 0, left: undefined, timers: 0 });
    }),
    { seed: 20261121, numRuns: 500 },
  );
}, 60_000);
