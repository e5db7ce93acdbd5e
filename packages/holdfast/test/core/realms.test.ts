/** Errors and signals of another realm, where no `instanceof` holds. */
import { createContext, runInContext } from "node:vm";
import { ErrorGroup, findError, isCancellation, isTimeout, splitError, suppressedErrors, taskGroup } from "holdfast";
import { suppress } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { errorOf, waitUntilAborted } from "./outcome.ts";

const realm = createContext({});
const evaluate = (source: string): unknown => runInContext(source, realm);
const named = (name: string): unknown =>
  evaluate(`Object.defineProperty(new Error("foreign"), "name", { value: ${JSON.stringify(name)} })`);

describe("an error of another realm", () => {
  test("is no Error here, and is listed all the same, with its message", async () => {
    const foreign = evaluate('new TypeError("foreign")');
    expect(foreign instanceof Error).toBe(false);
    const error = await errorOf(
      taskGroup(() => {
        throw foreign;
      }),
    );
    expect((error as ErrorGroup).errors[0] === foreign).toBe(true);
    expect((error as ErrorGroup).message).toBe("1 error: TypeError: foreign");
  });

  test("R22: guards know it by its name", () => {
    expect([isTimeout(named("TimeoutError")), isCancellation(named("AbortError")), isTimeout(named("Error"))]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("that is an AggregateError is opened", () => {
    const foreign = evaluate('new AggregateError([new RangeError("low"), 5])');
    expect(new ErrorGroup([foreign]).leaves()).toMatchObject([{ message: "low" }, 5]);
    expect(findError(foreign, (error) => error === 5)).toBe(5);
    const [match, rest] = splitError(foreign, (error) => error === 5);
    expect([match?.errors, (rest as ErrorGroup).errors]).toMatchObject([[5], [{ message: "low" }]]);
  });

  test("R3: carries what was suppressed", () => {
    const foreign = evaluate("Object.freeze(new Error('foreign'))");
    suppress(foreign, ["other"], "task");
    expect(suppressedErrors(foreign)).toEqual(["other"]);
  });

  for (const [what, source, isEcho] of [
    [
      "an AbortError caused by the reason",
      'Object.assign(new Error("a", { cause: reason }), { name: "AbortError" })',
      true,
    ],
    ["an aggregate of it", "new AggregateError([reason])", true],
    ["an empty aggregate", "new AggregateError([])", false],
    ["an error of its own, caused by it", 'new Error("rollback", { cause: reason })', false],
  ] as const)
    test(`R11: ${what} is ${isEcho ? "an echo" : "a failure"}`, async () => {
      const outer = new AbortController();
      const reason = new Error("stop");
      const result = errorOf(
        taskGroup(
          ({ signal }) =>
            waitUntilAborted(signal, (given) =>
              (evaluate(`(reason) => ${source}`) as (given: unknown) => unknown)(given),
            ),
          {
            signal: outer.signal,
          },
        ),
      );
      outer.abort(reason);
      expect((await result) === reason).toBe(isEcho);
    });
});
