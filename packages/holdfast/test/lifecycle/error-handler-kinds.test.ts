import { CancelledError, timeout } from "holdfast";
import { errorHandler, type ErrorHandlerOptions, type ErrorRecord } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { collector, failure } from "./error-handler-kit.ts";

const clock = useFakeClock();

describe("kinds", () => {
  /** The kind of each error, under the rules. */
  function kinds(errors: readonly unknown[], options?: ErrorHandlerOptions): ErrorRecord["kind"][] {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter], silent: [], ...options });
    for (const error of errors) handler.report(error);
    return reporter.records.map(({ kind }) => kind);
  }

  test("are told from names and codes, those of causes too", async () => {
    const coded = (code: string): Error => Object.assign(failure("x"), { code });
    expect(
      kinds([
        failure("x"),
        "text",
        new TypeError("x is not a function"),
        new TypeError("fetch failed", { cause: coded("ECONNREFUSED") }),
        coded("ENOENT"),
        coded("ERR_CIRCUIT_OPEN"),
        coded("ERR_INVALID_ARG_TYPE"),
        coded("ETIMEDOUT"),
        failure("load failed", { cause: await clock.run(() => errorOf(timeout(1, (context) => context.sleep(5)))) }),
        new DOMException("late", "TimeoutError"),
        new DOMException("stop", "AbortError"),
        failure("rollback failed", { cause: new CancelledError("stop", "cancel", "g") }),
      ]),
    ).toEqual([
      "defect",
      "defect",
      "defect",
      "expected",
      "expected",
      "expected",
      "defect",
      "timeout",
      "timeout",
      "timeout",
      "cancelled",
      "defect",
    ]);
  });

  test("are what the first rule says that matches: a class, a code, or a predicate", () => {
    class HttpError extends Error {
      readonly status: number;
      constructor(status: number) {
        super(`status ${status}`);
        this.status = status;
      }
    }
    const coded = Object.assign(failure("x"), { code: "E_QUOTA" });
    expect(
      kinds([new HttpError(500), new HttpError(404), coded, failure("x")], {
        classify: [
          [(error) => error instanceof HttpError && error.status >= 500, "defect"],
          [HttpError, "expected"],
          ["E_QUOTA", "timeout"],
        ],
      }),
    ).toEqual(["defect", "expected", "timeout", "defect"]);
  });

  test("that are silent are counted and not reported", () => {
    expect(kinds([failure("x"), new DOMException("stop", "AbortError")], { silent: ["defect"] })).toEqual([
      "cancelled",
    ]);
  });

  test("R23: that do not exist are refused", () => {
    // Holds not: that is the mistake.
    const options = { classify: [["E_X", "fatal"]] } as unknown as ErrorHandlerOptions;
    expect(() => errorHandler(options)).toThrow(
      'errorHandler: classify: kind must be one of "defect", "timeout", "expected", "cancelled", got "fatal" (string)',
    );
  });
});
