/**
 * Calling a function until it succeeds: the engine of `retry`, and of the items of a batch and of a queue.
 *
 *   attempt ──value──▶ done
 *      └─error──▶ noted ──▶ onFailedAttempt ──▶ shouldRetry ──no──▶ thrown
 *      ▲                                            └─yes──▶ wait
 *      └─────────────────────────────────────────────────────┘
 *
 * Invariants
 * - RETRY-1: at most `retries` + 1 calls, one after the other: the next starts when the one before has settled or was abandoned.
 * - RETRY-2: what is thrown is the last attempt's error itself, with the history in `attemptsOf`; after a cancellation that cut it short, its reason.
 * - RETRY-3: a cancellation ends a wait at once, and no further attempt starts. It has cut short what would have been tried again, so a failure meanwhile is thrown only if it was for good.
 * - RETRY-4: the history holds at most 100 attempts, however many there were: the first ten and the last ones.
 * - RETRY-5: a hook that goes on after a cancellation is left when its grace is over, as an attempt is.
 */
import { checkDuration } from "./argument.ts";
import { type Attempt, recordAttempts } from "./attempt.ts";
import type { AttemptContext, AttemptOptions, RetryContext, RetryOptions } from "./attempt-options.ts";
import { backoffDelay } from "./backoff.ts";
import { attach, echoOf, reasonOf, retire, root, type Scope, SETTLED, UNLISTED } from "./cancel.ts";
import { now } from "./clock.ts";
import { ContextScope } from "./context.ts";
import { ErrorGroup } from "./error-group.ts";
import { fieldsOf, isAbortError, TimeoutError } from "./errors.ts";
import { type Awaitable, type Limits, type Named, Operation } from "./operation.ts";
import type { Result } from "./result.ts";
import { sleepUnder } from "./sleep.ts";
import { suppress } from "./suppressed.ts";

/** Who asked for the attempts. */
export interface Asker {
  /** Those that failed, in a list that changes, see RETRY-4; set with the first of them. */
  attempts: readonly Attempt[];
  /** When the first attempt started. */
  startedAt: number;
  /** Of the item, in a batch. */
  readonly index?: number | undefined;
  readonly key?: string | undefined;
}

/** One attempt, as its function sees it. */
class AttemptScope extends ContextScope implements AttemptContext {
  readonly named: Named;
  readonly attempt: number;
  readonly retriesLeft: number;
  readonly previousError: unknown;
  readonly asker: Asker | undefined;

  constructor(
    parent: Scope,
    named: Named,
    attempt: number,
    retriesLeft: number,
    previousError: unknown,
    asker: Asker | undefined,
  ) {
    super(parent);
    this.named = named;
    this.attempt = attempt;
    this.retriesLeft = retriesLeft;
    this.previousError = previousError;
    this.asker = asker;
  }

  override get name(): string {
    return this.named.name || "call";
  }

  get index(): number | undefined {
    return this.asker?.index;
  }

  get key(): string | undefined {
    return this.asker?.key;
  }
}

/** From the end of an attempt that failed to the next one: the hooks, whose context it is, and the wait. */
class Pause<T> extends Operation<boolean> implements RetryContext<T> {
  readonly attempt: number;
  readonly retriesLeft: number;
  readonly elapsed: number;
  readonly result: Result<T>;

  constructor(plan: Plan<T>, attempt: number, retriesLeft: number, elapsed: number, result: Result<T>) {
    super(plan.parent, plan.named, { ...plan.limits, timeout: Infinity }, undefined);
    this.attempt = attempt;
    this.retriesLeft = retriesLeft;
    this.elapsed = elapsed;
    this.result = result;
  }

  override get name(): string {
    return `pause of ${super.name}`;
  }

  get error(): unknown {
    return this.result.ok ? undefined : this.result.error;
  }
}

/** Refusals of policies: trying again at once is what they are there to prevent. */
const REFUSALS: readonly unknown[] = [
  "ERR_STOP_RETRY",
  "ERR_CIRCUIT_OPEN",
  "ERR_BULKHEAD_FULL",
  "ERR_RATE_LIMITED",
  "ERR_QUEUE_CLOSED",
  "ERR_GROUP_CLOSED",
];

/**
 * The default of `shouldRetry`: false for a cancellation, StopRetry, refusals of this package's policies and closed groups and queues, and for ReferenceError and SyntaxError, which are bugs
 * that no second call repairs; true for everything else, TypeError too (what `fetch` throws when the network is down). An ErrorGroup is as good as the worst in it: all of its
 * tasks would have to succeed.
 */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ErrorGroup) return error.errors.every((inner) => isRetryable(inner));
  const { name, code } = fieldsOf(error);
  return !(isAbortError(error) || REFUSALS.includes(code) || name === "ReferenceError" || name === "SyntaxError");
}

