/**
 * One attempt: calls the handler and turns what it returns into the line that the journal and --output keep.
 *
 * A handler that returns a plain value costs no promise here.
 */
import { StopRetry } from "holdfast";
import type { ItemContext } from "holdfast";
import type { InputItem } from "../input/index.ts";
import { AttemptHandlerContext } from "./attempt-handler-context.ts";
import type { RunShared } from "./attempt-handler-context.ts";
import type { Handler } from "./handler-context.ts";
import { isError } from "./error-facts.ts";
import { HttpStatusError, NonErrorThrown, UnserializableResult } from "./handler-error.ts";

export type ThrowListener = (entry: InputItem, attempt: ItemContext, error: Error) => void;

/** Calls `handler` once; the result as one line of JSON. Rejects or throws with an `Error`, whatever was thrown, and tells `onThrow` first. */
export function callHandler(
  handler: Handler,
  entry: InputItem,
  attempt: ItemContext,
  shared: RunShared,
  onThrow: ThrowListener,
): string | Promise<string> {
  try {
    const returned = handler(entry.item, new AttemptHandlerContext(attempt, entry, shared));
    return isThenable(returned) ? resultOf(returned, entry, attempt, onThrow) : toLine(returned);
  } catch (thrown) {
    const error = asError(thrown);
    onThrow(entry, attempt, error);
    throw error;
  }
}

async function resultOf(
  returned: PromiseLike<unknown>,
  entry: InputItem,
  attempt: ItemContext,
  onThrow: ThrowListener,
): Promise<string> {
  try {
    return toLine(await returned);
  } catch (thrown) {
    const error = asError(thrown);
    onThrow(entry, attempt, error);
    throw error;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function asError(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  return thrown instanceof Response ? new HttpStatusError(thrown) : new NonErrorThrown(thrown);
}

function toLine(value: unknown): string {
  if (value === undefined) return "null";
  if (typeof value === "object" && value instanceof Response) throw responseError(value);
  let line: string | undefined;
  try {
    line = JSON.stringify(value);
  } catch (error) {
    throw new StopRetry(
      new UnserializableResult(error instanceof Error ? firstLine(error.message) : String(error), error),
    );
  }
  if (line === undefined) throw new StopRetry(new UnserializableResult(`it is a ${typeof value}`));
  return line;
}

/** 429 and 503 ask to come back; any other response was returned by mistake, since its body would be lost. */
function responseError(response: Response): Error {
  if (response.status === 429 || response.status === 503) return new HttpStatusError(response);
  return new StopRetry(
    new UnserializableResult(
      `it is a Response (HTTP ${response.status}); return what you need of it, like await response.json()`,
    ),
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
