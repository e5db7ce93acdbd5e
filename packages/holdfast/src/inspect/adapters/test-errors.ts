/**
 * What is said of a test that did not end, or did not end alone. Nothing of them is enumerable: runners print all that is, and a dump is long.
 */
import { formatDump } from "../format-dump.ts";
import type { ProcessDump } from "../process-dump.ts";
import { count } from "../text.ts";

abstract class TestError extends Error {
  readonly #tests: readonly string[];
  readonly #dump: ProcessDump;

  /** @param site the one frame of its stack */
  constructor(sentence: string, tests: readonly string[], dump: ProcessDump, site: string | undefined) {
    // Behind a rail: runners take every line that begins with "at" for one of the stack, and put it elsewhere.
    super(`${sentence}\n${formatDump(dump).replaceAll(/^/gmu, "│ ")}`);
    this.#tests = tests;
    this.#dump = dump;
    this.stack = `${this.name}: ${this.message}${site === undefined ? "" : `\n    at ${site.replace(/^at /u, "")}`}`;
  }

  /** The name of the test, or of all that ran at the same time. */
  get tests(): readonly string[] {
    return this.#tests;
  }

  /** What the message shows. */
  get dump(): ProcessDump {
    return this.#dump;
  }
}

/** A test has ended, and something that it started runs on. */
export class TasksLeftError extends TestError {
  override get name(): "TasksLeftError" {
    return "TasksLeftError";
  }
  get code(): "ERR_TASKS_LEFT" {
    return "ERR_TASKS_LEFT";
  }

  constructor(tests: readonly string[], dump: ProcessDump) {
    const names = tests.map((test) => `"${test}"`).join(", ");
    const who = tests.length === 1 ? `test ${names}` : `one of the tests that ran at the same time, ${names},`;
    const sentence = `${who} left ${leftIn(dump)} behind; await or cancel what it starts before it ends`;
    const known = dump.scopes.filter(({ spawnedAt }) => spawnedAt !== undefined);
    super(sentence, tests, dump, (known.find(({ kind }) => kind === "task") ?? known[0])?.spawnedAt);
  }
}

/** A test has reached the time limit of its runner. */
export class TestTimeoutError extends TestError {
  override get name(): "TestTimeoutError" {
    return "TestTimeoutError";
  }
  get code(): "ERR_TEST_TIMEOUT" {
    return "ERR_TEST_TIMEOUT";
  }

  constructor(test: string, dump: ProcessDump) {
    const [site] = dump.scopes.findLast(({ awaitedAt }) => awaitedAt.length > 0)?.awaitedAt ?? framesOutside(dump);
    super(`test "${test}" did not end; this is what ran, and what it waited for`, [test], dump, site);
  }
}

/** "2 tasks"; groups and calls only where no task is left. */
function leftIn({ scopes, omitted }: ProcessDump): string {
  const many = (kind: string): number => scopes.filter((scope) => scope.kind === kind).length;
  const tasks = many("task") + omitted;
  if (tasks > 0) return count(tasks, "task");
  const others = ["group", "call"].filter((kind) => many(kind) > 0);
  return others.map((kind) => count(many(kind), kind)).join(" and ");
}

/** Of something that is awaited outside of any task. */
function framesOutside({ outside, stacks }: ProcessDump): readonly string[] {
  return outside.flatMap(({ stack }) => (stack === undefined ? [] : (stacks[stack]?.frames ?? [])));
}
