/**
 * What a circuit breaker tells: its error, and the events of its hook.
 */
import type { CircuitStats } from "./circuit-window.ts";
import type { PolicyEvent } from "./policy-states.ts";

/**
 * closed: calls go through. open: all are refused. half-open: its time is over, and a few are let through to see.
 */
export type CircuitState = "closed" | "open" | "half-open";

/**
 * What happened to a circuit. "open": with what was in the window, and when it will be half-open, on the clock of `performance.now()`. "half-open": the first probe comes through.
 * "close". "reject": a call was refused.
 */
export type CircuitEvent = PolicyEvent &
  (
    | { readonly type: "open"; readonly stats: CircuitStats; readonly openUntil: number }
    | { readonly type: "half-open" }
    | { readonly type: "close" }
    | { readonly type: "reject"; readonly error: CircuitOpenError }
  );

/** The circuit is open, or half-open with all its probes under way: the function was not called. */
export class CircuitOpenError extends Error {
  override get name(): "CircuitOpenError" {
    return "CircuitOpenError";
  }
  readonly code = "ERR_CIRCUIT_OPEN" as const;
  /** The name of the circuit breaker. */
  readonly circuit: string;
  readonly key: string | undefined;
  /** Milliseconds until a call is let through to see, unless the circuit closes before; Infinity: never by itself. */
  readonly retryAfter: number;

  /** @param title the breaker, in a sentence */
  constructor(title: string, circuit: string, key: string | undefined, state: CircuitState, retryAfter: number) {
    const wayOut =
      retryAfter === Infinity ? "close() it when it may be called" : `try again in ${Math.ceil(retryAfter)} ms`;
    super(`${title} is ${state === "open" ? "open" : "half-open, with all its probes under way"}; ${wayOut}`);
    this.circuit = circuit;
    this.key = key;
    this.retryAfter = retryAfter;
  }
}
