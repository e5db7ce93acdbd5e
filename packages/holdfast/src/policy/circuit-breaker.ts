/**
 * Not calling what fails anyway, until it may have recovered.
 *
 *   closed ──so much in the window has failed, or was slow──▶ open ──openFor is over, and somebody calls──▶ half-open
 *      ▲                                                       ▲                                               │
 *      │                                                       └──a probe has failed, or was slow──────────────┤
 *      └──all probes have succeeded────────────────────────────────────────────────────────────────────────────┘
 *
 * There is no timer: the state is what the clock says when somebody looks or calls. A key has a circuit of its own.
 *
 * Invariants
 * - BREAKER-1: an open circuit calls nothing until its time is over; a half-open one lets at most `probes` through that neither have decided it nor were cancelled.
 * - BREAKER-2: what ends after a change of state says nothing about the state that came with it.
 * - BREAKER-3: a cancelled call, and one that another policy refused, count as nothing; a probe gives its place back at once.
 * - BREAKER-4: no circuit stays half-open for ever: when a probe is still under way after `openFor` milliseconds, new ones are let through in place of all.
 *
 * @see Michael Nygard, "Release It!", chapter "Circuit Breaker"
 */
import type { Run } from "../core/index.ts";
import {
  checkDuration,
  checkFunction,
  checkOneOf,
  echoOf,
  fieldsOf,
  type Named,
  nameOf,
  now,
  reasonOf,
  rejecting,
  reportLateError,
  type Scope,
  scopeOfCall,
} from "../core/lowlevel.ts";
import { type CircuitEvent, CircuitOpenError, type CircuitState } from "./circuit-breaker-event.ts";
import { type CircuitBreakerOptions, type CircuitRules, rulesOf } from "./circuit-breaker-options.ts";
import { type CircuitHistory, type CircuitStats, type CircuitWindow, FAILED, SLOW } from "./circuit-window.ts";
import { isRefusal, PolicyCall, type PolicyCallOptions } from "./policy.ts";
import { type KeyedPolicy, KeyedState, PolicyStates, StatePolicy } from "./policy-states.ts";

/** The state of all circuits of a breaker as plain data, for JSON. All times are durations, so it means the same in another process. */
export interface CircuitSnapshot {
  readonly circuits: readonly {
    /** Absent for the circuit of calls without a key. */
    readonly key?: string | undefined;
    readonly state: CircuitState;
    /** Of an open one: milliseconds until it is half-open; null: never by itself. */
    readonly retryAfter?: number | null | undefined;
    /** Of a closed one. */
    readonly history?: CircuitHistory | undefined;
  }[];
}

/** Calls functions until too many fail, then refuses for a while with a {@link CircuitOpenError}. What is said without a key is about calls without a key. */
export interface CircuitBreaker extends KeyedPolicy {
  /** What it is now, by the clock. */
  readonly state: CircuitState;
  /** What is in the window. Empty after each change of state. */
  readonly stats: CircuitStats;
  /** While it is open: until when, on the clock of `performance.now()`. Else undefined. */
  readonly openUntil: number | undefined;
  /** As `state`; of a key that is not known, "closed". */
  stateOf(key: string): CircuitState;
  /** As `stats`. */
  statsOf(key: string): CircuitStats;
  /** Opens a circuit by hand, for `openFor` milliseconds from now: the breaker's own, unless told; Infinity: until `close()`. Calls that are under way go on. */
  open(options?: { readonly key?: string | undefined; readonly openFor?: number | undefined }): void;
  /** Closes a circuit by hand, and forgets what it knew. */
  close(options?: { readonly key?: string | undefined }): void;
  snapshot(): CircuitSnapshot;
  /** Makes all circuits what they were. Calls that are under way say nothing about them. @throws {TypeError} for what is no snapshot, or one of a breaker with another kind of window; then nothing has changed */
  restore(snapshot: CircuitSnapshot): void;
}

class Circuit extends KeyedState {
  readonly window: CircuitWindow;
  phase: CircuitState = "closed";
  /** Open: when that is over. Half-open: when those probes have had their time that are under way. */
  until: number = 0;
  /** Changes with each change of state, and with each new round of probes. */
  epoch: number = 0;
  /** Probes of this round that have succeeded, or are under way. */
  probes: number = 0;
  succeeded: number = 0;

  constructor(key: string | undefined, window: CircuitWindow) {
    super(key);
    this.window = window;
  }

  stateAt(time: number): CircuitState {
    return this.phase === "open" && time >= this.until ? "half-open" : this.phase;
  }

  turn(phase: CircuitState, until: number): void {
    this.phase = phase;
    this.until = until;
    this.epoch++;
    this.probes = this.succeeded = 0;
    this.window.clear();
  }

