/** Items that finish when a test says so, for tests of what runs many of them. */
import type { Context } from "holdfast";

interface Gate {
  readonly resolve: (value: number) => void;
  readonly reject: (error: unknown) => void;
}

export class Gates {
  /** Indexes, in the order of their start. */
  readonly started: number[] = [];
  readonly contexts: Context[] = [];
  /** The most that ever ran at a time. */
  most: number = 0;
  readonly #open: Map<number, Gate> = new Map();

  /** Those that run. */
  get running(): number[] {
    return [...this.#open.keys()];
  }

  /** Runs until {@link pass} or {@link fail}, whatever its signal says. The value is ten times the item. */
  readonly run = (_item: number, index: number, context: Context): Promise<number> => {
    this.started.push(index);
    this.contexts.push(context);
    return new Promise((resolve, reject) => {
      this.#open.set(index, { resolve, reject });
      this.most = Math.max(this.most, this.#open.size);
    });
  };

  /** As {@link run}, but stops with the reason when its signal aborts. */
  readonly runUntilAbort = (item: number, index: number, context: Context): Promise<number> => {
    const { signal } = context;
    const promise = this.run(item, index, context);
    signal.addEventListener("abort", () => this.fail(index, signal.reason), { once: true });
    return promise;
  };

  /** Lets the item at `index` finish. */
  pass(index: number): void {
    this.#leave(index)?.resolve(index * 10);
  }

  fail(index: number, error: unknown): void {
    this.#leave(index)?.reject(error);
  }

  #leave(index: number): Gate | undefined {
    const gate = this.#open.get(index);
    this.#open.delete(index);
    return gate;
  }
}

/** What `promise` rejects with. @throws {Error} when it resolves */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got the value ${JSON.stringify(value)}`);
}

/** The same items as each kind of input, with what was asked of the iterator. */
export class Source<T> {
  readonly log: string[] = [];
  readonly #items: readonly T[];

  constructor(items: readonly T[]) {
    this.#items = items;
  }

  *sync(): Generator<T, void, undefined> {
    try {
      for (const [index, item] of this.#items.entries()) {
        this.log.push(`next ${index}`);
        yield item;
      }
      this.log.push("end");
    } finally {
      this.log.push("closed");
    }
  }

  async *async(): AsyncGenerator<T, void, undefined> {
    try {
      for (const [index, item] of this.#items.entries()) {
        this.log.push(`next ${index}`);
        yield await Promise.resolve(item);
      }
      this.log.push("end");
    } finally {
      this.log.push("closed");
    }
  }
}

/** 0 to `count` - 1. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** How many listeners there are on the signal, counted at its own methods: works on every host. */
export function countListeners(signal: AbortSignal): { count: number } {
  const counted = { count: 0 };
  for (const [name, step] of [
    ["addEventListener", 1],
    ["removeEventListener", -1],
  ] as const) {
    // Holds: every AbortSignal has both methods.
    const method = Reflect.get(signal, name) as (...parameters: unknown[]) => void;
    Reflect.set(signal, name, (...parameters: unknown[]): void => {
      counted.count += step;
      Reflect.apply(method, signal, parameters);
    });
  }
  return counted;
}
