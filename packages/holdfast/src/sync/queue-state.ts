/**
 * What a queue and those who process it share.
 *
 * Invariants
 * - SYNC-QUEUE-1: an item that was taken to be processed is counted as running from that moment until it is done, dead, or back in the queue: the queue is never idle in between.
 */
import { Exchange } from "./exchange.ts";
import { type Queued, WaitQueue } from "./wait-queue.ts";

/** An item in work, and when it was taken. */
export interface Taken<T> {
  readonly item: T;
  readonly ticket: number;
}

export class QueueState<T> extends Exchange<T> {
  readonly name: string;
  readonly idlers: WaitQueue<Queued<void>> = new WaitQueue();
  running: number = 0;
  /** What `abort` was given. */
  aborted: { readonly reason: unknown } | undefined = undefined;

  constructor(name: string, capacity: number, queue: object) {
    super(capacity, queue);
    this.name = name;
  }

  get isIdle(): boolean {
    return this.waiting === 0 && this.running === 0;
  }

  override settle(): void {
    super.settle();
    if (this.isIdle) while (this.idlers.first !== undefined) this.idlers.first.serve();
  }

  /** It is running from now on. */
  start(item: T): Taken<T> {
    this.running++;
    return { item, ticket: ++this.tickets };
  }

  /** {@link Exchange.take}, to be processed. */
  takeToRun(): Taken<T> {
    // Before it is taken: who waits for the queue to be idle must not hear of it in between.
    this.running++;
    const item = this.take();
    return { item, ticket: ++this.tickets };
  }

  /** Done for good. */
  finish(): void {
    this.running--;
    this.settle();
  }

  /** Not done: it is the next one, as it was. */
  giveBack({ item, ticket }: Taken<T>): void {
    this.running--;
    this.unread(item, ticket);
  }
}
