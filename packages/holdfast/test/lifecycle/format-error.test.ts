import { CancelledError, ErrorGroup, map, retry, settle, sleep, suppressedErrors, taskGroup, timeout } from "holdfast";
import { formatError, type FormatErrorOptions } from "holdfast/lifecycle";
import { suppress } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";

const clock = useFakeClock();

/** An error with the stack that is given, so that its text is the same everywhere. */
function failure(
  message: string,
  frames: readonly string[] = ["at load (file:///app.ts:3:5)"],
  options?: ErrorOptions,
): Error {
  const error = new Error(message, options);
  error.stack = [`Error: ${message}`, ...frames.map((frame) => `    ${frame}`)].join("\n");
  return error;
}

/** Without the places of this file, and without frames. */
function shape(error: unknown, options?: FormatErrorOptions): string[] {
  return formatError(error, { frames: 0, ...options })
    .split("\n")
    .filter((line) => !line.endsWith("more frames"))
    .map((line) => line.replace(/ \([^()]*format-error\.test\.ts:\d+:\d+\)$/u, " (here)"));
}

describe("formatError", () => {
  test("prints an error with its frames and the chain of its causes", () => {
    const error = failure("request failed", undefined, {
      cause: failure("ECONNRESET", ["at socket (file:///net.ts:1:1)"]),
    });
    expect(formatError(error)).toBe(
      [
        "Error: request failed",
        "    at load (file:///app.ts:3:5)",
        "└─ cause: Error: ECONNRESET",
        "       at socket (file:///net.ts:1:1)",
      ].join("\n"),
    );
  });

  test("cuts frames of the library and of Node's insides, and says how many of the others it left out", () => {
    const error = failure("boom", [
      "at a (file:///app.ts:1:1)",
      "at GroupTask.run (file:///srv/node_modules/holdfast/dist/esm/core/group-task.js:9:9)",
      "at new Promise (<anonymous>)",
      "at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
      "at readFileSync (node:fs:441:20)",
      "at Array.map (<anonymous>)",
      "at b (file:///app.ts:2:2)",
    ]);
    expect(formatError(error, { frames: 3 }).split("\n")).toEqual([
      "Error: boom",
      "    at a (file:///app.ts:1:1)",
      "    at readFileSync (node:fs:441:20)",
      "    at Array.map (<anonymous>)",
      "    … 1 more frames",
    ]);
  });

  test("R24: of an error that went through the library there are only the caller's frames", async () => {
    const text = formatError(
      await errorOf(taskGroup((group) => void group.spawn(() => Promise.reject(new Error("x"))))),
    );
    expect(text.match(/\/src\/core\//gu)).toBe(null);
    expect(text).toContain("format-error.test.ts");
  });

  test("R24: prints a tree of groups with the tasks that each error failed, their ages and spawn sites", async () => {
    const error = await clock.run(() =>
      errorOf(
        taskGroup(
          async (server) => {
            // The first spawn site of a runtime is always within the budget.
            server.spawn(
              ({ signal }) =>
                taskGroup(
                  async (request) => {
                    request.spawn(() => sleep(20).then(() => Promise.reject(new TypeError("no such user"))), {
                      name: "load-user",
                    });
                    await sleep(40);
                  },
                  { name: "request", signal },
                ),
              { name: "GET /user" },
            );
            server.defer(() => Promise.reject(new Error("close failed")));
            await sleep(40);
          },
          { name: "server" },
        ),
      ),
    );
    expect(shape(error)).toEqual([
      "ErrorGroup: 2 errors",
      "├─ 1 of 2: ErrorGroup: 1 error",
      '│      at task "GET /user" in group "server", 40 ms (here)',
      "│  └─ TypeError: no such user",
      '│         at task "load-user" in group "request", 20 ms (here)',
      "└─ 2 of 2: Error: close failed",
      "       at cleanup of server",
    ]);
  });

  test("names the item of a lane", async () => {
    const error = await clock.run(() =>
      errorOf(
        map(
          ["a", "b"],
          (item, index) => sleep(10).then(() => (index === 1 ? Promise.reject(failure(item, [])) : item)),
          { concurrency: 1, name: "import" },
        ),
      ),
    );
    expect(shape(error)).toEqual(["Error: b", '    at task "import lane 1" in group "import", item 1, 10 ms']);
  });

  test("prints the attempts of a retry: what differs in full, what is the same by its title", async () => {
    let calls = 0;
    const run = (): Promise<never> => Promise.reject(++calls === 1 ? new RangeError("first") : new Error("second"));
    const error = await clock.run(() =>
      errorOf(retry(() => sleep(5).then(run), { retries: 2, baseDelay: 100, jitter: "none" })),
    );
    expect(shape(error)).toEqual([
      "Error: second",
      "    after 3 attempts in 315 ms",
      "├─ attempt 1, 5 ms, next one 100 ms later: RangeError: first",
      "└─ attempt 2, 5 ms, next one 200 ms later: Error: second",
    ]);
  });

  test("of a long history prints the first and the last five attempts", async () => {
    const error = await clock.run(() =>
      errorOf(retry(() => Promise.reject(new Error("down")), { retries: 49, baseDelay: 1, jitter: "none", factor: 1 })),
    );
    const lines = shape(error).filter((line) => line.includes("attempt "));
    expect(lines.map((line) => /attempt (?<n>\d+)/u.exec(line)?.groups?.["n"])).toEqual(
      "1 2 3 4 5 46 47 48 49".split(" "),
    );
  });

  test("prints what failed besides", () => {
    const error = failure("first", []);
    suppress(error, [failure("second", []), "third"], "task");
    expect(suppressedErrors(error).length).toBe(2);
    expect(shape(error)).toEqual([
      "Error: first",
      "├─ also failed: Error: second",
      "└─ also failed: 'third' (a string was thrown: it has no stack)",
    ]);
  });

  test("says who still runs after a timeout, where it was started, and not twice that it was a deadline", async () => {
    const error = await clock.run(() => errorOf(timeout(10, () => sleep(50), { name: "poll" })));
    await clock.advanceUntilIdle();
    expect(shape(error)).toEqual([
      'TimeoutError [ERR_TIMEOUT]: poll timed out after 10 ms; "poll" is still running: it never looked at its signal; pass ({ signal }) on',
      '    still running: "poll" (here)',
    ]);
  });

  test("says who cancelled, and how long ago", async () => {
    const reason = new CancelledError("task was cancelled", "cancel", "g", undefined, "at stop (file:///app.ts:7:7)");
    await clock.advanceBy(1500);
    expect(shape(reason)).toEqual([
      "AbortError [ERR_CANCELLED]: task was cancelled",
      "    cancelled 1.5 s ago by stop (file:///app.ts:7:7)",
    ]);
  });

  test("prints an error's own data, but no object in it, and errors in it as errors", () => {
    const error = Object.assign(failure("bad", []), {
      status: 503,
      request: { token: "secret" },
      original: failure("inner", []),
      code: "E_BAD",
    });
    expect(shape(error)).toEqual([
      "Error [E_BAD]: bad",
      "    { status: 503, request: [Object] }",
      "└─ original: Error: inner",
    ]);
  });

  test("prints both errors of a SuppressedError", () => {
    const error = Object.assign(failure("suppressed", []), {
      error: failure("close", []),
      suppressed: failure("body", []),
    });
    error.name = "SuppressedError";
    expect(shape(error)).toEqual([
      "SuppressedError: suppressed",
      "├─ error: Error: close",
      "└─ it suppressed: Error: body",
    ]);
  });

  test("FORMAT-2: prints a shared error in full once, and ends at a cycle", () => {
    const shared = failure("shared");
    const loop = failure("loop", []);
    loop.cause = loop;
    const group = new ErrorGroup([shared, failure("outer", [], { cause: shared }), loop]);
    group.stack = "";
    expect(formatError(group).split("\n")).toEqual([
      "ErrorGroup: 3 errors",
      "├─ 1 of 3: Error: shared",
      "│      at load (file:///app.ts:3:5)",
      "├─ 2 of 3: Error: outer",
      "│  └─ cause: Error: shared (shown above)",
      "└─ 3 of 3: Error: loop",
      "   └─ cause: Error: loop (shown above)",
    ]);
  });

  test("FORMAT-3: prints at most a hundred errors, twenty lines of each message, and says what it left out", () => {
    const many = new ErrorGroup(Array.from({ length: 100_000 }, (_, index) => failure(`number ${index}`, [])));
    const lines = shape(many);
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([
      101,
      "ErrorGroup: 100000 errors",
      "└─ … 99901 more errors",
    ]);
    const poem = shape(failure(Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n"), []));
    expect([poem.length, poem.at(-1)]).toEqual([21, "  … 30 more lines"]);
    expect(formatError(failure("x".repeat(1_000_000), [])).length).toBeLessThan(2100);
  });

  test("goes as deep as it is told", () => {
    const error = failure("1", [], { cause: failure("2", [], { cause: failure("3", []) }) });
    expect(shape(error, { depth: 1 })).toEqual(["Error: 1", "└─ cause: Error: 2", "   └─ … 1 more error"]);
    expect(shape(error, { depth: 0 })).toEqual(["Error: 1", "└─ … 1 more error"]);
  });

  test("FORMAT-1: survives whatever is thrown", () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const traps = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("get");
      },
      getPrototypeOf: () => {
        throw new Error("prototype");
      },
      ownKeys: () => {
        throw new Error("keys");
      },
    });
    const getters: unknown = Object.create(Error.prototype, {
      message: { value: "message" },
      name: {
        get: () => {
          throw new Error("name");
        },
      },
      stack: {
        get: () => {
          throw new Error("stack");
        },
      },
      cause: {
        get: () => {
          throw new Error("cause");
        },
      },
      own: {
        enumerable: true,
        get: () => {
          throw new Error("must not be read");
        },
      },
    });
    const thrown = [
      "text",
      0,
      10n,
      undefined,
      null,
      Symbol("s"),
      () => {},
      Object.create(null),
      {},
      { message: "plain" },
      revoked.proxy,
      traps,
      getters,
    ];
    expect(thrown.map((error) => formatError(error))).toEqual([
      "'text' (a string was thrown: it has no stack)",
      "0 (a number was thrown: it has no stack)",
      "10n (a bigint was thrown: it has no stack)",
      "undefined (undefined was thrown: it has no stack)",
      "null (null was thrown: it has no stack)",
      "Symbol(s) (a symbol was thrown: it has no stack)",
      "[Function (anonymous)] (a function was thrown: it has no stack)",
      "[Object: null prototype] {} (an object was thrown: it has no stack)",
      "{} (an object was thrown: it has no stack)",
      "{ message: 'plain' } (an object was thrown: it has no stack)",
      "<Revoked Proxy> (an object was thrown: it has no stack)",
      "Error: x (an object was thrown: it has no stack)",
      "Error: message",
    ]);
  });

  test("writes control characters of a message as text: it forges no line and moves no cursor", () => {
    expect(formatError(failure("a\u001b[2Jb\rc\u202ed", []))).toBe("Error: a\\u{1b}[2Jb\\u{d}c\\u{202e}d");
  });

  test("a name, a key, a code or a place that has a line break does not break the tree", async () => {
    const error = Object.assign(failure("m", [], { cause: failure("c", []) }), {
      code: "E\n└─ code",
      "k\n└─ key": failure("inner", []),
    });
    error.name = "N\n└─ name";
    const reason = new CancelledError("stop", "cancel", "g", undefined, 'task "a\n└─ forged"');
    expect([shape(error), shape(reason)]).toEqual([
      ["N\\n└─ name [E\\n└─ code]: m", "├─ cause: Error: c", "└─ k\\n└─ key: Error: inner"],
      ["AbortError [ERR_CANCELLED]: stop", '    cancelled 0 ms ago by task "a\\n└─ forged"'],
    ]);
  });

  test("a task, a group and a cleanup whose name has a line break are each in one line", async () => {
    const error = await errorOf(
      taskGroup(
        (group) => {
          group.spawn(() => Promise.reject(failure("task", [])), { name: "a\nb\u2028c" });
          group.defer(() => Promise.reject(failure("cleanup", [])));
        },
        { name: "g\nh" },
      ),
    );
    expect(shape(error)).toEqual([
      "ErrorGroup: 2 errors",
      "├─ 1 of 2: Error: task",
      '│      at task "a\\nb\\u{2028}c" in group "g\\nh", 0 ms (here)',
      "└─ 2 of 2: Error: cleanup",
      "       at cleanup of g\\nh",
    ]);
  });

  test("a message has its line breaks, those of Windows too, below the branch that it is in", () => {
    expect(shape(failure("outer", [], { cause: failure("one\r\n└─ two\u2028three", []) }))).toEqual([
      "Error: outer",
      "└─ cause: Error: one",
      "     └─ two\\u{2028}three",
    ]);
  });

  test("names a class that did not name itself, and an AggregateError of the platform as the group that it is", () => {
    class HttpError extends Error {}
    expect(shape(new HttpError("404"))).toEqual(["HttpError: 404"]);
    expect(shape(new AggregateError([failure("a", [])], "all failed"))).toEqual([
      "AggregateError: all failed",
      "└─ Error: a",
    ]);
  });

  test("colours only when told to", () => {
    expect(formatError(failure("x"), { color: true })).toBe(
      "\u001b[31;1mError: x\u001b[0m\n    \u001b[2mat load (file:///app.ts:3:5)\u001b[0m",
    );
  });

  test("R23: refuses options that can't be", async () => {
    const { depth, frames, color } = await settle({
      depth: () => formatError(1, { depth: -1 }),
      frames: () => formatError(1, { frames: 0.5 }),
      // Holds not: that is the mistake.
      color: () => formatError(1, { color: "yes" as unknown as boolean }),
    });
    expect([depth, frames, color].map((result) => (result.ok ? "" : String(result.error)))).toEqual([
      "RangeError: formatError: depth must be an integer >= 0 or Infinity, got -1 (number)",
      "RangeError: formatError: frames must be an integer >= 0 or Infinity, got 0.5 (number)",
      "TypeError: formatError: color must be true or false, got string",
    ]);
  });
});
