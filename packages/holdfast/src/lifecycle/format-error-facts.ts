/**
 * What is read of an error to print it: anything can be thrown, and everything about it can refuse to be read. Whatever is asked here has an answer.
 *
 * Invariants
 * - FORMAT-1: no read throws, and none runs more of the error's code than the getters of `name`, `message`, `stack`, `code`, `cause`, `errors` and `constructor`.
 */
import { inspect, types } from "node:util";

/** A message longer than this is somebody's document. */
const LONGEST_MESSAGE = 2000;
const LONGEST_DETAIL = 500;

/** A property of whatever was thrown; undefined when it refuses. */
export function readProperty(target: unknown, key: string): unknown {
  try {
    // Holds: a property of anything but null and undefined can be asked for, and of those it throws, here.
    return (target as { readonly [name: string]: unknown })[key];
  } catch {
    return undefined;
  }
}

function textOf(target: unknown, key: string): string | undefined {
  const value = readProperty(target, key);
  return typeof value === "string" ? value : undefined;
}

/** Whether it has what an error has. Of this realm or another, a proxy of one too. */
export function isErrorLike(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (types.isNativeError(value)) return true;
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** Its name; for an "Error" that is an instance of a class with a name, that name. */
export function nameOfError(error: unknown): string {
  const name = textOf(error, "name") ?? "Error";
  const ofClass = textOf(readProperty(error, "constructor"), "name");
  return name === "Error" && ofClass !== undefined && ofClass !== "" && ofClass !== "Object"
    ? ofClass
    : name || "Error";
}

/** The errors of a group or of any AggregateError; undefined for what is none. */
export function errorsOf(error: unknown): readonly unknown[] | undefined {
  const errors = readProperty(error, "errors");
  const isGroup = readProperty(error, "code") === "ERR_ERROR_GROUP" || textOf(error, "name") === "AggregateError";
  if (!isGroup && !isInstance(error, AggregateError)) return undefined;
  try {
    return Array.isArray(errors) ? [...errors] : undefined;
  } catch {
    return undefined;
  }
}

function isInstance(value: unknown, of: typeof AggregateError): boolean {
  try {
    return value instanceof of;
  } catch {
    return false;
  }
}

/** "TypeError [CODE]: message" in one or more lines; of what is no error, what it is. */
export function titleOf(error: unknown): string {
  if (!isErrorLike(error)) return `${inspected(error)} (${kindOf(error)} was thrown: it has no stack)`;
  const name = nameOfError(error);
  let message = textOf(error, "message") ?? "";
  const count = errorsOf(error)?.length;
  const summary = count === undefined ? "" : `${count} ${count === 1 ? "error" : "errors"}`;
  // What follows it is printed below, in full.
  if (summary !== "" && (message === "" || message.startsWith(`${summary}: `))) message = summary;
  const code = readProperty(error, "code");
  const isTold =
    typeof code !== "string" || code === "" || summary !== "" || message.includes(code) || name.includes(code);
  const title = oneLine(`${name}${isTold ? "" : ` [${code}]`}`);
  const lines = message.replaceAll("\r\n", "\n");
  return printable(shortened(`${title}${lines === "" ? "" : `: ${lines}`}`, LONGEST_MESSAGE));
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What is printed elsewhere, or by our own classes in words. */
const TOLD: ReadonlySet<string> = new Set(
  "name message stack code cause errors error suppressed kind group by at task layer timeout unresponsive".split(" "),
);

/** The error's own data (`status`, `path`, …) in one line; objects in it by their type alone: they are long, and may hold secrets. undefined without any. */
export function detailsOf(error: object): string | undefined {
  const details: Record<string, unknown> = {};
  let some = false;
  for (const [key, value] of dataOf(error)) {
    if (TOLD.has(key) || isErrorLike(value) || typeof value === "function") continue;
    details[key] = value;
    some = true;
  }
  return some ? inspected(details) : undefined;
}

/** Errors that it holds under names of its own, like `originalError`. */
export function innerErrorsOf(error: object): readonly (readonly [string, unknown])[] {
  return dataOf(error).filter(([key, value]) => !TOLD.has(key) && isErrorLike(value));
}

/** Enumerable properties of its own, getters left alone. */
function dataOf(error: object): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(Object.getOwnPropertyDescriptors(error)).flatMap(([key, { enumerable = false, value }]) =>
      enumerable && value !== undefined ? [[key, value as unknown] as const] : [],
    );
  } catch {
    return [];
  }
}

/** Any value in one line. */
function inspected(value: unknown): string {
  try {
    const text = inspect(value, {
      depth: 0,
      breakLength: Infinity,
      maxArrayLength: 10,
      maxStringLength: 200,
      customInspect: false,
    });
    return printable(shortened(text.replace(/\n\s+at [^]*$/u, "").replace(/\s*\n\s*/gu, " "), LONGEST_DETAIL));
  } catch {
    return "something that can't be read";
  }
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

/** Control characters as text, all but line breaks and tabs: what an error says must not move the cursor of a terminal. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${character.charCodeAt(0).toString(16)}}`,
  );
}

/** As {@link printable}, for a name, a key or a place: it must not forge lines either. */
export function oneLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** A duration for people: "0.4 ms", "12 ms", "3.2 s", "4 min 10 s", "2 h 5 min". */
export function durationText(ms: number): string {
  if (!(ms < Infinity)) return `${ms} ms`;
  if (ms < 999.5) return `${ms < 9.95 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (ms < 59_950) return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
