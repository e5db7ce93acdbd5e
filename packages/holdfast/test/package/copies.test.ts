/** Two copies of the package in one process, as two dependents with different versions bring them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type * as library from "holdfast";
import type * as lowlevel from "holdfast/lowlevel";
import { afterAll, beforeAll, expect, test } from "../harness.ts";

type Copy = typeof library & { readonly lowlevel: typeof lowlevel };

let folder: string;
let a: Copy;
let b: Copy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-copies-"));
  const source = (path: string): string => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));
  const load = async (name: string): Promise<Copy> => {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      stdin: {
        contents: `export * from ${source("index.ts")}; export * as lowlevel from ${source("core/lowlevel.ts")};`,
        resolveDir: folder,
      },
      bundle: true,
      format: "esm",
      outfile,
      logLevel: "warning",
    });
    // Holds: that is what the two lines above export.
    return (await import(pathToFileURL(outfile).href)) as Copy;
  };
  [a, b] = await Promise.all([load("a"), load("b")]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function errorOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

test("two copies are two: their classes differ", () => {
  expect(a.ErrorGroup === b.ErrorGroup).toBe(false);
});

test("R22: the guards of one know the errors of the other", () => {
  const timeout = new a.TimeoutError("poll", 100, "timeout");
  const cancelled = new a.CancelledError("x", "cancel", "group");
  expect([b.isTimeout(timeout), b.isCancellation(cancelled), b.isRetryable(cancelled)]).toEqual([true, true, false]);
  expect(b.findError(new a.ErrorGroup([timeout]), b.isTimeout) === timeout).toBe(true);
});

test("an ErrorGroup of one is opened and split by the other", () => {
  const [low, plain] = [new RangeError("low"), new Error("plain")];
  const group = new a.ErrorGroup([low, new a.ErrorGroup([plain])]);
  expect(new b.ErrorGroup([group]).leaves()).toEqual([low, plain]);
  const [match, rest] = b.splitError(group, RangeError);
  expect([match?.errors, new b.ErrorGroup([rest]).leaves()]).toEqual([[low], [plain]]);
});

test("R28: a signal of one cancels what runs in the other, with the same reason object", async () => {
  const reasons = await a.taskGroup(async (group) => {
    const { signal } = group;
    const waits = [
      errorOf(b.sleep(60_000, { signal })),
      errorOf(b.taskGroup((inner) => b.sleep(60_000, { signal: inner.signal }), { signal })),
      errorOf(b.timeout(60_000, (context) => context.sleep(60_000), { signal })),
    ];
    group.cancel("enough");
    return [signal.reason as unknown, ...(await Promise.all(waits))];
  });
  expect(new Set(reasons).size).toBe(1);
  expect(reasons[0]).toMatchObject({ kind: "cancel", cause: "enough" });
});

test("R18: a signal of one gives its deadline to the other", async () => {
  const [own, inner] = await a.timeout(60_000, ({ signal, deadline }) =>
    b.timeout(120_000, (context) => [deadline, context.deadline], { signal }),
  );
  expect(inner).toBe(own);
});

test("R11: the cancellation of one is an echo in the other, wrapped or not", async () => {
  const echoes = [
    (reason: unknown) => reason,
    (reason: unknown) => new a.TaskCancelledError("poll", reason),
    (reason: unknown) => new a.ErrorGroup([reason]),
  ];
  for (const echo of echoes) {
    const outer = new AbortController();
    const reason = new Error("stop");
    const result = errorOf(
      b.taskGroup(
        ({ signal }) => {
          outer.abort(reason);
          throw echo(signal.reason);
        },
        { signal: outer.signal },
      ),
    );
    expect((await result) === reason).toBe(true);
  }
});

test("R28: suppressed errors and attempts that one notes are read by the other", async () => {
  const [error, other] = [new Error("x"), new Error("other")];
  a.lowlevel.suppress(error, [other], "task");
  expect(b.suppressedErrors(error)).toEqual([other]);
  const failure = new Error("attempt");
  await errorOf(a.retry(() => Promise.reject(failure), { retries: 1, baseDelay: 0 }));
  expect(b.attemptsOf(failure).map(({ attempt }) => attempt)).toEqual([1, 2]);
});

test("R28: a listener for late errors hears those of both", () => {
  const heard: unknown[] = [];
  const listener = b.onLateError((error) => void heard.push(error));
  a.lowlevel.reportLateError("of a", "task");
  b.lowlevel.reportLateError("of b", "task");
  listener[Symbol.dispose]();
  expect(heard).toEqual(["of a", "of b"]);
});

test("R28: the registry lists both runtimes", () => {
  const roots = [a.lowlevel.root(), b.lowlevel.root()];
  const registry = Reflect.get(globalThis, Symbol.for("holdfast.registry/1")) as ReturnType<typeof lowlevel.registry>;
  expect(registry.runtimes.filter(({ root }) => roots.some((one) => one === root))).toHaveLength(2);
  expect(registry.runtimes.map(({ version }) => version)).toEqual([a.lowlevel.version, b.lowlevel.version]);
});
