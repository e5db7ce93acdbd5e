/** Queues with work in them, and work that a test lets go. */
import type { Context } from "holdfast";
import { Queue } from "holdfast/sync";
import { turn } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";

/** A queue with items, closed or not. */
export function queueOf<T>(items: readonly T[], { isOpen = false, capacity = Infinity } = {}): Queue<T> {
  const queue = new Queue<T>({ capacity });
  for (const item of items) queue.tryPut(item);
  if (!isOpen) queue.close();
  return queue;
}

/** Items in work that a test lets go. */
export class Work<T> {
  /** In the order of their start. */
  readonly started: T[] = [];
  readonly #gates = new Map<T, Gate>();

  /** Until `pass` or `fail`, or a cancellation. */
  readonly run = (item: T, { signal }: Context): Promise<void> => {
    const gate = new Gate();
    this.#gates.set(item, gate);
    this.started.push(item);
    signal.addEventListener("abort", () => gate.fail(signal.reason));
    return gate.promise;
  };

  async pass(item: T): Promise<void> {
    this.#gates.get(item)?.open();
    await turn();
  }

  async fail(item: T, error: unknown): Promise<void> {
    this.#gates.get(item)?.fail(error);
    await turn();
  }
}

/** What `abort` hands back. */
export function left<T>(queue: Queue<T>): T[] {
  return queue.abort();
}

/** Puts them one after the other. */
export async function fill<T>(queue: Queue<T>, ...items: T[]): Promise<void> {
  for (const item of items) await queue.put(item);
}
