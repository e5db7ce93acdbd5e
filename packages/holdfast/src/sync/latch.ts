/**
 * A sign that many wait for: asyncio's Event under another name, since `Event` is a global of every JavaScript host.
 *
 * Invariants
 * - LATCH-1: `open()` wakes everybody who waits, in the order in which they came; `close()` touches nobody.
 */
import { reasonOf, rejectedWith, rejecting, scopeOf, Waiter } from "../core/lowlevel.ts";

class LatchWaiter extends Waiter<void> {
  readonly latch: Latch;
  readonly waiters: Set<LatchWaiter>;

  constructor(latch: Latch, waiters: Set<LatchWaiter>, signal: AbortSignal | undefined) {
    super(scopeOf(signal));
    this.latch = latch;
    this.waiters = waiters;
    waiters.add(this);
  }

  get kind(): "latch" {
    return "latch";
  }

  override leave(): void {
    this.waiters.delete(this);
    super.leave();
  }
}

/** Open or closed; closed at first, unless told. */
export class Latch {
  readonly #waiters = new Set<LatchWaiter>();
  #isOpen: boolean;

  constructor(isOpen: boolean = false) {
    this.#isOpen = isOpen;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Lets everybody through who waits, and who comes until `close()`. Does nothing when it is open. O(waiters). */
  open(): void {
    this.#isOpen = true;
    for (const waiter of this.#waiters) {
      waiter.leave();
      waiter.resolve();
    }
  }

  /** Who comes now waits. Who was let through stays let through. */
  close(): void {
    this.#isOpen = false;
  }

  /** Resolves when the latch is open, at once if it is. When `signal` aborts, rejects with its reason at once. */
  wait(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return rejecting(() => {
      const scope = scopeOf(options?.signal);
      const reason = reasonOf(scope);
      if (reason !== undefined) return rejectedWith(reason);
      if (this.#isOpen) return Promise.resolve();
      return new LatchWaiter(this, this.#waiters, options?.signal).wait();
    });
  }
}
