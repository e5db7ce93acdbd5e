/**
 * The harness on a host without a test runner: `test` registers, `runRegistered` runs what was registered.
 *
 * One test after the other, in the order of registration. A rejection that nobody handled fails the test that was
 * running when the host reported it. Hooks of an outer `describe` run around those of an inner one.
 */
import { installAdapter } from "./adapter.ts";
import type { TestBody, TestContext } from "./adapter.ts";
import { plainExpect } from "./plain-expect.ts";
import { watchUnhandled } from "./plain-unhandled.ts";

interface Suite {
  readonly title: string;
  readonly parent: Suite | undefined;
  readonly entries: (Suite | RegisteredTest)[];
  readonly hooks: Record<"beforeAll" | "afterAll" | "beforeEach" | "afterEach", (() => unknown)[]>;
}

interface RegisteredTest {
  readonly title: string;
  readonly body: TestBody;
  readonly limit: number;
}

export interface PlainResult {
  readonly title: string;
  /** Empty when the test passed. */
  readonly errors: readonly unknown[];
}

const defaultLimit = 5_000;

export interface PlainRunner {
  /** Runs and forgets what was registered since the last call. */
  readonly runRegistered: () => Promise<readonly PlainResult[]>;
}

/** Makes the harness register here. Call before the first test file is loaded. */
export function installPlain(): PlainRunner {
  let root = newSuite("", undefined);
  const { expect, reset, verify } = plainExpect();
  let current = root;
  const hook = (kind: keyof Suite["hooks"]) => (run: () => unknown) => void current.hooks[kind].push(run);
  installAdapter({
    test: (title, body, limit = defaultLimit) => void current.entries.push({ title, body, limit }),
    describe: (title, define) => {
      const outer = current;
      current = newSuite(title, outer);
      outer.entries.push(current);
      try {
        define();
      } finally {
        current = outer;
      }
    },
    beforeAll: hook("beforeAll"),
    afterAll: hook("afterAll"),
    beforeEach: hook("beforeEach"),
    afterEach: hook("afterEach"),
    expect,
  });

  return { runRegistered };

  async function runRegistered(): Promise<readonly PlainResult[]> {
    const results: PlainResult[] = [];
    const unhandled = watchUnhandled();
    await runSuite(root);
    unhandled.stop();
    root = newSuite("", undefined);
    current = root;
    return results;

    async function runSuite(suite: Suite): Promise<void> {
      const setup = await collect(suite.hooks.beforeAll);
      for (const entry of suite.entries) {
        if ("entries" in entry) await runSuite(entry);
        else
          results.push({
            title: fullTitle(suite, entry.title),
            errors: setup.length > 0 ? setup : await runTest(suite, entry),
          });
      }
      const teardown = await collect(suite.hooks.afterAll.toReversed());
      if (teardown.length > 0) results.push({ title: fullTitle(suite, "afterAll"), errors: teardown });
    }

    async function runTest(suite: Suite, entry: RegisteredTest): Promise<readonly unknown[]> {
      reset();
      const cleanups: (() => unknown)[] = [];
      const errors = await collect(lineage(suite).flatMap((each) => each.hooks.beforeEach));
      if (errors.length === 0) {
        errors.push(...(await collect([() => runLimited(entry, cleanups), verify])));
      }
      errors.push(
        ...(await collect(
          lineage(suite)
            .toReversed()
            .flatMap((each) => each.hooks.afterEach.toReversed()),
        )),
      );
      errors.push(...(await collect(cleanups.toReversed())));
      errors.push(...(await unhandled.take()));
      return errors;
    }
  }
}

async function runLimited({ body, limit }: RegisteredTest, cleanups: (() => unknown)[]): Promise<void> {
  const controller = new AbortController();
  const context: TestContext = {
    signal: controller.signal,
    onTestFinished: (cleanup) => void cleanups.push(cleanup),
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`the test took longer than ${limit} ms`);
      controller.abort(error);
      reject(error);
    }, limit);
  });
  try {
    await Promise.race([body(context), expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs each, in order, whatever the others threw; returns what they threw. */
async function collect(runs: readonly (() => unknown)[]): Promise<unknown[]> {
  const errors: unknown[] = [];
  for (const run of runs) {
    try {
      await run();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}

function newSuite(title: string, parent: Suite | undefined): Suite {
  return { title, parent, entries: [], hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] } };
}

/** From the outermost suite to `suite`. */
function lineage(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...lineage(suite.parent), suite];
}

function fullTitle(suite: Suite, title: string): string {
  return [...lineage(suite).map((each) => each.title), title].filter((part) => part !== "").join(" > ");
}
