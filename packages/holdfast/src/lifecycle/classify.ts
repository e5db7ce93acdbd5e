/**
 * What an error means: whether somebody has to repair the program, or the world was as it is.
 */
import { type ErrorPredicate, type ErrorTest, findError, isTimeout } from "../core/index.ts";
import { checkFunction, checkOneOf, isAbortError } from "../core/lowlevel.ts";
import { ERROR_KINDS, type ErrorKind } from "./error-handler-record.ts";
import { isErrorLike, readProperty } from "./format-error-facts.ts";

/** Which errors are of which kind: by class or predicate, as in `findError`, or by `code`. */
export type ClassifyRule = readonly [test: ErrorTest<unknown> | string, kind: ErrorKind];

const TIMEOUTS: ReadonlySet<string> = new Set(
  "ETIMEDOUT ESOCKETTIMEDOUT ERR_SOCKET_CONNECTION_TIMEOUT UND_ERR_CONNECT_TIMEOUT UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT".split(
    " ",
  ),
);
/** Policies that do what they are there for. */
const REFUSALS: ReadonlySet<string> = new Set("ERR_CIRCUIT_OPEN ERR_BULKHEAD_FULL ERR_RATE_LIMITED".split(" "));
/** Of the operating system, and of undici (which `fetch` is made of). */
const OF_SYSTEM = /^(?:E[A-Z][A-Z0-9]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+)$/u;
/** Causes further down than this are somebody's cycle. */
const DEEPEST = 8;

/** @throws {TypeError} for a rule that can't be */
export function checkRules(rules: readonly ClassifyRule[]): void {
  if (!Array.isArray(rules))
    throw new TypeError(`errorHandler: classify takes a list of [test, kind], got ${typeof rules}`);
  for (const [test, kind] of rules) {
    if (typeof test !== "string") checkFunction("errorHandler: classify: test", test);
    checkOneOf("errorHandler: classify: kind", kind, ERROR_KINDS);
  }
}

/**
 * The kind of an error that is no group. The first of `rules` that matches says it. Else: a cancellation is "cancelled"; a TimeoutError, of whatever origin, or a code for one, is "timeout"; a code
 * of the operating system and a refusal of one of this package's policies are "expected"; so are errors with such a cause (what `fetch` throws); everything else is a "defect".
 *
 * @param fault is told what a predicate threw; the rule is then passed over
 */
export function classify(error: unknown, rules: readonly ClassifyRule[], fault: (error: unknown) => void): ErrorKind {
  for (const [test, kind] of rules)
    try {
      if (typeof test === "string" ? readProperty(error, "code") === test : isMatch(error, test)) return kind;
    } catch (thrown) {
      fault(thrown);
    }
  if (isAbortError(error) || readProperty(error, "code") === "ERR_TASK_CANCELLED") return "cancelled";
  let at = error;
  for (let depth = 0; isErrorLike(at) && depth < DEEPEST; depth++) {
    if (isTimeout(at)) return "timeout";
    const code = readProperty(at, "code");
    if (typeof code === "string") {
      if (TIMEOUTS.has(code)) return "timeout";
      if (OF_SYSTEM.test(code) || REFUSALS.has(code)) return "expected";
    }
    at = readProperty(at, "cause");
  }
  return "defect";
}

function isMatch(error: unknown, test: ErrorTest<unknown>): boolean {
  // Holds: which of the three a test is, findError sees for itself.
  return findError(error, test as ErrorPredicate) !== undefined;
}
