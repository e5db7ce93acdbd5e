/**
 * When a server says how long to wait.
 */
import { checkDuration, timeUntil } from "../core/lowlevel.ts";

interface HeaderSource {
  readonly get?: unknown;
  readonly headers?: unknown;
  readonly response?: unknown;
  readonly retryAfter?: unknown;
}

/** An error may carry a response, which carries headers: deeper is nothing that anybody meant. */
const DEEPEST = 3;

/**
 * Milliseconds from a Response, from Headers, or from an error that carries one (`response`, `headers`), read from its Retry-After header: seconds
 * or a date. An error's own `retryAfter` goes first: a number is milliseconds, a string is read like the header. Never below 0; undefined when there is none.
 *
 * Pass it as retry's `delay`: `delay: ({ error }) => retryAfter(error, { max: 60_000 })`.
 *
 * @param options `max`: no answer is longer. Default Infinity: a server may ask for a day, so set it.
 * @throws {RangeError | TypeError} for a `max` that is no duration
 * @see RFC 9110, section 10.2.3
 */
export function retryAfter(source: unknown, options?: { readonly max?: number | undefined }): number | undefined {
  const max = options?.max ?? Infinity;
  checkDuration("retryAfter: max", max);
  const asked = read(source, 0);
  return asked === undefined ? undefined : Math.min(Math.max(0, asked), max);
}

function read(source: unknown, depth: number): number | undefined {
  if (typeof source !== "object" || source === null || depth > DEEPEST) return undefined;
  const { get, headers, response, retryAfter: own }: HeaderSource = source;
  if (typeof own === "number") return Number.isNaN(own) ? undefined : own;
  return (
    parse(own) ??
    parse(typeof get === "function" ? get.call(source, "retry-after") : plainHeader(source)) ??
    read(headers, depth + 1) ??
    read(response, depth + 1)
  );
}

/** Headers as a plain object, as axios and node:http have them. */
function plainHeader(headers: object): unknown {
  for (const [name, value] of Object.entries(headers)) if (name.toLowerCase() === "retry-after") return value;
  return undefined;
}

/** The formats of RFC 9110, and ISO 8601. What else `Date.parse` takes, a "-5" say, is no date to anybody. */
const DATE = /^[A-Z][a-z]+,? .* GMT$|^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/;
/** The oldest of them, which has no zone: GMT is meant. */
const WITHOUT_ZONE = /^[A-Z][a-z]+ .* \d{4}$/;

function parse(value: unknown): number | undefined {
  // In plain headers, of node:http and of mocks, a number of seconds may be a number.
  if (typeof value === "number") return value >= 0 ? value * 1000 : undefined;
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = WITHOUT_ZONE.test(text) ? `${text} GMT` : text;
  const delay = DATE.test(date) ? timeUntil(date) : Number.NaN;
  return Number.isNaN(delay) ? undefined : delay;
}
