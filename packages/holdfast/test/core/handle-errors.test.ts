import { CancelledError, ErrorGroup, handleErrors, isTimeout, suppressedErrors, taskGroup, timeout } from "holdfast";
import { suppress } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { abortError, errorOf } from "./outcome.ts";

class HttpError extends Error {}
class ParseError extends Error {}

const http = new HttpError("404");
const http2 = new HttpError("500");
const parse = new ParseError("json");
const other = new Error("other");
const cancelled = new CancelledError("stop", "cancel", "group", undefined, undefined, 0);

describe("handleErrors", () => {
  test("gives each clause a group of what it matches, in their order, and resolves when nothing is left", async () => {
    const log: unknown[] = [];
    await handleErrors(
      new ErrorGroup([parse, http, http2]),
      [HttpError, (group) => void log.push(["http", group instanceof ErrorGroup, group.errors])],
      [ParseError, (group) => void log.push(["parse", group instanceof ErrorGroup, group.errors])],
    );
    expect(log).toEqual([
      ["http", true, [http, http2]],
      ["parse", true, [parse]],
    ]);
  });

  test("an error goes to the first clause that matches, and to no other", async () => {
    const log: unknown[] = [];
    await handleErrors(
      new ErrorGroup([http, other]),
      [HttpError, (group) => void log.push(group.errors)],
      [Error, (group) => void log.push(group.errors)],
      [Error, () => void log.push("again")],
    );
    expect(log).toEqual([[http], [other]]);
  });

  test("awaits one handler before the next", async () => {
    const log: string[] = [];
    await handleErrors(
      new ErrorGroup([http, parse]),
      [
        HttpError,
        async () => {
          log.push("http starts");
          await Promise.resolve();
          log.push("http ends");
        },
      ],
      [ParseError, () => void log.push("parse")],
    );
    expect(log).toEqual(["http starts", "http ends", "parse"]);
  });

  test("R4: what nobody took is thrown, as a group, when the error came as one", async () => {
    const error = await errorOf(handleErrors(new ErrorGroup([http, other]), [HttpError, () => {}]));
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [other] });
  });

  test("R4: a bare error that nobody took is rethrown as it is", async () => {
    expect(await errorOf(handleErrors(other, [HttpError, () => {}]))).toBe(other);
  });

  test("R4: a group of which nobody took anything is rethrown as it is", async () => {
    const group = new ErrorGroup([other]);
    expect(await errorOf(handleErrors(group, [HttpError, () => {}]))).toBe(group);
  });

  test("a bare error that a clause took is given to it in a group", async () => {
    const seen: unknown[] = [];
    await handleErrors(http, [HttpError, (group) => void seen.push(group.errors)]);
    expect(seen).toEqual([[http]]);
  });

  test("R4: what handlers throw and what nobody took go out together, handlers' first; all clauses run", async () => {
    const log: string[] = [];
    const first = new Error("first handler");
    const second = new Error("second handler");
    const error = await errorOf(
      handleErrors(
        new ErrorGroup([http, other, parse]),
        [
          HttpError,
          () => {
            log.push("http");
            throw first;
          },
        ],
        [
          ParseError,
          () => {
            log.push("parse");
            return Promise.reject(second);
          },
        ],
      ),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [first, second, other] });
    expect(log).toEqual(["http", "parse"]);
  });

  test("what a handler throws goes out in a group, when nothing else is left", async () => {
    const thrown = new Error("handler");
    expect(await errorOf(handleErrors(http, [HttpError, () => Promise.reject(thrown)]))).toMatchObject({
      name: "ErrorGroup",
      errors: [thrown],
    });
  });

  test("R17: a test that throws is a clause that failed: no other is skipped, and nothing is lost", async () => {
    const broken = new Error("test");
    const seen: unknown[] = [];
    const error = await errorOf(
      handleErrors(
        new ErrorGroup([http, parse, other]),
        [HttpError, () => Promise.reject(http2)],
        [
          () => {
            throw broken;
          },
          () => {},
        ],
        [ParseError, (group) => void seen.push(group.errors)],
      ),
    );
    expect(seen).toEqual([[parse]]);
    expect(error).toMatchObject({ errors: [http2, broken, other] });
  });

  test("ERROR-2: nested groups keep their nesting, in the match and in the rest", async () => {
    const seen: ErrorGroup[] = [];
    const error = await errorOf(
      handleErrors(new ErrorGroup([http, new ErrorGroup([http2, other])]), [
        HttpError,
        (group) => void seen.push(group),
      ]),
    );
    expect(seen).toMatchObject([{ errors: [http, { errors: [http2] }] }]);
    expect(error).toMatchObject({ errors: [{ errors: [other] }] });
  });

  for (const [what, error] of [
    ["a CancelledError", cancelled],
    ["a foreign AbortError", abortError()],
  ] as const) {
    test(`R4: ${what} is not taken by [Error, …], bare or in a group`, async () => {
      const seen: unknown[] = [];
      const clause = [Error, (group: ErrorGroup<Error>) => void seen.push(group.errors)] as const;
      expect(await errorOf(handleErrors(error, clause))).toBe(error);
      expect(await errorOf(handleErrors(new ErrorGroup([other, error]), clause))).toMatchObject({ errors: [error] });
      expect(seen).toEqual([[other]]);
    });

    test(`R4: ${what} is taken by a predicate`, async () => {
      const seen: unknown[] = [];
      await handleErrors(error, [(one) => one === error, (group) => void seen.push(group.errors)]);
      expect(seen).toEqual([[error]]);
    });
  }

  test("R4: a CancelledError is taken by its own class", async () => {
    const seen: unknown[] = [];
    await handleErrors(cancelled, [CancelledError, (group) => void seen.push(group.errors)]);
    expect(seen).toEqual([[cancelled]]);
  });

  test("takes guards: a timeout by isTimeout", async () => {
    const error = await errorOf(timeout(0, () => {}));
    const seen: unknown[] = [];
    await handleErrors(new ErrorGroup([error]), [isTimeout, (group) => void seen.push(group.errors)]);
    expect(seen).toEqual([[error]]);
  });

  test("takes what a task group throws", async () => {
    const error = await errorOf(
      taskGroup((group) => {
        group.spawn(() => Promise.reject(http));
        group.spawn(() => Promise.reject(parse));
      }),
    );
    const seen: unknown[] = [];
    const rest = await errorOf(handleErrors(error, [HttpError, (group) => void seen.push(group.errors)]));
    expect([seen, rest]).toMatchObject([[[http]], { errors: [parse] }]);
  });

  test("R21: what was suppressed stays with what goes out", async () => {
    const source = new ErrorGroup([http, other]);
    suppress(source, [parse], "test");
    expect(suppressedErrors(await errorOf(handleErrors(source, [HttpError, () => {}])))).toEqual([parse]);
    const thrown = new Error("handler");
    const error = await errorOf(handleErrors(source, [HttpError, () => Promise.reject(thrown)]));
    expect(error).toMatchObject({ errors: [thrown, other] });
    expect(suppressedErrors(error)).toEqual([parse]);
  });

  for (const primitive of [undefined, null, "text", 0])
    test(`takes ${String(primitive)}, which can be thrown as well`, async () => {
      const seen: unknown[] = [];
      await handleErrors(primitive, [(error) => error === primitive, (group) => void seen.push(group.errors)]);
      expect(seen).toEqual([[primitive]]);
    });

  test("without clauses throws the error", async () => {
    expect(await errorOf(handleErrors(other))).toBe(other);
  });

  test("R23: a clause that is no pair, or whose parts are no functions, is a TypeError, and no handler runs", async () => {
    let ran = false;
    const fine = [HttpError, () => void (ran = true)];
    const messages: unknown[] = [];
    for (const clause of [HttpError, [5, () => {}], [HttpError], undefined]) {
      // Holds: what a caller without types may pass.
      const call = handleErrors as (error: unknown, ...clauses: unknown[]) => Promise<void>;
      const error = await errorOf(call(http, fine, clause));
      expect(error).toBeInstanceOf(TypeError);
      messages.push((error as Error).message);
    }
    expect(ran).toBe(false);
    expect(messages).toEqual([
      "handleErrors: clause 2 must be a pair [test, handler], got function",
      "handleErrors: test of clause 2 takes a function, got 5 (number)",
      "handleErrors: handler of clause 2 takes a function, got undefined",
      "handleErrors: clause 2 must be a pair [test, handler], got undefined",
    ]);
  });
});
