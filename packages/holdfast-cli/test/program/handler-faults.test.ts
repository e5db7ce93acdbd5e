/** What a handler can do wrong while it runs: its item pays for it, never the run, and nothing acknowledged is lost. */
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { Workplace, numbers } from "./holdfast-process.ts";

let place: Workplace;
beforeEach(() => {
  place = new Workplace();
  place.write("five.txt", numbers(5));
});
afterEach(() => place.remove());

describe("an item fails for good, and alone", () => {
  const unserializable: readonly (readonly [what: string, result: string, message: string])[] = [
    ["a BigInt", "10n", "Do not know how to serialize a BigInt"],
    ["a cycle", "(() => { const a = {}; a.a = a; return a; })()", "Converting circular structure to JSON"],
    ["a function", "() => 1", "it is a function"],
    ["a symbol", "Symbol('s')", "it is a symbol"],
    [
      "a Response",
      "new Response('body')",
      "it is a Response (HTTP 200); return what you need of it, like await response.json()",
    ],
  ];
  test.each(unserializable)("when the handler returns %s, at the first attempt", async (_what, result, message) => {
    place.write("odd.mjs", `export default (item) => (item === "3" ? ${result} : item);`);
    expect(await place.summary(["run", "odd.mjs", "five.txt", "--retries", "3", "--backoff", "none"])).toMatchObject({
      code: 1,
      summary: {
        succeeded: 4,
        dead: 1,
        deadLetters: [
          {
            error: "UnserializableResult",
            code: "ERR_UNSERIALIZABLE_RESULT",
            count: 1,
            message: `the handler's result can't be written as JSON: ${message}`,
            key: "2",
            item: '"3"',
          },
        ],
        failedAttempts: { count: 1 },
      },
    });
  });

  const thrown: readonly (readonly [code: string, message: string])[] = [
    ['"boom"', 'the handler threw the string "boom" instead of an error; throw new Error(…)'],
    ["undefined", "the handler threw undefined instead of an error; throw new Error(…)"],
    ["{ reason: 1 }", 'the handler threw an object {"reason":1} instead of an error; throw new Error(…)'],
  ];
  test.each(thrown)("when it throws %s, after its retries", async (code, message) => {
    place.write("odd.mjs", `export default async (item) => { if (item === "3") throw ${code}; return item; };`);
    expect(await place.summary(["run", "odd.mjs", "five.txt", "--retries", "1", "--backoff", "none"])).toMatchObject({
      code: 1,
      summary: {
        succeeded: 4,
        deadLetters: [{ error: "NonErrorThrown", count: 1, message }],
        failedAttempts: { count: 2 },
      },
    });
  });

  test("when what it throws is an error only by half, whatever half that is", async () => {
    place.write("seven.txt", numbers(7));
    place.write(
      "odd.mjs",
      `import { runInNewContext } from "node:vm";
      const odd = [
        Object.assign(new Error("m"), { message: undefined, name: 42 }),
        Object.assign(new Error("m"), { message: { deep: 1 }, stack: 7, code: {} }),
        Object.defineProperty(new Error("m"), "message", { get() { throw new Error("no message for you"); } }),
        Object.create(null),
        runInNewContext("new TypeError('of another realm')"),
        Object.freeze(new RangeError("frozen")),
        new Proxy(new Error("m"), { get() { throw new Error("trap"); } }),
      ];
      export default (item) => { throw odd[Number(item) - 1]; };`,
    );
    const { code, summary } = await place.summary(["run", "odd.mjs", "seven.txt", "--retries", "0", "-j", "1"]);
    expect([code, summary.dead, summary.left]).toEqual([1, 7, 0]);
    expect(summary.deadLetters.map(({ error, message, key, count }) => [count, key, error, message])).toEqual([
      [4, "0", "Error", ""],
      [1, "3", "NonErrorThrown", "the handler threw an object {} instead of an error; throw new Error(…)"],
      [1, "4", "TypeError", "of another realm"],
      [1, "5", "RangeError", "frozen"],
    ]);
  });

  test("when it throws StopRetry, at once, and the report names the error inside", async () => {
    place.write(
      "stop.mjs",
      `import { StopRetry } from "${import.meta.resolve("holdfast")}";
      class NoSuchOrder extends Error {}
      export default async (item) => { if (item === "3") throw new StopRetry(new NoSuchOrder("order 3")); return item; };`,
    );
    expect(await place.summary(["run", "stop.mjs", "five.txt", "--retries", "3", "--backoff", "none"])).toMatchObject({
      code: 1,
      summary: {
        succeeded: 4,
        deadLetters: [{ error: "NoSuchOrder", count: 1, message: "order 3" }],
        failedAttempts: { count: 1 },
      },
    });
  });

  test("when it never settles and ignores its signal: the timeout abandons it and the process ends", async () => {
    place.write(
      "hang.mjs",
      "export default (item) => (item === '3' ? new Promise(() => setInterval(() => {}, 1_000)) : item);",
    );
    const ended = await place.summary([
      "run",
      "hang.mjs",
      "five.txt",
      "-j",
      "1",
      "--timeout",
      "30ms",
      "--retries",
      "1",
      "--backoff",
      "none",
    ]);
    expect(ended).toMatchObject({
      code: 1,
      summary: {
        succeeded: 4,
        dead: 1,
        deadLetters: [{ error: "TimeoutError", count: 1, key: "2" }],
        abandoned: {
          count: 2,
          items: [
            { key: "2", attempt: 1, sawSignal: false },
            { key: "2", attempt: 2, sawSignal: false },
          ],
        },
      },
    });
  });
});