  statsAt(time: number): CircuitStats {
    const { window } = this;
    window.advance(time);
    return { calls: window.calls, failures: window.failures, slow: window.slow };
  }
}

/** Of what has been decided already: no circuit is in it. */
const OVER = -1;

class BreakerCall extends PolicyCall {
  readonly breaker: Breaker;
  readonly circuit: Circuit;
  readonly isProbe: boolean;
  readonly startedAt: number;
  /** The circuit's when it came in. */
  epoch: number;

  constructor(parent: Scope, named: Named, breaker: Breaker, circuit: Circuit, startedAt: number) {
    super(parent, named);
    this.breaker = breaker;
    this.circuit = circuit;
    this.isProbe = circuit.phase === "half-open";
    this.startedAt = startedAt;
    this.epoch = circuit.epoch;
  }

  override deliver(reason: object): void {
    super.deliver(reason);
    if (this.isProbe) this.withdraw();
  }

  protected override returned(value: unknown): void {
    this.breaker.returned(this, value);
  }

  protected override threw(error: unknown): void {
    if (saysNothing(error, this)) this.withdraw();
    else this.breaker.threw(this, error);
  }

  protected override ended(): void {
    this.breaker.ended(this);
  }

  /** It counts as nothing. */
  withdraw(): void {
    const { circuit, epoch } = this;
    if (this.isProbe && epoch === circuit.epoch) circuit.probes--;
    this.epoch = OVER;
  }
}

class Breaker extends StatePolicy<Circuit, CircuitEvent> implements CircuitBreaker {
  readonly #rules: CircuitRules;

  constructor(options: CircuitBreakerOptions) {
    const rules = rulesOf(options);
    const make = (key: string | undefined): Circuit => new Circuit(key, rules.makeWindow());
    super(new PolicyStates("circuitBreaker", "circuit breaker", options, make));
    this.#rules = rules;
  }

  run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T> {
    return rejecting(() => {
      checkFunction("circuitBreaker: run", fn);
      const parent = scopeOfCall(options);
      const reason = reasonOf(parent);
      if (reason !== undefined) throw reason;
      const circuit = this.states.enter(options?.key);
      const before = circuit.phase;
      // Reading the clock is a third of what a call costs.
      const time = before === "closed" && this.#rules.slow.ms === Infinity ? 0 : now();
      const retryAfter = before === "closed" ? 0 : this.#admit(circuit, time);
      if (retryAfter > 0) {
        this.states.leave(circuit);
        const { key, phase } = circuit;
        const error = new CircuitOpenError(this.states.titleOf(key), this.states.name, key, phase, retryAfter);
        this.states.emit({ type: "reject", error, ...this.states.stamp(circuit) });
        throw error;
      }
      const call = new BreakerCall(parent, nameOf(options, fn), this, circuit, time);
      if (before === "open") this.states.emit({ type: "half-open", ...this.states.stamp(circuit) });
      return call.run(fn);
    });
  }

