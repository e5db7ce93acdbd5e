/**
 * Reads what was thrown, whatever it is: errors of other realms, without a message, frozen, or with fields that throw when
 * they are read. Nothing here throws.
 */
import { isCancellation } from "holdfast";
import { inspect } from "node:util";

/** What an error is called, wherever errors are counted by kind. */
export interface ErrorFacts {
  readonly errorName: string;
  readonly errorCode: string | undefined;
  readonly message: string;
}

const maxMessage = 2_000;
const maxStack = 8_000;
const maxCauses = 3;

/** Of any realm; by its tag where `instanceof` does not know it. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
  } catch {
    return false;
  }
}

/** A wrapper without a code of its own has its cause's: `fetch` throws "fetch failed", and says why below. */
export function describeError(thrown: unknown): ErrorFacts {
  const error = underlying(thrown);
  const message = messageOf(error);
  const cause = causeOf(error);
  const why = cause === undefined ? "" : messageOf(cause);
  const isTold = why === "" || message.includes(firstLine(why));
  return {
    errorName: nameOf(error),
    errorCode: codeOf(error) ?? codeOf(cause),
    message: clip(isTold ? message : `${message}: ${why}`, maxMessage),
  };
}

/** With the stacks of its causes below, which `stack` itself leaves out. */
export function stackOf(thrown: unknown): string | undefined {
  const error = underlying(thrown);
  const stack = field(error, "stack");
  if (typeof stack !== "string") return undefined;
  let text = stack;
  let cause = field(error, "cause");
  for (let depth = 0; depth < maxCauses && isError(cause); depth += 1) {
    const below = field(cause, "stack");
    text += `\ncaused by: ${typeof below === "string" ? below : messageOf(cause)}`;
    cause = field(cause, "cause");
  }
  return clip(text, maxStack);
}

export function clip(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** StopRetry only says that there is no point in trying again; what failed is inside. */
function underlying(error: unknown): unknown {
  if (field(error, "code") !== "ERR_STOP_RETRY") return error;
  return field(error, "cause") ?? error;
}

/** What a timeout aborted with is no reason for it. */
function causeOf(error: unknown): Error | undefined {
  const cause = field(error, "cause");
  return isError(cause) && !isCancellation(cause) ? cause : undefined;
}

/** A subclass that forgot to set `name` is known by its constructor. */
function nameOf(error: unknown): string {
  if (!isError(error)) return typeof error;
  const name = field(error, "name");
  if (typeof name === "string" && name !== "" && name !== "Error") return name;
  const className = field(field(error, "constructor"), "name");
  return typeof className === "string" && className !== "" ? className : "Error";
}

function messageOf(error: unknown): string {
  const message = isError(error) ? field(error, "message") : error;
  if (typeof message === "string") return message;
  return message === undefined && isError(error) ? "" : inspect(message);
}

function codeOf(error: unknown): string | undefined {
  const code = field(error, "code");
  return typeof code === "string" || typeof code === "number" ? String(code) : undefined;
}

/** A field of anything; undefined where there is none, or reading it throws. */
function field(value: unknown, name: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
