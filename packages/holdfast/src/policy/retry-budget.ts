/**
 * How many retries a client may add to its calls, all together. When a server is down, every caller that tries three times again makes the load four times as high just
 * then; callers that share a budget add a fifth.
 *
 * Without timers: first attempts and retries are counted by whole seconds, of which the last ten count.
 *
 * Invariants
 * - BUDGET-1: of the last ten seconds, the retries let through are at most `ratio` for each first attempt and `minPerSecond` for each second.
 *
 * @see Finagle's RetryBudget, of which the defaults are; "Handling Overload" (Site Reliability Engineering, 2016), per-client retry budgets
 */
import { checkFunction, now, reportLateError, type RetryBudget } from "../core/lowlevel.ts";

/** A retry was refused. */
export interface RetryBudgetEvent {
  readonly type: "reject";
  /** The budget's name. */
  readonly policy: string;
  /** The name of the call that would have been tried again. */
  readonly call: string;
  /** A point on the clock of `performance.now()`. */
  readonly at: number;
}

/** What {@link retryBudget} is told; all of it has a default. */
export interface RetryBudgetOptions {
  /** Retries for each first attempt, from 0. Default 0.2: a call in five may be tried again. */
  readonly ratio?: number | undefined;
  /** Retries for each second without any first attempt, from 0; all ten seconds' may be used at once. Default 10. For callers with few calls, of which a ratio would leave nothing. */
  readonly minPerSecond?: number | undefined;
  /** In events. Default "retryBudget". */
  readonly name?: string | undefined;
  /** Told of every retry that was refused. What it throws is a late error and changes nothing. */
  readonly onEvent?: ((event: RetryBudgetEvent) => void) | undefined;
}

/** Seconds that count. */
const WINDOW = 10;

class Budget implements RetryBudget {
  readonly #ratio: number;
  readonly #minPerSecond: number;
  readonly #name: string;
  readonly #onEvent: RetryBudgetOptions["onEvent"];
  /** Of each second, by its number modulo the window: whole numbers, which add up exactly. */
  readonly #calls: number[] = Array.from({ length: WINDOW }, () => 0);
  readonly #retries: number[] = [...this.#calls];
  /** The newest of them. */
  #second = 0;
  #refused = 0;

  constructor({ ratio = 0.2, minPerSecond = 10, name = "retryBudget", onEvent }: RetryBudgetOptions) {
    this.#ratio = ratio;
    this.#minPerSecond = minPerSecond;
    this.#name = name;
    this.#onEvent = onEvent;
  }

  get available(): number {
    this.#place();
    const earned = WINDOW * this.#minPerSecond + this.#ratio * sum(this.#calls);
    // A little more: a hundred times 0.29 must be 29.
    return Math.max(0, Math.floor(earned - sum(this.#retries) + 1e-9));
  }

  get refused(): number {
    return this.#refused;
  }

  deposit(): void {
    const place = this.#place();
    this.#calls[place] = (this.#calls[place] ?? 0) + 1;
  }

  withdraw(call: string): boolean {
    if (this.available > 0) {
      const place = this.#place();
      this.#retries[place] = (this.#retries[place] ?? 0) + 1;
      return true;
    }
    this.#refused++;
    const hook = this.#onEvent;
    if (hook === undefined) return false;
    const told = (async () => hook({ type: "reject", policy: this.#name, call, at: now() }))();
    told.catch((thrown: unknown) => reportLateError(thrown, `${this.#name}: onEvent`));
    return false;
  }

  /** Forgets the seconds that are over, and says where this one is counted. */
  #place(): number {
    const second = Math.floor(now() / 1000);
    for (let at = Math.max(this.#second + 1, second - WINDOW + 1); at <= second; at++)
      this.#calls[at % WINDOW] = this.#retries[at % WINDOW] = 0;
    this.#second = second;
    return second % WINDOW;
  }
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/**
 * A budget of retries that any number of calls share: pass the same object to each as `retry`'s `budget`. A first attempt adds `ratio` to it, a retry takes one. When it is
 * used up, `retry` throws the attempt's error at once, as if no retry were left. A count costs the same however many there were.
 *
 * @throws {RangeError | TypeError} for a number that is none, or below 0
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  for (const name of ["ratio", "minPerSecond"] as const) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "number" && value >= 0 && value < Infinity)) continue;
    const message = `retryBudget: ${name} must be a finite number >= 0, got ${String(value)} (${typeof value})`;
    throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
  }
  if (options.onEvent !== undefined) checkFunction("onEvent", options.onEvent, "retryBudget");
  return new Budget(options);
}
