/**
 * The one place where a service's errors go: they are told apart, counted, and reported, and none of that can take the service down.
 *
 *   report(error) ─▶ leaves ─▶ kind, fingerprint ─▶ counted ─┬─ silent kind
 *                                                            ├─ over a limit: suppressed, said with the next report
 *                                                            └─ each reporter, once for the whole error
 *
 * Invariants
 * - HANDLER-1: `report` never throws and never waits, whatever is reported and whatever reporters and hooks do.
 * - HANDLER-2: an error object is counted once, wherever it is reported again; of a group every leaf is.
 * - HANDLER-3: reporters are called at most at the rates that were given; every error that is kept back is in the statistics and said with the next report or with a flush.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { attemptsOf, type Awaitable, type Context, type Result, settle } from "../core/index.ts";
import { checkDuration, checkFunction, now, rejecting } from "../core/lowlevel.ts";
import { classify, type ClassifyRule } from "./classify.ts";
import { describe, type Leaf, leavesOf } from "./error-handler-facts.ts";
import { type InstallOptions, installHandler } from "./error-handler-install.ts";
import { checkHandler, type ErrorHandlerOptions, type HandlerSettings } from "./error-handler-options.ts";
import { Complaints, Outbox, type ReporterStats } from "./error-handler-outbox.ts";
import { TokenBucket } from "./error-handler-rate.ts";
import { ERROR_KINDS, type ErrorContext, type ErrorFacts } from "./error-handler-record.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type ErrorTables, type Fingerprint, Statistics, wallTime } from "./statistics.ts";

/** What `run` is given besides the function. */
export interface RunContext extends ErrorContext {
  /** Cancels the call; an abort of it rejects. It is not passed on to reporters. */
  readonly signal?: AbortSignal | undefined;
}

/** A task of a group; its name is all that is read. */
export interface NamedTask {
  readonly name: string;
  readonly join: unknown;
}

/** What has happened so far. */
export interface ErrorStats extends ErrorTables {
  /** Errors that were reported again, as the same object. Not in any other count. */
  readonly repeated: number;
  /** Reports that went out. */
  readonly reported: number;
  /** Errors that no report was made of, because of the limits. */
  readonly suppressed: number;
  readonly reporters: readonly ReporterStats[];
}

export interface FlushResult {
  /** Whether every reporter has everything. */
  readonly complete: boolean;
  /** The names of those that have not. */
  readonly unfinished: readonly string[];
}

/** Its members need no `this`. */
export interface ErrorHandler {
  /**
   * Calls `fn` with a context, as `settle` does, and gives a Result; an error in it has been reported, with `context`, which is also that of everything that is reported while it
   * runs. Rejects only with the reason of `context.signal` when that cut the call short.
   *
   * @throws {TypeError} when `fn` is no function
   */
  readonly run: <T>(fn: (context: Context) => Awaitable<T>, context?: RunContext) => Promise<Result<T>>;
  /** A function like `fn` that never rejects nor throws: its outcome is a Result, and an error has been reported. */
  readonly wrap: <This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    context?: ErrorContext,
  ) => (this: This, ...args: A) => Promise<Result<T>>;
  /** As `wrap`, but it returns nothing: for listeners and timers, which nobody awaits. The lint rule no-misused-promises refuses a function that returns a promise there. */
  readonly listener: <This, A extends unknown[]>(
    fn: (this: This, ...args: A) => unknown,
    context?: ErrorContext,
  ) => (this: This, ...args: A) => void;
  /** Counts the error and reports it. Never throws, never waits. With a task instead of a context it can be a group's `onTaskError` as it is. */
  readonly report: (error: unknown, context?: ErrorContext | NamedTask) => void;
  /** A copy of all counts. */
  readonly stats: () => ErrorStats;
  /**
   * Waits until reporters have everything, at most `limit` milliseconds (default 2,000), and tells them first what the limits have kept back. Never rejects for a reporter.
   *
   * @throws {RangeError} for a limit below 0 or NaN
   */
  readonly flush: (limit?: number) => Promise<FlushResult>;
  /** Reports what nobody in the process has caught, and ends the process as Node would, but after a flush; until the returned object is disposed. See {@link InstallOptions}. */
  readonly install: (options?: InstallOptions) => Disposable;
}

/** Makes a handler. Nothing is installed, and no context is tracked, before it is asked to. @throws {TypeError | RangeError} for options that can't be */
export function errorHandler(options?: ErrorHandlerOptions): ErrorHandler {
  return new Handler(checkHandler(options ?? {}));
}

const DEFAULT_LIMIT = 2000;
/** Of a record. */
const MOST_LEAVES = 100;

function isObject(error: unknown): error is object {
  return (typeof error === "object" && error !== null) || typeof error === "function";
}

