/**
 * Many items, one function, and an account of every one of them.
 *
 * Invariants
 * - BATCH-1: every item that was started is counted once: succeeded, failed or cancelled.
 * - BATCH-2: the promise rejects only for a caller's mistake; all else is in the report.
 * - BATCH-3: with `keep: "none"` memory does not grow with the number of items.
 */
import { type Attempt, type Awaitable, ErrorGroup, type Items } from "../core/index.ts";
import {
  type Asker,
  attemptLimits,
  callSite,
  checkCount,
  checkDuration,
  checkFunction,
  checkItems,
  checkItemRetry,
  checkOneOf,
  echoOf,
  LaneGroup,
  type Limits,
  type Named,
  now,
  Operation,
  reasonOf,
  reportLateError,
  runAttempts,
  type Scope,
  scopeOf,
  TotalOperation,
} from "../core/lowlevel.ts";
import type { RetryOptions } from "../policy/index.ts";
import type { BatchOptions, BatchReport, ItemContext, ItemResult, StoppedBy } from "./options.ts";
import { Report, typeOfError } from "./report.ts";

/** From how many finished items on a percentage of an input of unknown length is taken. */
const SAMPLE = 100;

type ItemRun<T, R> = (item: T, context: ItemContext) => Awaitable<R>;

/** One item of a second run keeps the place and the key that it had. */
interface Place {
  readonly index: number;
  readonly key: string;
}

/** Milliseconds between two calls of `onProgress`: ten a second are enough for an eye. */
const PROGRESS_INTERVAL = 100;
/** No point in time: a clock may begin at 0. */
const NEVER = -1;
const NO_ATTEMPTS: readonly Attempt[] = Object.freeze([]);

/** What the attempts of one item share. */
class Item implements Asker, Named {
  index = 0;
  key = "";
  attempts: readonly Attempt[] = NO_ATTEMPTS;
  startedAt = NEVER;

  get name(): string {
    return `item ${JSON.stringify(this.key)}`;
  }
}

class Batch<T, R> {
  readonly #run: ItemRun<T, R>;
  readonly #options: BatchOptions<T, R>;
  readonly #name: string;
  readonly #named: Named;
  readonly #places: readonly Place[] | undefined;
  readonly #limits: Limits;
  readonly #attempts: RetryOptions<R>;
  readonly #results: ItemResult<T, R>[] = [];
  readonly #errorsByType = new Map<string, number>();
  readonly #startedAt: number = now();
  /** Whether anybody is told of an item that succeeded. */
  readonly #wantsAll: boolean;
  /** The input, while it is worked on and if its length is known. */
  #sized: readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown> | undefined;
  #group: LaneGroup<T> | undefined;
  #started = 0;
  #toldAt = -Infinity;
  #succeeded = 0;
  #failed = 0;
  #cancelled = 0;
  #stoppedBy: StoppedBy | undefined;