test("the error of an abandoned attempt that comes too late is told and counted, and belongs to no other item", async () => {
  place.write("many.txt", numbers(20));
  // Item 1 is abandoned after 30 ms and fails after 60; the others keep the run going for 200.
  place.write(
    "late.mjs",
    `export default (item) => new Promise((resolve, reject) =>
      item === "1" ? setTimeout(() => reject(new Error("too late")), 60) : setTimeout(resolve, 10, item));`,
  );
  const ended = await place.summary(["run", "late.mjs", "many.txt", "-j", "1", "--timeout", "30ms", "--retries", "0"]);
  expect(ended).toMatchObject({
    code: 1,
    summary: { succeeded: 19, dead: 1, lateErrors: 1, abandoned: { count: 1, items: [{ key: "0", attempt: 1 }] } },
  });
  expect(ended.stderr).toMatch(/^late error of .*, abandoned before: Error: too late$/m);
});

describe("GUARD-1: the run ends with 70, says what was in flight, and goes on with the same command", () => {
  const faults: readonly (readonly [what: string, code: string, message: RegExp])[] = [
    [
      "process.exit is called",
      "process.exit(0)",
      /^holdfast: process\.exit\(0\) was called at .*fault\.mjs:\d+:\d+.*; throw an error instead/,
    ],
    [
      "a promise that nobody awaits rejects",
      "void Promise.reject(new Error('stray')); await new Promise(() => setInterval(() => {}, 1_000))",
      /^holdfast: a promise that nobody awaits was rejected; .*\nError: stray\n/,
    ],
    [
      "a callback throws",
      "await new Promise(() => setTimeout(() => { throw new Error('loose'); }))",
      /^holdfast: an error was thrown outside of every item, .*\nError: loose\n/,
    ],
    [
      "nothing is left that could finish it",
      "await new Promise(() => {})",
      /^holdfast: nothing is left that could finish what is in flight: /,
    ],
  ];
  test.each(faults)("when %s", async (_what, code, message) => {
    place.write(
      "fault.mjs",
      `export default async (item) => {\n  if (item === "4" && process.env.FAULT) { ${code}; }\n  return item;\n};`,
    );
    const args = ["run", "fault.mjs", "five.txt", "--output", "out", "-j", "1", "--progress", "none"];
    const ended = await place.run(args, { env: { FAULT: "1" } });
    expect([ended.code, ended.stderr]).toEqual([70, expect.stringMatching(message)]);
    expect(ended.stderr).toMatch(
      /\n {2}item 3: attempt 1, for [\d.]+ ms\ndone and kept: 3; to go on:\n {2}holdfast run fault\.mjs /,
    );
    expect(place.ndjson("out")).toEqual(["1", "2", "3"]);
    expect(await place.summary(args)).toMatchObject({ code: 0, summary: { thisRun: { succeeded: 2, skipped: 3 } } });
    expect(place.ndjson("out")).toEqual(["1", "2", "3", "4", "5"]);
  });
});

test("process.exit while the handler loads is told, and no item was started", async () => {
  place.write("leave.mjs", "process.exit(0); export default () => 1;");
  const ended = await place.run(["run", "leave.mjs", "five.txt"]);
  expect([ended.code, ended.stderr]).toEqual([
    70,
    expect.stringMatching(/^holdfast: process\.exit\(0\) was called at .*leave\.mjs:1:9.* \(loading\)/),
  ]);
});

test("teardown that throws is told and makes a good run end with 70", async () => {
  place.write(
    "down.mjs",
    "export const teardown = () => { throw new Error('still open'); }; export default (item) => item;",
  );
  const ended = await place.run(["run", "down.mjs", "five.txt"]);
  expect([ended.code, ended.stderr]).toEqual([
    70,
    expect.stringContaining("holdfast: the handler's teardown failed: Error: still open\n"),
  ]);
});
