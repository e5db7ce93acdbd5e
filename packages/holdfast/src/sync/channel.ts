/**
 * Items from tasks to tasks, where each end knows when the other is gone. Trio's memory channels, in JavaScript.
 *
 * Invariants
 * - CHANNEL-1: an end is closed when all its handles are: receivers then see the end after the last item, senders that nobody is left to receive.
 * - CHANNEL-2: closing a handle wakes who waits by that very handle, and nobody else unless it was the last one of its end.
 *
 * @see https://trio.readthedocs.io/en/stable/reference-core.html#using-channels-to-pass-values-between-tasks
 */
import type { Result } from "../core/index.ts";
import { checkCount, rejectedWith } from "../core/lowlevel.ts";
import { ChannelBrokenError, ChannelClosedError, ChannelEndedError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { Iteration } from "./iteration.ts";
import { type Refusable, type WaitOptions, waitUnder } from "./wait-queue.ts";

/** What a channel is made with. */
export interface ChannelOptions {
  /** Items that may wait in it: an integer from 0 up; no default on purpose. 0: a sender waits until a receiver takes its item. Infinity is allowed. */
  readonly capacity: number;
  /** In errors. Default "channel". */
  readonly name?: string | undefined;
}

/** A channel as it is now. */
export interface ChannelStatistics {
  /** Items in its buffer. More than `capacity` only while one that was taken by a loop that is cancelled before its start has come back. */
  readonly size: number;
  readonly capacity: number;
  readonly openSenders: number;
  readonly openReceivers: number;
  /** Sends that wait for room, or for a receiver. */
  readonly waitingSenders: number;
  /** Receives that wait for an item. */
  readonly waitingReceivers: number;
}

/** What both ends have. */
export interface ChannelHandle extends Disposable {
  readonly isClosed: boolean;
  /** Synchronous, idempotent. What waits by this very handle rejects with a ChannelClosedError; with the last handle, its end is closed. `[Symbol.dispose]` does the same. */
  close(): void;
  statistics(): ChannelStatistics;
}

/** The end that puts in. */
export interface Sender<T> extends ChannelHandle {
  /**
   * Resolves when the item is in the buffer or with a receiver, in the order of the calls. When `signal` aborts before, rejects with its reason at once, and the item was not sent.
   *
   * @throws {ChannelBrokenError} when no receiver is left
   * @throws {ChannelClosedError} when this handle is closed
   */
  send(item: T, options?: WaitOptions): Promise<void>;
  /** Sends without waiting; false if there is no room. @throws as `send` */
  trySend(item: T): boolean;
  /** Another handle of this end, closed by itself: one for each producer. @throws {ChannelClosedError} */
  clone(): Sender<T>;
}

/**
 * The end that takes out. `for await` over it ends when every sender is closed; several may share a channel, each item goes to one. Leaving a loop closes nothing. A loop has no signal: where one is needed, call
 * `receive({ signal })`, or give the receiver to `forEach`, which takes one.
 */
export interface Receiver<T> extends ChannelHandle, AsyncIterable<T> {
  /**
   * Resolves with the next item; first come, first served. When `signal` aborts before, rejects with its reason at once, and took nothing.
   *
   * @throws {ChannelEndedError} when every sender is closed and all has been received
   * @throws {ChannelClosedError} when this handle is closed
   */
  receive(options?: WaitOptions): Promise<T>;
  /** An item if one is there, else `{ ok: false }`. @throws as `receive` */
  tryReceive(): Result<T, undefined>;
  /** Another handle of this end, closed by itself: one for each consumer. @throws {ChannelClosedError} */
  clone(): Receiver<T>;
  [Symbol.asyncIterator](): AsyncIterator<T, void, void>;
}

class Channel<T> extends Exchange<T> {
  readonly name: string;
  openSenders: number = 0;
  openReceivers: number = 0;

  constructor(name: string, capacity: number) {
    super(capacity);
    this.name = name;
  }

  override unread(item: T, ticket: number): void {
    // As what is in the buffer, it is gone with the last who could receive it.
    if (this.openReceivers > 0) super.unread(item, ticket);
  }

  /** What all objects inherit from that can end a wait for it: for tools. */
  get ends(): object {
    return Handle.prototype;
  }
}

abstract class Handle<T> implements ChannelHandle {
  readonly channel: Channel<T>;
  /** Who waits by this handle. */
  readonly waits = new Set<Refusable>();
  isClosed: boolean = false;

  constructor(state: Channel<T>) {
    this.channel = state;
  }

  abstract readonly end: "sender" | "receiver";
  /** It was open. */
  abstract left(): void;

  check(): void {
    if (this.isClosed) throw new ChannelClosedError(this.channel.name, this.end);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const waiter of this.waits) waiter.refuse(new ChannelClosedError(this.channel.name, this.end));
    this.left();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  statistics(): ChannelStatistics {
    const { backlog, capacity, openSenders, openReceivers, putters, getters } = this.channel;
    return {
      size: backlog.size,
      capacity,
      openSenders,
      openReceivers,
      waitingSenders: putters.size,
      waitingReceivers: getters.size,
    };
  }
}

class ChannelSender<T> extends Handle<T> implements Sender<T> {
  constructor(state: Channel<T>) {
    super(state);
    state.openSenders++;
  }

  get end(): "sender" {
    return "sender";
  }

  override check(): void {
    super.check();
    if (this.channel.openReceivers === 0) throw new ChannelBrokenError(this.channel.name);
  }

  send(item: T, options?: WaitOptions): Promise<void> {
    return waitUnder(options, (scope) => {
      this.check();
      return this.channel.put(scope, item, this.waits);
    });
  }

  trySend(item: T): boolean {
    this.check();
    return this.channel.offer(item);
  }

  clone(): Sender<T> {
    super.check();
    return new ChannelSender(this.channel);
  }

  left(): void {
    const state = this.channel;
    if (--state.openSenders > 0) return;
    state.over = () => new ChannelEndedError(state.name);
    state.settle();
  }
}

class ChannelReceiver<T> extends Handle<T> implements Receiver<T> {
  constructor(state: Channel<T>) {
    super(state);
    state.openReceivers++;
  }

  get end(): "receiver" {
    return "receiver";
  }

  receive(options?: WaitOptions): Promise<T> {
    return waitUnder(options, (scope) => {
      // Nothing is lost by it, so it is nobody's failure if nobody looks.
      if (this.isClosed) return rejectedWith(new ChannelClosedError(this.channel.name, this.end));
      return this.channel.get(scope, this.waits);
    });
  }

  tryReceive(): Result<T, undefined> {
    this.check();
    const state = this.channel;
    if (state.isReady) return { ok: true, value: state.take() };
    if (state.over !== undefined) throw state.over();
    return { ok: false, error: undefined };
  }

  clone(): Receiver<T> {
    this.check();
    return new ChannelReceiver(this.channel);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, void> {
    return new Iteration(this.channel, this.waits, () => this.check());
  }

  left(): void {
    const state = this.channel;
    if (--state.openReceivers > 0) return;
    state.backlog.drain();
    while (state.putters.first !== undefined) state.putters.first.refuse(new ChannelBrokenError(state.name));
  }
}

/**
 * A channel's two ends. Give them away, and clone them for whoever else sends or receives: whoever is done closes his own, and the other end hears of it when the last one has. A buffer that is full
 * makes senders wait. For work that is handed out and must not get lost, see {@link Queue}.
 *
 * When the last receiver is closed, what is in the buffer is gone: nobody can receive it.
 *
 * @throws {RangeError | TypeError} unless `capacity` is an integer from 0 up, or Infinity
 */
export function channel<T>(options: ChannelOptions): [sender: Sender<T>, receiver: Receiver<T>] {
  checkCount("capacity", options?.capacity, 0, "channel");
  const state = new Channel<T>(options.name ?? "channel", options.capacity);
  return [new ChannelSender(state), new ChannelReceiver(state)];
}
