/**
 * At most so many at a time.
 *
 * Invariants
 * - SEMAPHORE-1: permits that are free and permits that are held add up to `permits`, whoever is cancelled when.
 * - SEMAPHORE-2: while somebody waits, no permit is free: one that is released goes to the first in line, and nobody overtakes.
 * - SEMAPHORE-3: `run` holds its permit until the function has settled, also when it was cancelled and does not stop.
 */
import type { Awaitable, CallOptions, Run } from "../core/index.ts";
import {
  attach,
  checkCount,
  checkFunction,
  ContextScope,
  type Named,
  nameOf,
  reasonOf,
  rejecting,
  retire,
  type Scope,
  scopeOfCall,
  SETTLED,
} from "../core/lowlevel.ts";
import { AcquireDeadlockError } from "./errors.ts";
import { Queued, WaitQueue, waitUnder } from "./wait-queue.ts";

/** The right to be one of so many. Needs no `this`; `using permit = await semaphore.acquire()` releases it at the end of the block. */
export interface Permit extends Disposable {
  /** Gives it back, at once to whoever waits longest. A second call does nothing. */
  readonly release: () => void;
}

/** Of a wrapped function; the signal is read from its arguments, at each call. */
export interface SemaphoreWrapOptions<A extends unknown[]> {
  /** In errors and to tools. Default: the function's own name. */
  readonly name?: string | undefined;
  readonly signal?: ((...args: A) => AbortSignal | undefined) | undefined;
}

/** `A`, where nothing is inferred from it. `NoInfer` of a tuple can't be the parameters of a function. */
type Given<A extends unknown[]> = [A][A extends unknown ? 0 : never];

/** Its `release` holds it: as long as a tool finds it in the heap, somebody can give it back. */
class HeldPermit implements Permit {
  readonly semaphore: Semaphore;
  /** Below whose signal it was taken, for tools; undefined for `tryAcquire`, and when it was given back. */
  taker: Scope | undefined;
  isHeld: boolean = true;
  release: () => void;

  constructor(semaphore: Semaphore, taker: Scope | undefined, give: () => void) {
    this.semaphore = semaphore;
    this.taker = taker;
    this.release = () => {
      if (!this.isHeld) return;
      this.isHeld = false;
      this.taker = undefined;
      give();
    };
  }

  get [Symbol.dispose](): () => void {
    return this.release;
  }
}

class PermitWaiter extends Queued<Permit> {
  readonly name: string | undefined;

  constructor(scope: Scope, name: string | undefined, semaphore: Semaphore, line: WaitQueue<PermitWaiter>) {
    super(scope, "permit", semaphore, line);
    this.name = name;
  }

  /** What all objects inherit from that can end such a wait: for tools. */
  get ends(): object {
    return HeldPermit.prototype;
  }
}

/** A call that holds a permit: it is found from the signals below it. */
class Holder extends ContextScope {
  readonly named: Named;
  readonly semaphore: Semaphore;

  constructor(parent: Scope, named: Named, semaphore: Semaphore) {
    super(parent);
    this.named = named;
    this.semaphore = semaphore;
  }

  override get name(): string {
    return this.named.name || "call";
  }
}

/**
 * So many permits, first come, first served. Without a signal one waits as long as it takes. A function that holds a permit and asks for another of the same semaphore can wait for itself: where
 * all permits are held above the signal that it passes, it gets an AcquireDeadlockError instead; without a signal nobody can tell.
 */
export class Semaphore {
  readonly permits: number;
  #free: number;
  readonly #line = new WaitQueue<PermitWaiter>();

  /** @throws {RangeError | TypeError} unless `permits` is an integer from 1 up, or Infinity */
  constructor(permits: number) {
    checkCount("permits", permits, 1);
    this.permits = this.#free = permits;
  }

  /** Permits that nobody holds. */
  get available(): number {
    return this.#free;
  }

  /** How many wait for one. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Resolves with a permit, which is the caller's to release. When `signal` aborts before, rejects with its reason at once.
   *
   * @param options `name`: who asks, in errors and to tools
   * @throws {AcquireDeadlockError} when it would wait for calls of `run` that it runs in
   */
  acquire(options?: CallOptions): Promise<Permit> {
    return waitUnder(options, (scope) => {
      const permit = this.#take(scope);
      return permit === undefined ? this.#wait(scope, options?.name) : Promise.resolve(permit);
    });
  }

  /** A permit if one is free; then nobody waits for it. */
  tryAcquire(): Permit | undefined {
    return this.#take(undefined);
  }

  #take(taker: Scope | undefined): Permit | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    return new HeldPermit(this, taker, this.#give);
  }

  readonly #give = (): void => {
    const next = this.#line.first;
    if (next === undefined) this.#free++;
    else next.serve(new HeldPermit(this, next.parent, this.#give));
  };

  #wait(scope: Scope, name: string | undefined): Promise<Permit> {
    let held = 0;
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
      if (at instanceof Holder && at.semaphore === this && (at.bits & SETTLED) === 0 && ++held === this.permits)
        throw new AcquireDeadlockError(name ? `"${name}"` : "a call", at.name, this.permits);
    return new PermitWaiter(scope, name, this, this.#line).wait();
  }

  /**
   * Waits for a permit, calls `fn` with a {@link Context} below `signal`, and settles as `fn` does. The permit is released then and not before: work that ignores its signal keeps its place.
   * When `signal` aborts before `fn` was called, rejects with its reason at once, and `fn` is not called.
   *
   * @throws {AcquireDeadlockError} when it would wait for calls of `run` that it runs in
   * @throws {TypeError} when `fn` is no function
   */
  async run<T>(fn: Run<T>, options?: CallOptions): Promise<T> {
    checkFunction("run", fn);
    const scope = scopeOfCall(options);
    throwIfCancelled(scope);
    const named = nameOf(options, fn);
    const permit = this.#take(scope) ?? (await this.#wait(scope, named.name));
    const holder = new Holder(scope, named, this);
    try {
      // It may have been cancelled in the turn in which the permit was granted.
      throwIfCancelled(scope);
      attach(holder);
      return await fn(holder);
    } finally {
      retire(holder);
      permit.release();
    }
  }

  /** A function like `fn`, with its name, its types and its `this`, whose every call is made by `run`. */
  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    options?: SemaphoreWrapOptions<Given<A>>,
  ): (this: This, ...args: A) => Promise<T> {
    checkFunction("wrap", fn);
    const { name = fn.name, signal } = options ?? {};
    const semaphore = this;
    const wrapped = function (this: This, ...args: A): Promise<T> {
      return rejecting(() => semaphore.run(() => fn.apply(this, args), { name, signal: signal?.(...args) }));
    };
    return Object.defineProperty(wrapped, "name", { value: name });
  }
}

function throwIfCancelled(scope: Scope): void {
  const reason = reasonOf(scope);
  if (reason !== undefined) throw reason;
}