class Handler implements ErrorHandler {
  readonly #settings: HandlerSettings;
  readonly #statistics: Statistics;
  readonly #complaints: Complaints = new Complaints();
  readonly #outboxes: readonly Outbox[];
  readonly #bucket: TokenBucket;
  /** The objects that were counted, and whether a reporter was told of them. Equal primitives are errors of their own. */
  readonly #told: WeakMap<object, boolean> = new WeakMap();
  #storage: AsyncLocalStorage<ErrorContext> | undefined;
  #repeated: number = 0;
  #reported: number = 0;
  #suppressed: number = 0;
  /** A reporter that reports errors of its own, at once, would never come to an end. */
  #isReporting: boolean = false;

  constructor(settings: HandlerSettings) {
    const time = now();
    this.#settings = settings;
    this.#statistics = new Statistics(settings.maxFingerprints, settings.fingerprintRate, time);
    this.#outboxes = settings.reporters.map((reporter) => new Outbox(reporter, this.#complaints));
    this.#bucket = new TokenBucket(settings.rate, time);
  }

  readonly run = <T>(fn: (context: Context) => Awaitable<T>, context?: RunContext): Promise<Result<T>> =>
    rejecting(() => {
      checkFunction("run", fn, "errorHandler");
      const { signal, ...own } = context ?? {};
      const task = own.task ?? (fn.name || undefined);
      return this.#within(own, async () => {
        try {
          const result = await settle(fn, { signal, name: task });
          if (!result.ok) this.report(result.error, { ...own, task });
          return result;
        } catch (error) {
          // Whatever an abort of the signal was given as its reason.
          const kinds: readonly ClassifyRule[] = signal?.aborted === true ? [[() => true, "cancelled"]] : [];
          this.#tell(error, { ...own, task }, kinds);
          throw error;
        }
      });
    });

  readonly wrap = <This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    context?: ErrorContext,
  ): ((this: This, ...args: A) => Promise<Result<T>>) => {
    checkFunction("wrap", fn, "errorHandler");
    return this.#wrap(fn, context);
  };

  readonly listener = <This, A extends unknown[]>(
    fn: (this: This, ...args: A) => unknown,
    context?: ErrorContext,
  ): ((this: This, ...args: A) => void) => {
    checkFunction("listener", fn, "errorHandler");
    const wrapped = this.#wrap(fn, context);
    return function listener(...args) {
      void wrapped.apply(this, args);
    };
  };

  #wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => Awaitable<T>,
    context: ErrorContext | undefined,
  ): (this: This, ...args: A) => Promise<Result<T>> {
    const { run } = this;
    const named = { ...context, task: context?.task ?? (fn.name || undefined) };
    return function wrapped(...args) {
      return run(() => fn.apply(this, args), named);
    };
  }

  /** Calls `body` where `context` is that of everything that is reported. */
  #within<T>(context: ErrorContext, body: () => Promise<T>): Promise<T> {
    if (!this.#settings.asyncContext || Object.keys(context).length === 0) return body();
    this.#storage ??= new AsyncLocalStorage();
    return this.#storage.run({ ...this.#storage.getStore(), ...context }, body);
  }

  readonly report = (error: unknown, context?: ErrorContext | NamedTask): void => {
    this.#tell(error, context);
  };

  /** `kinds` are asked after the rules of the user's. */
  #tell(error: unknown, context?: ErrorContext | NamedTask, kinds: readonly ClassifyRule[] = []): boolean {
    try {
      return this.#count(error, this.#contextOf(context), kinds);
    } catch (thrown) {
      // What it takes to get here is a host that has run out of memory, or of stack.
      this.#complaints.about("report", thrown);
      return false;
    }
  }

  #contextOf(context: ErrorContext | NamedTask | undefined): ErrorContext {
    const given = this.#asked("context", () => {
      const isTask = typeof context?.["join"] === "function";
      const own = isTask ? { task: String(context.name) } : context;
      // What is undefined does not hide what is known outside.
      return Object.fromEntries(Object.entries(own ?? {}).filter(([, value]) => value !== undefined));
    });
    // Copied where it is asked for: its getters may throw.
    const hook = this.#asked("context", () => ({ ...this.#settings.context?.() }));
    return { ...hook, ...this.#storage?.getStore(), ...given };
  }

  /** What a hook of the user's says; undefined when it throws. */
  #asked<T>(name: string, hook: () => T): T | undefined {
    try {
      return hook();
    } catch (error) {
      this.#complaints.about(name, error);
      return undefined;
    }
  }

  #factsOf({ error, tasks }: Leaf, context: ErrorContext, kinds: readonly ClassifyRule[]): ErrorFacts {
    const { type, code, message } = describe(error);
    const rules = [...this.#settings.classify, ...kinds];
    const kind = classify(error, rules, (thrown) => this.#complaints.about("classify", thrown));
    const task = tasks[0]?.task ?? context.task;
    const facts = { error, kind, type, code, message, task, fingerprint: fingerprintOf(error, type, code, message) };
    const own = this.#asked("fingerprint", () => this.#settings.fingerprint?.(facts));
    return typeof own === "string" ? { ...facts, fingerprint: own } : facts;
  }

  /** Whether a reporter was told, of this error now, or of all that is in it before. */
  #count(error: unknown, context: ErrorContext, kinds: readonly ClassifyRule[]): boolean {
    const [time, wall] = [now(), wallTime()];
    const counted: (readonly [ErrorFacts, Fingerprint, Leaf])[] = [];
    let isTold = true;
    for (const leaf of leavesOf(error)) {
      const told = isObject(leaf.error) ? this.#told.get(leaf.error) : undefined;
      isTold &&= told === true;
      if (told !== undefined) {
        this.#repeated++;
        continue;
      }
      this.#setTold(leaf.error, false);
      const facts = this.#factsOf(leaf, context, kinds);
      for (const outbox of this.#outboxes) outbox.count(facts);
      const entry = this.#statistics.add(facts, time, wall);
      if (!this.#settings.silent.includes(facts.kind)) counted.push([facts, entry, leaf]);
    }
    // The worst first; among equals, the order of failure.
    counted.sort(([a], [b]) => ERROR_KINDS.indexOf(a.kind) - ERROR_KINDS.indexOf(b.kind));
    const due = this.#isReporting ? undefined : counted.find(([, entry]) => entry.bucket.has(time));
    if (due === undefined || !this.#bucket.has(time)) {
      this.#suppressed += counted.length;
      for (const [, entry] of counted) entry.suppressed++;
      return isTold;
    }
    const [facts, entry, leaf] = due;
    entry.bucket.take();
    this.#bucket.take();
    this.#reported++;
    const record = {
      ...facts,
      error,
      leaves: counted.slice(0, MOST_LEAVES).map(([inner]) => inner),
      tasks: leaf.tasks,
      attempts: Math.max(1, attemptsOf(leaf.error).at(-1)?.attempt ?? 1),
      context,
      time: wall,
      firstSeen: entry.sample.time,
      count: entry.count,
      suppressed: entry.suppressed,
    };
    entry.suppressed = 0;
    this.#isReporting = true;
    const isTaken = this.#outboxes.map((outbox) => outbox.send(record)).includes(true);
    this.#isReporting = false;
    if (isTaken) for (const [{ error: inner }] of counted) this.#setTold(inner, true);
    return isTaken;
  }

  #setTold(error: unknown, isTold: boolean): void {
    if (isObject(error)) this.#told.set(error, isTold);
  }

  readonly stats = (): ErrorStats => ({
    ...this.#statistics.tables(now()),
    repeated: this.#repeated,
    reported: this.#reported,
    suppressed: this.#suppressed,
    reporters: this.#outboxes.map((outbox) => outbox.stats),
  });

  readonly flush = (limit: number = DEFAULT_LIMIT): Promise<FlushResult> =>
    rejecting(async () => {
      checkDuration("flush: limit", limit, 0, "errorHandler");
      this.#summarize();
      const flushed = await Promise.all(this.#outboxes.map((outbox) => outbox.flush(limit)));
      const unfinished = this.#outboxes.filter((_, index) => flushed[index] === false).map(({ stats }) => stats.name);
      return { complete: unfinished.length === 0, unfinished };
    });

  #summarize(): void {
    const kept = [...this.#statistics.entries()].filter((entry) => entry.suppressed > 0);
    let suppressed = this.#statistics.forgottenSuppressed;
    for (const entry of kept) suppressed += entry.suppressed;
    if (suppressed === 0) return;
    const fingerprints = kept
      .toSorted((a, b) => b.suppressed - a.suppressed)
      .slice(0, 10)
      .map((entry) => ({ fingerprint: entry.facts.fingerprint, suppressed: entry.suppressed }));
    const counts = kept.map((entry) => entry.suppressed);
    const { forgottenSuppressed } = this.#statistics;
    for (const entry of kept) entry.suppressed = 0;
    this.#statistics.forgottenSuppressed = 0;
    this.#isReporting = true;
    const isTaken = this.#outboxes.map((outbox) => outbox.summarize({ suppressed, fingerprints })).includes(true);
    this.#isReporting = false;
    if (isTaken) return;
    // Nobody was told: it is said with the next report, or the next flush.
    for (const [index, entry] of kept.entries()) entry.suppressed += counts[index] ?? 0;
    this.#statistics.forgottenSuppressed += forgottenSuppressed;
  }

  readonly install = (options?: InstallOptions): Disposable =>
    installHandler({ report: (error, context) => this.#tell(error, context), flush: this.flush }, options ?? {});
}
