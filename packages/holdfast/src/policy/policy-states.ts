/**
 * The states of a policy: one for each key, and one for calls without a key. What is remembered of keys that nobody uses any more is bounded.
 *
 * Invariants
 * - POLICY-1: a state with calls in flight is never forgotten; of the others, the longest unused goes first, as soon as there are more than `maxKeys` in all.
 */
import type { Awaitable, Run } from "../core/index.ts";
import { checkCount, checkFunction, now, reportLateError } from "../core/lowlevel.ts";
import { type Given, type Policy, type PolicyCallOptions, type WrapOptions, wrapWith } from "./policy.ts";

/** What every policy with state takes. */
export interface PolicyOptions<Event> {
  /** In errors, events and to tools. Default: what kind of policy it is. */
  readonly name?: string | undefined;
  /**
   * Of so many keys the state is remembered; those with calls in flight count, and are never forgotten. A key that was forgotten starts afresh, so let it be more
   * than are in use at a time. Default 1,000.
   */
  readonly maxKeys?: number | undefined;
  /** Called with everything that happens to the policy, in the turn in which it happens. What it throws is reported to {@link onLateError}, and changes nothing. */
  readonly onEvent?: ((event: Event) => void) | undefined;
}

/** What every event of a policy says. */
export interface PolicyEvent {
  /** The policy's name. */
  readonly policy: string;
  /** That of the call; undefined without one. */
  readonly key: string | undefined;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
}

/** A policy with state. */
export interface KeyedPolicy extends Policy {
  /** The one that it was given, or else what kind of policy it is. */
  readonly name: string;
  /** Those whose state is remembered. */
  readonly keys: readonly string[];
}

/** What a policy knows of one key. */
export class KeyedState {
  readonly key: string | undefined;
  /** Calls that need it. */
  inFlight: number;

  constructor(key: string | undefined) {
    this.key = key;
    this.inFlight = 0;
  }
}

export class PolicyStates<S extends KeyedState, Event> {
  /** That of calls without a key. */
  readonly unkeyed: S;
  readonly name: string;
  readonly #kind: string;
  readonly #make: (key: string | undefined) => S;
  readonly #maxKeys: number;
  readonly #onEvent: ((event: Event) => void) | undefined;
  readonly #busy: Map<string, S>;
  /** Without calls in flight, the longest unused first. */
  readonly #idle: Map<string, S>;

  /** @throws {RangeError | TypeError} for options that can't be; `factory` is whose they are */
  constructor(factory: string, kind: string, options: PolicyOptions<Event>, make: (key: string | undefined) => S) {
    const { name = kind, maxKeys = 1000, onEvent } = options;
    checkCount("maxKeys", maxKeys, 1, factory);
    if (onEvent !== undefined) checkFunction("onEvent", onEvent, factory);
    this.name = name;
    this.#kind = kind;
    this.#make = make;
    this.#maxKeys = maxKeys;
    this.#onEvent = onEvent;
    this.#busy = new Map();
    this.#idle = new Map();
    this.unkeyed = make(undefined);
  }

  /** Of a key that is not known, undefined. Looking at it does not make it younger. */
  find(key: string | undefined): S | undefined {
    return key === undefined ? this.unkeyed : (this.#busy.get(key) ?? this.#idle.get(key));
  }

  /** The state of `key`, which is remembered until {@link leave} has been called as often. @throws {TypeError} for a key that is no string */
  enter(key: string | undefined): S {
    let state = this.find(key);
    if (key !== undefined && (state === undefined || state.inFlight === 0)) {
      this.checkKey(key);
      state ??= this.#make(key);
      this.#idle.delete(key);
      this.#busy.set(key, state);
      this.#trim();
    }
    state ??= this.unkeyed;
    state.inFlight++;
    return state;
  }

  leave(state: S): void {
    const { key } = state;
    if (--state.inFlight > 0 || key === undefined) return;
    this.#busy.delete(key);
    this.#idle.set(key, state);
    this.#trim();
  }

  #trim(): void {
    for (const key of this.#idle.keys()) {
      if (this.#busy.size + this.#idle.size <= this.#maxKeys) return;
      this.#idle.delete(key);
    }
  }

  /** All that are known, that of calls without a key first. */
  all(): S[] {
    return [this.unkeyed, ...this.#idle.values(), ...this.#busy.values()];
  }

  /** @throws {TypeError} */
  checkKey(key: unknown): void {
    if (typeof key !== "string") throw new TypeError(`${this.titleOf()}: key must be a string, got ${typeof key}`);
  }

  /** In a sentence: what kind of policy, which, for whom. */
  titleOf(key?: string): string {
    const named = this.name === this.#kind ? this.#kind : `${this.#kind} ${JSON.stringify(this.name)}`;
    return key === undefined ? named : `${named} for ${JSON.stringify(key)}`;
  }

  /** What all events say. */
  stamp({ key }: S): PolicyEvent {
    return { policy: this.name, key, at: now() };
  }

  emit(event: Event): void {
    const hook = this.#onEvent;
    if (hook === undefined) return;
    const told = (async () => hook(event))();
    told.catch((thrown: unknown) => reportLateError(thrown, `${this.name}: onEvent`));
  }
}

/** What is the same in all of them. */
export abstract class StatePolicy<S extends KeyedState, Event> implements KeyedPolicy {
  protected readonly states: PolicyStates<S, Event>;

  constructor(states: PolicyStates<S, Event>) {
    this.states = states;
  }

  get name(): string {
    return this.states.name;
  }

  get keys(): readonly string[] {
    return this.states.all().flatMap(({ key }) => key ?? []);
  }

  abstract run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T>;

  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    options?: WrapOptions<Given<A>>,
  ): (this: This, ...args: A) => Promise<T> {
    return wrapWith(this, fn, options);
  }
}