  /** Whether a circuit that is not closed lets a probe through: 0, or the milliseconds until it may. */
  #admit(circuit: Circuit, time: number): number {
    const { probes, openFor } = this.#rules;
    // Open, or half-open with no place left, and neither for ever.
    if (circuit.phase === "open" || circuit.probes >= probes) {
      if (time < circuit.until) return circuit.until - time;
      circuit.turn("half-open", 0);
    }
    circuit.probes++;
    circuit.until = time + openFor;
    return 0;
  }

  returned(call: BreakerCall, value: unknown): void {
    this.#note(call, this.#judge(this.#rules.isFailureResult, value));
  }

  threw(call: BreakerCall, error: unknown): void {
    this.#note(call, this.#judge(this.#rules.isFailure, error));
  }

  ended({ circuit }: BreakerCall): void {
    this.states.leave(circuit);
  }

  /** What a judge of the user's says; one that throws is reported, and has seen a failure. */
  #judge(isFailure: (subject: unknown) => boolean, subject: unknown): boolean {
    try {
      return isFailure(subject);
    } catch (thrown) {
      reportLateError(thrown, `${this.states.name}: ${isFailure.name}`);
      return true;
    }
  }

  /** A call has ended, in success or failure. */
  #note({ circuit, epoch, startedAt }: BreakerCall, isFailure: boolean): void {
    if (epoch !== circuit.epoch) return;
    const { slow, minimumCalls, failureRatio, probes, openFor } = this.#rules;
    const { window, phase } = circuit;
    const time = phase === "closed" && slow.ms === Infinity && !window.isTimed ? 0 : now();
    const isSlow = time - startedAt >= slow.ms;
    if (phase === "half-open") {
      if (isFailure || isSlow) this.#open(circuit, time + openFor);
      else if (++circuit.succeeded === probes) this.#close(circuit);
      return;
    }
    window.add((isFailure ? FAILED : 0) | (isSlow ? SLOW : 0), time);
    const { calls, failures, slow: slowCalls } = window;
    if (calls >= minimumCalls && (failures / calls >= failureRatio || slowCalls / calls >= slow.ratio))
      this.#open(circuit, now() + openFor);
  }

  #open(circuit: Circuit, openUntil: number): void {
    const stats = circuit.statsAt(now());
    circuit.turn("open", openUntil);
    this.states.emit({ type: "open", stats, openUntil, ...this.states.stamp(circuit) });
  }

  #close(circuit: Circuit): void {
    const isChange = circuit.phase !== "closed";
    circuit.turn("closed", 0);
    if (isChange) this.states.emit({ type: "close", ...this.states.stamp(circuit) });
  }

  get state(): CircuitState {
    return this.states.unkeyed.stateAt(now());
  }

  get stats(): CircuitStats {
    return this.states.unkeyed.statsAt(now());
  }

  get openUntil(): number | undefined {
    const { phase, until } = this.states.unkeyed;
    return phase === "open" && now() < until ? until : undefined;
  }

  stateOf(key: string): CircuitState {
    return this.states.find(key)?.stateAt(now()) ?? "closed";
  }

  statsOf(key: string): CircuitStats {
    return this.states.find(key)?.statsAt(now()) ?? { calls: 0, failures: 0, slow: 0 };
  }

  open(options?: { readonly key?: string | undefined; readonly openFor?: number | undefined }): void {
    const { key, openFor = this.#rules.openFor } = options ?? {};
    checkDuration("openFor", openFor, 0, "circuitBreaker: open");
    const circuit = this.states.enter(key);
    this.#open(circuit, now() + openFor);
    this.states.leave(circuit);
  }

  close(options?: { readonly key?: string | undefined }): void {
    const circuit = this.states.find(options?.key);
    if (circuit !== undefined) this.#close(circuit);
  }

  snapshot(): CircuitSnapshot {
    const time = now();
    const circuits = this.states.all().map(({ key, window, phase, until }) => {
      if (phase === "closed") return { key, state: phase, history: window.save(time) };
      // Who probes now can't tell another process what came of it.
      if (phase === "half-open" || time >= until) return { key, state: "half-open" as const };
      return { key, state: phase, retryAfter: until === Infinity ? null : until - time };
    });
    return { circuits };
  }

  restore({ circuits }: CircuitSnapshot): void {
    const time = now();
    const { window } = this.states.unkeyed;
    for (const { key, state, history = [], retryAfter = 0 } of circuits) {
      if (key !== undefined) this.states.checkKey(key);
      checkOneOf("state", state, ["closed", "open", "half-open"], "circuitBreaker: restore");
      if (retryAfter !== null) checkDuration("retryAfter", retryAfter, 0, "circuitBreaker: restore");
      if (history.length !== 0 && !window.accepts(history))
        throw new TypeError(
          `${this.states.titleOf()}: restore takes a snapshot of a breaker with the same kind of window, got history ${JSON.stringify(history)}`,
        );
    }
    const known = new Set(circuits.map(({ key }) => key));
    for (const circuit of this.states.all()) if (!known.has(circuit.key)) this.#close(circuit);
    for (const { key, state, history, retryAfter = 0 } of circuits) {
      const circuit = this.states.enter(key);
      if (state === "closed") {
        this.#close(circuit);
        if (history !== undefined) circuit.window.load(history, time);
      } else this.#open(circuit, time + (retryAfter ?? Infinity));
      this.states.leave(circuit);
    }
  }
}

/** A cancellation by one of our signals, or a refusal. An AbortError while nobody has aborted is a failure: people time out by one. */
function saysNothing(error: unknown, call: BreakerCall): boolean {
  return isRefusal(error) || fieldsOf(error).code === "ERR_CANCELLED" || echoOf(error, call) !== undefined;
}

/**
 * A breaker: calls go through until, in its window, too many have failed or were slow; then all are refused with a {@link CircuitOpenError} for `openFor` milliseconds; then
 * `probes` calls are let through, and decide. It has no timers, so there is nothing to dispose.
 *
 * A call that is cancelled decides nothing, so a limit in time belongs inside: `breaker.run(({ signal }) => timeout(1_000, work, { signal }))`.
 *
 * @throws {RangeError | TypeError} naming the option, the value and what it must be
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  return new Breaker(options);
}
