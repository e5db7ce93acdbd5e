/**
 * What all policies have in common: a way to call a function, `run`, and a way to make a function that is always called so, `wrap`. A policy
 * holds state, never a signal: what ends one call is given to that call, and touches no other.
 */
import type { Awaitable, CallOptions, Run } from "../core/index.ts";
import {
  attach,
  checkFunction,
  ContextScope,
  fieldsOf,
  type Named,
  rejecting,
  retire,
  root,
  type Scope,
  UNLISTED,
} from "../core/lowlevel.ts";

/** What `run` of a policy takes beside the function. */
export interface PolicyCallOptions extends CallOptions {
  /** Which of the policy's states the call belongs to: a host, a tenant. Calls without one share one of their own. Policies without state take no notice. */
  readonly key?: string | undefined;
  /** How much of a rate limit the call uses. Default 1. Other policies take no notice. */
  readonly weight?: number | undefined;
}

/** As {@link PolicyCallOptions}, for a wrapped function: each is read from its arguments, at each call. */
export interface WrapOptions<A extends unknown[]> {
  /** In errors and to tools. Default: the function's own name. */
  readonly name?: string | undefined;
  readonly key?: ((...args: A) => string | undefined) | undefined;
  readonly signal?: ((...args: A) => AbortSignal | undefined) | undefined;
  readonly weight?: ((...args: A) => number | undefined) | undefined;
}

/** `A`, where nothing is inferred from it. `NoInfer` of a tuple can't be the parameters of a function. */
export type Given<A extends unknown[]> = [A][A extends unknown ? 0 : never];

/** A way to call functions. */
export interface Policy {
  /** Calls `fn`, as the policy has it: perhaps later, more than once, or not at all. */
  run<T>(fn: Run<T>, options?: PolicyCallOptions): Promise<T>;
  /** A function like `fn`, with its types and its `this`, whose every call is made by `run`. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    options?: WrapOptions<Given<A>>,
  ): (this: This, ...args: A) => Promise<T>;
}

/** The `wrap` of a policy that can `run`. */
export function wrapWith<This, A extends unknown[], T>(
  policy: Pick<Policy, "run">,
  fn: (this: This, ...args: A) => Awaitable<T>,
  options: WrapOptions<Given<A>> | undefined,
): (this: This, ...args: A) => Promise<T> {
  checkFunction("wrap", fn);
  const { name = fn.name, key, signal, weight } = options ?? {};
  const wrapped = function (this: This, ...args: A): Promise<T> {
    return rejecting(() =>
      policy.run(() => fn.apply(this, args), {
        name,
        key: key?.(...args),
        signal: signal?.(...args),
        weight: weight?.(...args),
      }),
    );
  };
  // What names a call after its function, `retry` say, finds the name through any number of wraps.
  return Object.defineProperty(wrapped, "name", { value: name });
}

/** One call of a user's function by a policy: it ends when the function has settled, whatever is cancelled meanwhile. */
export class PolicyCall extends ContextScope {
  readonly named: Named;

  constructor(parent: Scope, named: Named) {
    super(parent);
    this.named = named;
  }

  override get name(): string {
    return this.named.name || "call";
  }

  /** Calls `fn` now, and settles as it does. Call once, while nothing above is cancelled. */
  async run<T>(fn: Run<T>): Promise<T> {
    // Nothing above is ever cancelled: it is listed when there is something to be seen below it.
    if (this.parent === root()) this.bits |= UNLISTED;
    else attach(this);
    try {
      const value = await fn(this);
      this.returned(value);
      return value;
    } catch (error) {
      this.threw(error);
      throw error;
    } finally {
      retire(this);
      this.ended();
    }
  }

  /** What a policy makes of the outcome; must not throw. Here, so that a call of a policy is one async function. */
  protected returned(_value: unknown): void {}
  protected threw(_error: unknown): void {}
  protected ended(): void {}
}

/** What the policies of this package throw instead of calling. */
const REFUSALS: readonly unknown[] = ["ERR_CIRCUIT_OPEN", "ERR_BULKHEAD_FULL", "ERR_RATE_LIMITED"];

/** Whether a policy threw it instead of calling the function. By code: another copy's will do. */
export function isRefusal(error: unknown): boolean {
  return REFUSALS.includes(fieldsOf(error).code);
}