/** What all attempts of one call share. */
export interface Plan<T> {
  readonly run: (context: AttemptContext) => Awaitable<T>;
  readonly options: AttemptOptions<T>;
  readonly named: Named;
  readonly limits: Limits;
  readonly parent: Scope;
  readonly asker: Asker | undefined;
}

/**
 * Calls `run` as {@link AttemptOptions} say, under `parent`; rejects as RETRY-2 says. Most calls succeed at once: the first attempt is made here, with as little around it as
 * can be, and all that a failure needs is elsewhere.
 */
export async function runAttempts<T>(
  run: (context: AttemptContext) => Awaitable<T>,
  options: AttemptOptions<T>,
  named: Named,
  limits: Limits,
  parent: Scope,
  asker?: Asker,
): Promise<T> {
  options.budget?.deposit();
  // What nothing limits, and nothing can cancel or all would wait for it if it did, needs no means to leave it: it is awaited here.
  if (limits.timeout === Infinity && (limits.grace === Infinity || parent === root())) {
    const context = new AttemptScope(parent, named, 1, options.retries ?? RETRIES, undefined, asker);
    const startedAt = now();
    if (asker !== undefined) asker.startedAt = startedAt;
    try {
      const value = await enter(run, context);
      retire(context);
      if (options.shouldRetryResult === undefined) return value;
      return await goOn({ run, options, named, limits, parent, asker }, startedAt, { ok: true, value });
    } catch (error) {
      if ((context.bits & SETTLED) !== 0) throw error;
      retire(context);
      return await goOn({ run, options, named, limits, parent, asker }, startedAt, { ok: false, error });
    }
  }
  const plan: Plan<T> = { run, options, named, limits, parent, asker };
  const startedAt = now();
  if (asker !== undefined) asker.startedAt = startedAt;
  const first = await attemptOnce(plan, 1, undefined);
  return first.ok && options.shouldRetryResult === undefined ? first.value : await goOn(plan, startedAt, first);
}

/** One attempt, as a result: what ended it by a cancellation from above too. */
export async function attemptOnce<T>(
  { run, options, named, limits, parent, asker }: Plan<T>,
  attempt: number,
  previousError: unknown,
): Promise<Result<T>> {
  const operation = new Operation<T>(parent, named, limits, undefined);
  const context = new AttemptScope(
    operation,
    named,
    attempt,
    (options.retries ?? RETRIES) - attempt + 1,
    previousError,
    asker,
  );
  try {
    return { ok: true, value: await operation.start(() => enter(run, context)) };
  } catch (error) {
    return { ok: false, error };
  } finally {
    retire(context);
  }
}

/** Judges the first attempt, and makes the others. */
async function goOn<T>(plan: Plan<T>, began: number, first: Result<T>): Promise<T> {
  const { options, parent, asker } = plan;
  const history: Attempt[] = [];
  if (asker !== undefined) asker.attempts = history;
  let result = first;
  let startedAt = began;
  for (let attempt = 1; ; attempt++) {
    if (!result.ok && echoOf(result.error, parent) !== undefined) throw finish(result.error, plan, history);
    const ended = now();
    const retriesLeft = (options.retries ?? RETRIES) - attempt + 1;
    const pause = new Pause<T>(plan, attempt, retriesLeft, ended - began, result);
    try {
      const { error } = pause;
      const judged = pause.start(async () => {
        if (pause.result.ok && options.shouldRetryResult?.(pause.result.value, pause) !== true) return false;
        const noted = { attempt, error, startedAt, duration: ended - startedAt, delay: undefined };
        const previousDelay = history.at(-1)?.delay;
        history.push(noted);
        if (history.length > MOST) history.splice(EARLIEST, 1);
        await options.onFailedAttempt?.(pause);
        if (!(await shouldGoOn(pause, plan))) return false;
        const delay = options.delay?.(pause) ?? backoffDelay(options, attempt, previousDelay);
        checkDuration("retry: delay", delay);
        await sleepUnder(pause, delay);
        // Only now: a wait that is cut short has no call after it.
        history[history.length - 1] = { ...noted, delay };
        return true;
      });
      // What was cancelled before is not told to stop any more.
      if (reasonOf(parent) !== undefined && plan.limits.graceFromCancel) pause.stop();
      if (!(await judged)) {
        if (result.ok) return result.value;
        throw isStop(error) ? error.cause : error;
      }
    } catch (error) {
      throw finish(error, plan, history);
    }
    startedAt = now();
    result = await attemptOnce(plan, attempt + 1, history.at(-1)?.error);
  }
}

