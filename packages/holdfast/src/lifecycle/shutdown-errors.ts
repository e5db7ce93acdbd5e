/** The error classes of a shutdown. */

/** What a program does to end in order, one after the other. */
export type ShutdownPhase = "announce" | "intake" | "drain" | "close" | "flush";

/** What a part still waits for that is worth naming; the rest is counted. */
const NAMED = 5;

/** A part of a shutdown was told to stop at its limit, or because of a hurry. Whether it did then is `hasStopped`; the shutdown went on. */
export class ShutdownTimeoutError extends Error {
  override get name(): "ShutdownTimeoutError" {
    return "ShutdownTimeoutError";
  }
  readonly code = "ERR_SHUTDOWN_TIMEOUT" as const;
  /** The name of the part. */
  readonly part: string;
  readonly phase: ShutdownPhase;
  /** Milliseconds after which it was told to stop. */
  readonly limit: number;
  /** What it waited for, in its own words. */
  readonly waitingFor: readonly string[];
  /** false: it goes on without an owner. */
  readonly hasStopped: boolean;

  constructor(
    part: string,
    phase: ShutdownPhase,
    limit: number,
    waitingFor: readonly string[],
    hasStopped: boolean,
    cause: unknown,
  ) {
    const named = waitingFor.slice(0, NAMED).join(", ");
    const more = waitingFor.length > NAMED ? ` and ${waitingFor.length - NAMED} more` : "";
    const what = named === "" ? "" : `, waiting for ${named}${more}`;
    const after = hasStopped ? "" : "; it goes on: pass ({ signal }) on, so that it can be stopped";
    const message = `shutdown: "${part}" was cut short in phase ${phase} after ${limit} ms${what}${after}`;
    super(message, cause === undefined ? undefined : { cause });
    this.part = part;
    this.phase = phase;
    this.limit = limit;
    this.waitingFor = waitingFor;
    this.hasStopped = hasStopped;
  }
}

/** A part was added to a shutdown that is over: nobody would call it. */
export class ShutdownOverError extends Error {
  override get name(): "ShutdownOverError" {
    return "ShutdownOverError";
  }
  readonly code = "ERR_SHUTDOWN_OVER" as const;
  readonly part: string;

  constructor(part: string) {
    super(`"${part}" was added to a shutdown that is over; put it in order yourself, or add it earlier`);
    this.part = part;
  }
}