  constructor(items: Items<T>, run: ItemRun<T, R>, options: BatchOptions<T, R>, places: readonly Place[] | undefined) {
    this.#run = run;
    this.#options = options;
    this.#name = options.name ?? (run.name || "batch");
    this.#named = { name: this.#name };
    this.#places = places;
    if (Array.isArray(items) || items instanceof Set || items instanceof Map) this.#sized = items;
    const timeout = options.timeout ?? options.retry?.timeout;
    const grace = options.grace ?? options.retry?.grace;
    this.#wantsAll = options.onItem !== undefined || options.keep === undefined || options.keep === "all";
    this.#attempts = options.retry ?? NO_RETRY;
    this.#limits = {
      ...attemptLimits({ timeout, grace: grace ?? (timeout === undefined ? Infinity : undefined) }),
      // Nothing is dropped in the middle of its work because the batch stops, unless a grace says so.
      graceFromCancel: grace !== undefined,
    };
  }

  async report(items: Items<T>, parent: Scope, site: string | undefined): Promise<BatchReport<T, R>> {
    const { concurrency, totalTimeout = Infinity } = this.#options;
    const total = new Operation<void>(
      parent,
      this.#named,
      { timeout: totalTimeout, layer: "total", grace: Infinity, graceFromCancel: true },
      site,
    );
    let inputError: unknown;
    let isCut = totalTimeout === 0;
    if (!isCut)
      await total.start(async () => {
        // Holds: a lane's context is its task.
        const step = (item: T, index: number, context: unknown): Promise<void> => {
          const place = this.#places?.[index] ?? index;
          return this.#options.onProgress === undefined
            ? this.#settle(item, place, context as Scope)
            : this.#take(item, place, context as Scope);
        };
        this.#group = new LaneGroup<T>(
          { name: this.#name, concurrency, stopOnError: false, parent: total, site },
          step,
        );
        try {
          await this.#group.consume(items);
        } catch (error) {
          isCut = echoOf(error, total) !== undefined;
          if (isCut) return;
          // Items never fail their lane: what did was the input, in next() or when it was asked for its iterator, and before
          // anything else, since it is not read after a cancellation.
          this.#stoppedBy = "input";
          inputError = error instanceof ErrorGroup ? error.errors[0] : error;
        }
      });
    // The deadline is only there as a reason of its own if it came before the signal.
    if (isCut || this.#cancelled > 0)
      this.#stoppedBy ??= reasonOf(parent) === undefined || total.ownReason() !== undefined ? "timeout" : "signal";
    return this.#conclude(inputError);
  }

  async #take(item: T, place: Place | number, lane: Scope): Promise<void> {
    await this.#settle(item, place, lane);
    this.#tellProgress(false);
  }

  async #settle(item: T, place: Place | number, lane: Scope): Promise<void> {
    this.#started++;
    const asker = new Item();
    let result: ItemResult<T, R>;
    try {
      asker.index = typeof place === "number" ? place : place.index;
      asker.key = typeof place === "number" ? (this.#options.key?.(item, place) ?? String(place)) : place.key;
      const value = await this.#call(item, asker, lane);
      this.#succeeded++;
      if (!this.#wantsAll) return;
      const { index, key, attempts, startedAt } = asker;
      result = { status: "succeeded", ok: true, value, index, key, item, attempts, duration: now() - startedAt };
    } catch (error) {
      const status = echoOf(error, lane) === undefined ? "failed" : "cancelled";
      const { index, key, attempts, startedAt } = asker;
      result = {
        status,
        ok: false,
        error,
        index,
        key,
        item,
        attempts,
        duration: startedAt === NEVER ? 0 : now() - startedAt,
      };
      if (status === "failed") this.#count(error);
      else this.#cancelled++;
    }
    this.#keep(result);
    this.#tell("onItem", result);
  }

  /** Calls a hook of the user's: what it throws, or its promise rejects with, is reported and changes nothing. */
  #tell<K extends "onItem" | "onProgress">(name: K, news: Parameters<NonNullable<BatchOptions<T, R>[K]>>[0]): void {
    // Holds: the name says which hook it is, and the hook what it takes.
    const hook = this.#options[name] as ((news: unknown) => unknown) | undefined;
    const hookFailed = (error: unknown): void => reportLateError(error, `${this.#name}: ${name}`);
    try {
      // To the compiler an async function is one that returns nothing.
      const returned = hook?.(news);
      if (returned !== undefined) Promise.resolve(returned).catch(hookFailed);
    } catch (error) {
      hookFailed(error);
    }
  }

  /** Of items that ran at once, those after the first wait for the next item, or for the end. */
  #tellProgress(isLast: boolean): void {
    const time = now();
    if (!isLast && time - this.#toldAt < PROGRESS_INTERVAL) return;
    this.#toldAt = time;
    const counts = { succeeded: this.#succeeded, failed: this.#failed, cancelled: this.#cancelled };
    const running = this.#started - this.#succeeded - this.#failed - this.#cancelled;
    this.#tell("onProgress", { counts, running, total: this.#length(), elapsed: time - this.#startedAt });
  }

  #call(item: T, asker: Item, lane: Scope): Promise<R> {
    const { totalTimeout = Infinity } = this.#attempts;
    // Holds: an attempt with an index and a key is the context of an item.
    const run = (context: unknown): Awaitable<R> => this.#run(item, context as ItemContext);
    if (totalTimeout === Infinity) return runAttempts(run, this.#attempts, asker, this.#limits, lane, asker);
    const total = new TotalOperation<R>(lane, asker, totalTimeout, undefined, asker);
    return total.start(() => runAttempts(run, this.#attempts, asker, this.#limits, total, asker));
  }

  #count(error: unknown): void {
    this.#failed++;
    const type = typeOfError(error);
    this.#errorsByType.set(type, (this.#errorsByType.get(type) ?? 0) + 1);
    const group = this.#group;
    if (group === undefined || reasonOf(group) !== undefined || !this.#isTooMany()) return;
    this.#stoppedBy = "maxFailures";
    group.cancel(
      new Error(
        `${this.#failed} items of "${this.#name}" have failed, more than maxFailures: ${this.#options.maxFailures}`,
      ),
    );
  }

  /** Asked each time: the input may grow while it is worked on. */
  #length(): number | undefined {
    const sized = this.#sized;
    return sized === undefined || "size" in sized ? sized?.size : sized.length;
  }

  #isTooMany(): boolean {
    const { maxFailures = Infinity } = this.#options;
    if (typeof maxFailures === "number") return this.#failed > maxFailures;
    const finished = this.#succeeded + this.#failed;
    const length = this.#length();
    if (length === undefined && finished < SAMPLE) return false;
    return this.#failed > (Number.parseFloat(maxFailures) / 100) * (length ?? finished);
  }

  #keep(result: ItemResult<T, R>): void {
    const { keep = "all" } = this.#options;
    if (keep === "all" || (keep === "failures" && !result.ok)) this.#results.push(result);
  }

  #conclude(inputError: unknown): BatchReport<T, R> {
    if (this.#options.onProgress !== undefined) this.#tellProgress(true);
    const isEnded = this.#stoppedBy === undefined || this.#stoppedBy === "input";
    const length = this.#length();
    const notStarted = isEnded ? 0 : length === undefined ? undefined : Math.max(0, length - this.#started);
    // The report lives on, for retryFailed, and must not hold the input: the group knows what was called for each item.
    this.#sized = this.#group = undefined;
    return new Report<T, R>({
      name: this.#name,
      duration: now() - this.#startedAt,
      results: this.#results.toSorted((a, b) => a.index - b.index),
      counts: { succeeded: this.#succeeded, failed: this.#failed, cancelled: this.#cancelled, notStarted },
      errorsByType: this.#errorsByType,
      stoppedBy: this.#stoppedBy,
      inputError,
      again: async (failures, options) =>
        await start(
          failures.map(({ item }) => item),
          this.#run,
          { ...this.#options, ...options },
          callSite(start),
          failures,
        ),
    });
  }
}

const NO_RETRY: RetryOptions<never> = { retries: 0 };

function check(options: BatchOptions<never, never>): void {
  checkCount("batch: concurrency", options?.concurrency, 1);
  const { key, retry, timeout, totalTimeout, grace, maxFailures, keep, onItem, onProgress } = options;
  if (key !== undefined) checkFunction("batch: key", key);
  if (onItem !== undefined) checkFunction("batch: onItem", onItem);
  if (onProgress !== undefined) checkFunction("batch: onProgress", onProgress);
  if (timeout !== undefined) checkDuration("batch: timeout", timeout);
  if (totalTimeout !== undefined) checkDuration("batch: totalTimeout", totalTimeout);
  if (grace !== undefined) checkDuration("batch: grace", grace);
  checkOneOf("batch: keep", keep, ["all", "failures", "none"]);
  if (typeof maxFailures === "string") {
    if (!/^\d+(\.\d+)?%$/.test(maxFailures))
      throw new RangeError(
        `batch: maxFailures must be a number or a percentage like "5%", got ${JSON.stringify(maxFailures)}`,
      );
  } else if (maxFailures !== undefined) checkCount("batch: maxFailures", maxFailures, 0);
  if (retry !== undefined) checkItemRetry("batch", retry);
}

async function start<T, R>(
  items: Items<T>,
  run: ItemRun<T, R>,
  options: BatchOptions<T, R>,
  site: string | undefined,
  places?: readonly Place[],
): Promise<BatchReport<T, R>> {
  checkItems("batch", items);
  checkFunction("batch", run);
  check(options);
  return await new Batch<T, R>(items, run, options, places).report(items, scopeOf(options.signal), site);
}

/**
 * Calls `run` for every item, at most `concurrency` at a time, and resolves with an account of all of them when each that was started has settled. A failed
 * item stops nothing, unless `maxFailures` says so. Items are taken from the input as there is room.
 *
 * Never rejects for an item, a cancellation or its input: the report says it (`stoppedBy`). Under a signal that is aborted already, nothing is called.
 *
 * @throws {TypeError | RangeError} for a caller's mistake, as a rejection
 */
export async function batch<T, R>(
  items: Items<T>,
  run: ItemRun<T, R>,
  options: BatchOptions<NoInfer<T>, NoInfer<R>>,
): Promise<BatchReport<T, R>> {
  return await start(items, run, options, callSite(batch));
}