/** Attempts that the history keeps, and how many of them are the earliest. */
const MOST = 100;
const EARLIEST = 10;

/** Calls after the first, unless told. */
const RETRIES = 3;

function enter<T>(run: (context: AttemptContext) => Awaitable<T>, context: AttemptScope): Awaitable<T> {
  // Nothing above is ever cancelled: it is listed when there is something to be seen below it.
  if (context.parent === root()) context.bits |= UNLISTED;
  else attach(context);
  return run(context);
}

/** Thrown by `run`, ends the attempts; `retry` throws its `cause`. By code: another copy's will do. */
function isStop(error: unknown): error is { readonly cause: unknown } {
  return fieldsOf(error).code === "ERR_STOP_RETRY";
}

async function shouldGoOn<T>(pause: Pause<T>, { options, named }: Plan<T>): Promise<boolean> {
  if (pause.retriesLeft <= 0) return false;
  // A refused value has been judged already.
  if (!pause.result.ok) {
    if (isStop(pause.error)) return false;
    if (!(await (options.shouldRetry === undefined ? isRetryable(pause.error) : options.shouldRetry(pause))))
      return false;
  }
  // Nothing is taken for a retry that a cancellation prevents.
  return options.budget === undefined || reasonOf(pause) !== undefined || options.budget.withdraw(named.name || "call");
}

/** What is thrown in the end, with what came before it where people look for it. */
function finish<T>(thrown: unknown, { parent, named, asker }: Plan<T>, history: readonly Attempt[]): unknown {
  const isCancelled = echoOf(thrown, parent) !== undefined;
  // The reason itself, whatever somebody has made of it.
  const error = isCancelled ? reasonOf(parent) : thrown;
  const last = history.at(-1)?.error;
  const isLast = error === last || (isStop(last) && last.cause === error);
  // The limit of all attempts makes an error of its own, with the history: see TotalOperation.
  if (isCancelled && isTotalExpired(parent)) return error;
  if (!isCancelled && recordAttempts(error, history) && isLast) return error;
  // An item of a batch has its attempts beside its error.
  if (asker?.index !== undefined) return error;
  // A cancellation's reason, what a hook threw, a primitive: none of them may hide what the attempts said.
  const others = history.slice(0, isLast ? -1 : undefined).map((attempt) => attempt.error);
  suppress(
    error,
    others.filter((other) => other !== undefined),
    named.name || "call",
  );
  return error;
}

/** All attempts and waits together, under one limit. Whom it cuts short it waits for: an attempt that does not stop is abandoned by its own grace. */
export class TotalOperation<T> extends Operation<T> {
  readonly asker: Asker;

  constructor(parent: Scope, named: Named, timeout: number, site: string | undefined, asker: Asker) {
    super(parent, named, { timeout, layer: "total", grace: Infinity, graceFromCancel: true }, site);
    this.asker = asker;
  }

  override cancellation(cause?: unknown): unknown {
    const error = super.cancellation(cause);
    if (error instanceof TimeoutError) recordAttempts(error, this.asker.attempts);
    return error;
  }
}

function isTotalExpired(scope: Scope): boolean {
  return scope instanceof TotalOperation && reasonOf(scope.parent) === undefined;
}

/** `retry` under a scope, with options that have been checked. */
export function retryUnder<T>(
  run: (context: AttemptContext) => Awaitable<T>,
  settings: RetryOptions<T>,
  limits: Limits,
  named: Named,
  parent: Scope,
  site: string | undefined,
): Promise<T> {
  const reason = reasonOf(parent);
  if (reason !== undefined) throw reason;
  const { totalTimeout = Infinity } = settings;
  if (totalTimeout === Infinity) return runAttempts(run, settings, named, limits, parent);
  if (typeof totalTimeout === "number" && totalTimeout <= 0)
    throw new TimeoutError(named.name || "call", totalTimeout, "total");
  checkDuration("retry: totalTimeout", totalTimeout);
  const asker: Asker = { attempts: [], startedAt: 0 };
  const total = new TotalOperation<T>(parent, named, totalTimeout, site, asker);
  return total.start(() => runAttempts(run, settings, named, limits, total, asker));
}
