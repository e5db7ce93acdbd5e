/**
 * `--backoff`: how long to wait between attempts.
 *
 *     exp:BASE..MAX[,factor=N][,jitter=full|equal|decorrelated|none]     default factor 2, jitter full
 *     fixed:DURATION[,jitter=full|equal|decorrelated|none]               default jitter none
 *     none
 */
import { parseDuration } from "../duration.ts";

export interface Backoff {
  /** Milliseconds: the upper bound of the first delay. */
  readonly baseDelay: number;
  /** Milliseconds. */
  readonly maxDelay: number;
  readonly factor: number;
  readonly jitter: "full" | "equal" | "decorrelated" | "none";
}

/** The backoff, or undefined when `text` is not of the grammar above. */
export function parseBackoff(text: string): Backoff | undefined {
  const [shape = "", ...extras] = text.split(",");
  const base = parseShape(shape);
  if (base === undefined) return undefined;
  let backoff = base;
  for (const extra of extras) {
    const [name, value = ""] = extra.split("=");
    if (name === "jitter" && isJitter(value) && shape !== "none") {
      backoff = { ...backoff, jitter: value };
    } else if (name === "factor" && /^\d+(\.\d+)?$/.test(value) && Number(value) >= 1 && shape.startsWith("exp:")) {
      backoff = { ...backoff, factor: Number(value) };
    } else {
      return undefined;
    }
  }
  return backoff;
}

function parseShape(shape: string): Backoff | undefined {
  if (shape === "none") return { baseDelay: 0, maxDelay: 0, factor: 1, jitter: "none" };
  const [kind, range = ""] = shape.split(":");
  if (kind === "fixed") {
    const delay = parseDuration(range);
    return delay === undefined ? undefined : { baseDelay: delay, maxDelay: delay, factor: 1, jitter: "none" };
  }
  if (kind !== "exp") return undefined;
  const [from = "", to = "", ...more] = range.split("..");
  const [baseDelay, maxDelay] = [parseDuration(from), parseDuration(to)];
  if (baseDelay === undefined || maxDelay === undefined || maxDelay < baseDelay || more.length > 0) return undefined;
  return { baseDelay, maxDelay, factor: 2, jitter: "full" };
}

function isJitter(text: string): text is Backoff["jitter"] {
  return text === "full" || text === "equal" || text === "decorrelated" || text === "none";
}
