/**
 * A sign that many wait for: asyncio's Event under another name, since `Event` is a global of every JavaScript host.
 *
 * Invariants
 * - LATCH-1: `open()` wakes everybody who waits, in the order in which they came; `close()` touches nobody.
 */
import { Queued, type WaitOptions, WaitQueue, waitUnder } from "./wait-queue.ts";

/** Open or closed; closed at first, unless told. */
export class Latch {
  readonly #line = new WaitQueue<Queued<void>>();
  #isOpen: boolean;

  constructor(isOpen: boolean = false) {
    this.#isOpen = isOpen;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Lets everybody through who waits, and who comes until `close()`. Does nothing when it is open. O(waiters). */
  open(): void {
    this.#isOpen = true;
    while (this.#line.first !== undefined) this.#line.first.serve();
  }

  /** Who comes now waits. Who was let through stays let through. */
  close(): void {
    this.#isOpen = false;
  }

  /** Resolves when the latch is open, at once if it is. When `signal` aborts, rejects with its reason at once. */
  wait(options?: WaitOptions): Promise<void> {
    return waitUnder(options, (scope) =>
      this.#isOpen ? Promise.resolve() : new Queued<void>(scope, "latch", this, this.#line).wait(),
    );
  }
}
