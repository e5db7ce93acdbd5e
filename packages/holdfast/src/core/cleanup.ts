/**
 * What a group has to put in order when everything else in it has ended.
 *
 * Invariants
 * - CLEANUP-1: cleanups run one at a time, the last registered first, each although another failed; one may register more.
 * - CLEANUP-2: a cleanup sees no cancellation but that of its own grace.
 */
import { type Scope, SHIELDED } from "./cancel.ts";
import type { Context } from "./context.ts";
import { type Awaitable, Operation } from "./operation.ts";
import { recordTask } from "./task-stack.ts";

type Cleanup = (context: Context) => Awaitable<void>;

/** Milliseconds. */
const DEFAULT_GRACE = 5000;

export class Cleanups {
  readonly #group: Scope;
  readonly #stack: Cleanup[] = [];

  constructor(group: Scope) {
    this.#group = group;
  }

  add(cleanup: Cleanup): void {
    this.#stack.push(cleanup);
  }

  get isEmpty(): boolean {
    return this.#stack.length === 0;
  }

  /** Runs them all; `failed` gets what they throw. */
  async run(grace: number = DEFAULT_GRACE, failed: (error: unknown) => void): Promise<void> {
    const limits = { timeout: grace, layer: "group", grace: Infinity, graceFromCancel: false } as const;
    for (let cleanup = this.#stack.pop(); cleanup !== undefined; cleanup = this.#stack.pop()) {
      const operation = new Operation<void>(this.#group, { name: `cleanup of ${this.#group.name}` }, limits, undefined);
      operation.bits |= SHIELDED;
      try {
        await operation.start(cleanup);
      } catch (error) {
        recordTask(error, operation);
        failed(error);
      }
    }
  }
}

/** What disposes of `resource`: its `Symbol.asyncDispose`, or else its `Symbol.dispose`. @throws {TypeError} when it has neither */
export function disposerOf(resource: Disposable | AsyncDisposable): () => Awaitable<void> {
  // Holds: the two symbols are only read, from whatever it is.
  const { [Symbol.asyncDispose]: close, [Symbol.dispose]: dispose } = Object(resource) as Partial<
    AsyncDisposable & Disposable
  >;
  const disposer = close ?? dispose;
  if (typeof disposer === "function") return () => disposer.call(resource);
  throw new TypeError(
    "use takes an object with [Symbol.asyncDispose] or [Symbol.dispose]; for anything else use defer(() => …)",
  );
}
