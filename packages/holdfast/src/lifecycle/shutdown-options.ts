/**
 * How long a shutdown may take, as a whole and in each phase.
 */
import { checkDuration } from "../core/lowlevel.ts";
import type { ShutdownPhase } from "./shutdown-errors.ts";

/** In the order in which they run. */
export const PHASES: readonly ShutdownPhase[] = ["announce", "intake", "drain", "close", "flush"];

/** How long a shutdown takes. */
export interface ShutdownOptions {
  /**
   * Milliseconds between `announce` and `intake`, in which everything is still served: a load balancer needs them to notice that this process is not ready any more. In
   * Kubernetes as long as a few periods of the readiness probe. Default 0.
   */
  readonly delay?: number | undefined;
  /** Milliseconds for all of it, the delay included; what is still at work then is told to stop, and has half a second for that. Default 25,000: Kubernetes kills after 30,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds for each phase. Default 1,000 for `announce`, 2,000 for `intake`, 5,000 for `close`, 2,000 for `flush`, and for `drain` all that the others leave of `timeout`. */
  readonly limits?: { readonly [P in ShutdownPhase]?: number | undefined } | undefined;
}

export interface ShutdownSettings {
  readonly delay: number;
  readonly timeout: number;
  readonly limits: { readonly [P in ShutdownPhase]: number };
}

/** @throws {TypeError | RangeError} naming the option that can't be */
export function checkShutdown(options: ShutdownOptions): ShutdownSettings {
  const { delay = 0, timeout = 25_000 } = options;
  const { announce = 1_000, intake = 2_000, drain = Infinity, close = 5_000, flush = 2_000 } = options.limits ?? {};
  const limits = { announce, intake, drain, close, flush };
  for (const [name, value] of Object.entries({ delay, timeout })) checkDuration(name, value, 0, "gracefulShutdown");
  for (const phase of PHASES) checkDuration(`limits.${phase}`, limits[phase], 0, "gracefulShutdown");
  return { delay, timeout, limits };
}

/** Milliseconds for `phase` when `left` are left: no more than its limit, and not what the phases after it have coming. At least one: every part is called. */
export function limitOf(phase: ShutdownPhase, left: number, { limits }: ShutdownSettings): number {
  let reserved = 0;
  for (const later of PHASES.slice(PHASES.indexOf(phase) + 1))
    // What takes all that is left has nothing reserved.
    if (limits[later] !== Infinity) reserved += limits[later];
  return Math.max(1, Math.min(limits[phase], left - reserved));
}
