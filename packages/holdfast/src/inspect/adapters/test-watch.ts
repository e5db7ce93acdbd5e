/**
 * Which tasks a test has started, and which of them are left when it has ended. What hangs below something that was there before the test belongs to that, and is no test's.
 *
 * Invariants
 * - TEST-WATCH-1: a task is laid to the charge of a test only if it was started while that test ran, and no other: where tests overlap, the last of them to end answers, and names all.
 */
import { setImmediate } from "node:timers";
import { dump } from "../dump.ts";
import type { DumpedScope, DumpedWait, ProcessDump } from "../process-dump.ts";
import { readTree, type TreeScope } from "../tree.ts";
import { TasksLeftError, TestTimeoutError } from "./test-errors.ts";

/** Taken before a test can put a fake in its place. */
const nextTurn = setImmediate;
/** Turns of the event loop in which what was told to stop may do so: no time that a test could wait for. */
const TURNS = 20;
/** Scopes that a dump lists. */
const LISTED = 5000;
/** Bytes of heap above which searching it takes seconds. */
const SEARCHED = 250 * 2 ** 20;

/** Frames of a test runner: every test is awaited there. */
const RUNNER = /[/\\]node_modules[/\\](?:@?vitest|vite|@?jest(?:-[a-z]+)*|tinypool|tinyspy)[/\\]/u;

/** A test that has no function but an arrow. */
const TEST = /^(?:Object|TestContext)\.<anonymous> \((?<place>.+)\)$/u;

/** One test, from its first hook to its last. */
export interface WatchedTest {
  readonly name: string;
  /** What it waits for, now. Looks once, and says nothing after the end. */
  timedOut(): TestTimeoutError | undefined;
  /** Resolves with what there is to say of it: once it has ended, and its own hooks too. */
  end(): Promise<TestTimeoutError | TasksLeftError | undefined>;
}

/** The tests of one file or process. */
export class TestWatch {
  /** Those that run. */
  readonly #running = new Set<WatchedTest>();
  /** What was there before the first of them began. */
  #before = new WeakSet<object>();
  /** Those that have run since. */
  #names: string[] = [];
  /** What tests before them have left. */
  readonly #left = new WeakSet<object>();

  get running(): ReadonlySet<WatchedTest> {
    return this.#running;
  }

  /** Call before the hooks of the test. */
  begin(name: string): WatchedTest {
    if (this.#running.size === 0) {
      this.#before = new WeakSet(readTree(Infinity).entries.map(({ scope }) => scope));
      this.#names = [];
    }
    this.#names.push(name);
    let expired: TestTimeoutError | undefined;
    const test: WatchedTest = {
      name,
      timedOut: () => {
        if (this.#running.has(test)) expired ??= new TestTimeoutError(name, this.#whatRuns());
        return expired;
      },
      end: async () => {
        const left = expired === undefined && this.#running.size === 1 && (await this.#whatIsLeft());
        // One that began meanwhile answers for both.
        const isLast = this.#running.delete(test) && this.#running.size === 0;
        if (isLast) for (const scope of this.#newOnes(Infinity).values()) this.#left.add(scope);
        if (expired !== undefined) return expired;
        return left && isLast ? new TasksLeftError(this.#names, left) : undefined;
      },
    };
    this.#running.add(test);
    return test;
  }

  /** All but what earlier tests have left, and what is awaited outside of tasks: but by the runner. */
  #whatRuns(): ProcessDump {
    const isOwn = scopesOf(LISTED, (scope) => !this.#left.has(scope));
    const whole = dump({ limit: LISTED, deep: process.memoryUsage().heapUsed < SEARCHED });
    const part = partOf(whole, isOwn);
    const isOfTheRunner = ({ stack }: DumpedWait): boolean =>
      stack !== undefined && part.stacks[stack]?.frames.length === 0;
    return { ...part, outside: whole.outside.filter((wait) => !isOfTheRunner(wait)) };
  }

  /** What the tests that have run since the first began leave behind. */
  async #whatIsLeft(): Promise<ProcessDump | undefined> {
    for (let turn = 0; turn < TURNS && this.#newOnes(Infinity).size > 0; turn++)
      await new Promise<void>((resolve) => nextTurn(resolve));
    const all = this.#newOnes(Infinity);
    if (all.size === 0) return undefined;
    const part = partOf(dump({ limit: LISTED }), this.#newOnes(LISTED));
    const tasks = [...all.values()].filter(({ state }) => state !== undefined).length;
    return { ...part, omitted: tasks - part.scopes.filter(({ kind }) => kind === "task").length };
  }

  #newOnes(most: number): ReadonlyMap<number, TreeScope> {
    return scopesOf(most, (scope) => !this.#before.has(scope));
  }
}

/** Those that `isMeant`, and that are not below any that is not, by their index in a dump that is made in the same turn. */
function scopesOf(most: number, isMeant: (scope: object) => boolean): ReadonlyMap<number, TreeScope> {
  const found = new Map<number, TreeScope>();
  for (const [index, { scope, parent }] of readTree(most).entries.entries())
    if (isMeant(scope) && (parent === undefined || found.has(parent))) found.set(index, scope);
  return found;
}

/** These scopes alone, and nothing outside of them. */
function partOf(whole: ProcessDump, chosen: ReadonlyMap<number, TreeScope>): ProcessDump {
  const places = new Map([...chosen.keys()].map((index, place) => [index, place]));
  const scopes = whole.scopes.flatMap((scope, index): DumpedScope[] => {
    if (!chosen.has(index)) return [];
    const parent = scope.parent === undefined ? undefined : places.get(scope.parent);
    return [{ ...scope, parent, awaitedAt: ownFrames(scope.awaitedAt) }];
  });
  const stacks = whole.stacks.map(({ frames, count }) => ({ frames: ownFrames(frames), count }));
  return { ...whole, scopes, stacks, omitted: 0, outside: [] };
}

/** Without the runner's, and with the function of a test as what it is: the outermost. */
function ownFrames(frames: readonly string[]): readonly string[] {
  return frames.filter((frame) => !RUNNER.test(frame)).map((frame) => frame.replace(TEST, "$<place>"));
}
