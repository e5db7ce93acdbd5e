/**
 * When a server says how long to wait.
 */
import { timeUntil } from "../core/lowlevel.ts";

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
 * @see RFC 9110, section 10.2.3
 */
export function retryAfter(source: unknown, options?: { readonly max?: number | undefined }): number | undefined {
  const asked = read(source, 0);
  return asked === undefined ? undefined : Math.min(Math.max(0, asked), options?.max ?? Infinity);
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

function parse(value: unknown): number | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const delay = timeUntil(value);
  return Number.isNaN(delay) ? undefined : delay;
}
