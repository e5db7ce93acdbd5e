/**
 * The declared signatures of the public functions, written out once more: who changes one changes it here too, knowingly, and with a
 * decision record. Functions are compared in both directions, so that neither more nor less is asked or given.
 */
import { expectTypeOf } from "expect-type";
import {
  abortable,
  attemptsOf,
  batch,
  findError,
  forEach,
  isCancellation,
  isRetryable,
  isTimeout,
  map,
  onLateError,
  retry,
  retryAfter,
  settle,
  sleep,
  splitError,
  suppressedErrors,
  taskGroup,
  timeout,
} from "holdfast";
import type {
  AbandonedTask,
  AbandonOptions,
  Attempt,
  AttemptContext,
  Awaitable,
  BatchOptions,
  BatchProgress,
  BatchReport,
  CallOptions,
  CancelledError,
  CombineOptions,
  Context,
  ErrorClass,
  ErrorGroup,
  ErrorGuard,
  ErrorPredicate,
  GroupClosedError,
  GroupOptions,
  ItemBase,
  ItemContext,
  ItemResult,
  Items,
  MapOptions,
  Result,
  ResultsOf,
  RetryBudget,
  RetryContext,
  RetryOptions,
  Run,
  StopRetry,
  Task,
  TaskCancelledError,
  TaskContext,
  TaskGroup,
  TaskOptions,
  TaskState,
  TimeoutError,
} from "holdfast";
import { describe, test } from "../harness.ts";

describe("task groups", () => {
  test("taskGroup", () => {
    type Declared = <T>(body: (group: TaskGroup) => Awaitable<T>, options?: GroupOptions) => Promise<T>;
    expectTypeOf(taskGroup).toExtend<Declared>();
    expectTypeOf<Declared>().toExtend<typeof taskGroup>();
  });

  test("TaskGroup: members that need no this", () => {
    expectTypeOf<TaskGroup["spawn"]>().toExtend<
      <T>(run: (context: TaskContext) => Awaitable<T>, options?: TaskOptions) => Task<T>
    >();
    expectTypeOf<TaskGroup["cancel"]>().toEqualTypeOf<(reason?: unknown) => void>();
    expectTypeOf<Pick<TaskGroup, "name" | "signal" | "deadline" | "timeLeft" | "cancelled" | "size">>().toEqualTypeOf<{
      readonly name: string;
      readonly signal: AbortSignal;
      readonly deadline: number;
      readonly timeLeft: number;
      readonly cancelled: boolean;
      readonly size: number;
    }>();
  });

  test("Task", () => {
    expectTypeOf<TaskState>().toEqualTypeOf<
      "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "abandoned"
    >();
    expectTypeOf<Pick<Task<1>, "id" | "name" | "state">>().toEqualTypeOf<{
      readonly id: number;
      readonly name: string;
      readonly state: TaskState;
    }>();
    interface Declared<T> {
      join(options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
      settled(options?: { readonly signal?: AbortSignal | undefined }): Promise<Result<T>>;
      outcome(): Result<T> | undefined;
      cancel(reason?: unknown): void;
    }
    expectTypeOf<Pick<Task<1>, keyof Declared<1>>>().toEqualTypeOf<Declared<1>>();
  });

  test("Context and its kin", () => {
    interface Declared {
      readonly signal: AbortSignal;
      readonly cancelled: boolean;
      readonly deadline: number;
      readonly timeLeft: number;
      readonly sleep: (ms: number) => Promise<void>;
      readonly throwIfCancelled: () => void;
    }
    expectTypeOf<Context>().toEqualTypeOf<Declared>();
    expectTypeOf<Run<1>>().toEqualTypeOf<(context: Context) => Awaitable<1>>();
    expectTypeOf<Omit<AttemptContext, keyof Context>>().toEqualTypeOf<{
      readonly attempt: number;
      readonly retriesLeft: number;
      readonly previousError: unknown;
    }>();
    expectTypeOf<Omit<RetryContext<1>, keyof Context>>().toEqualTypeOf<{
      readonly attempt: number;
      readonly retriesLeft: number;
      readonly elapsed: number;
      readonly result: Result<1>;
      readonly error: unknown;
    }>();
    expectTypeOf<Omit<ItemContext, keyof AttemptContext>>().toEqualTypeOf<{
      readonly index: number;
      readonly key: string;
    }>();
    expectTypeOf<Omit<TaskContext, keyof Context>>().toEqualTypeOf<{
      readonly name: string;
      readonly group: TaskGroup;
    }>();
  });
});

describe("options: each optional one may be undefined", () => {
  test("CallOptions, AbandonOptions, CombineOptions", () => {
    interface Call {
      readonly signal?: AbortSignal | undefined;
      readonly name?: string | undefined;
    }
    interface Abandon extends Call {
      readonly grace?: number | undefined;
    }
    interface Combine extends Abandon {
      readonly timeout?: number | undefined;
    }
    expectTypeOf<CallOptions>().toEqualTypeOf<Call>();
    expectTypeOf<AbandonOptions>().toEqualTypeOf<Abandon>();
    expectTypeOf<CombineOptions>().toEqualTypeOf<Combine>();
  });

  test("MapOptions", () => {
    interface Declared {
      readonly signal?: AbortSignal | undefined;
      readonly name?: string | undefined;
      readonly concurrency: number;
      readonly stopOnError?: boolean | undefined;
      readonly timeout?: number | undefined;
      readonly grace?: number | undefined;
    }
    expectTypeOf<MapOptions>().toEqualTypeOf<Declared>();
  });

  test("RetryOptions", () => {
    interface Values {
      readonly signal?: AbortSignal | undefined;
      readonly name?: string | undefined;
      readonly retries?: number | undefined;
      readonly baseDelay?: number | undefined;
      readonly maxDelay?: number | undefined;
      readonly factor?: number | undefined;
      readonly jitter?: "full" | "equal" | "decorrelated" | "none" | undefined;
      readonly timeout?: number | undefined;
      readonly totalTimeout?: number | undefined;
      readonly grace?: number | undefined;
      readonly budget?: RetryBudget | undefined;
    }
    type Hooks = "delay" | "shouldRetry" | "shouldRetryResult" | "onFailedAttempt";
    expectTypeOf<Omit<RetryOptions<1>, Hooks>>().toEqualTypeOf<Values>();
    expectTypeOf<RetryOptions<1>["delay"]>().toExtend<((context: RetryContext<1>) => number | undefined) | undefined>();
    expectTypeOf<RetryOptions<1>["shouldRetry"]>().toExtend<
      ((context: RetryContext<1>) => Awaitable<boolean>) | undefined
    >();
    expectTypeOf<RetryOptions<1>["shouldRetryResult"]>().toExtend<
      ((value: 1, context: RetryContext<1>) => boolean) | undefined
    >();
    expectTypeOf<RetryOptions<1>["onFailedAttempt"]>().toExtend<
      ((context: RetryContext<1>) => Awaitable<void>) | undefined
    >();
    // As with methods: what was written for texts will do where any value is meant.
    expectTypeOf<RetryOptions<string>>().toExtend<RetryOptions>();
  });

  test("BatchOptions", () => {
    interface Declared {
      readonly signal?: AbortSignal | undefined;
      readonly name?: string | undefined;
      readonly concurrency: number;
      readonly key?: ((item: string, index: number) => string) | undefined;
      readonly retry?: RetryOptions<1> | undefined;
      readonly timeout?: number | undefined;
      readonly totalTimeout?: number | undefined;
      readonly grace?: number | undefined;
      readonly maxFailures?: number | `${number}%` | undefined;
      readonly keep?: "all" | "failures" | "none" | undefined;
      readonly onItem?: ((result: ItemResult<string, 1>) => void) | undefined;
      readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
    }
    expectTypeOf<BatchOptions<string, 1>>().toEqualTypeOf<Declared>();
  });
});

describe("results and errors", () => {
  test("Result", () => {
    expectTypeOf<Result<1, 2>>().toEqualTypeOf<
      { readonly ok: true; readonly value: 1 } | { readonly ok: false; readonly error: 2 }
    >();
    expectTypeOf<ResultsOf<readonly [Promise<1>, 2]>>().toEqualTypeOf<[Result<1>, Result<2>]>();
  });

  test("settle", () => {
    type One = <T>(run: Run<T>, options?: CombineOptions) => Promise<Result<T>>;
    type List = <T extends readonly unknown[] | []>(
      runs: { readonly [K in keyof T]: Run<T[K]> },
      options?: CombineOptions,
    ) => Promise<ResultsOf<T>>;
    type Named = <T extends Record<string, unknown>>(
      runs: { readonly [K in keyof T]: Run<T[K]> },
      options?: CombineOptions,
    ) => Promise<ResultsOf<T>>;
    expectTypeOf(settle).toExtend<One>();
    expectTypeOf(settle).toExtend<List>();
    expectTypeOf(settle).toExtend<Named>();
    expectTypeOf<One & List & Named>().toExtend<typeof settle>();
  });

  test("findError and splitError", () => {
    type Typed = <E>(error: unknown, test: ErrorClass<E> | ErrorGuard<E>) => E | undefined;
    type Plain = (error: unknown, test: ErrorPredicate) => unknown;
    expectTypeOf<Typed & Plain>().toExtend<typeof findError>();
    expectTypeOf(findError).toExtend<Typed & Plain>();
    type TypedSplit = <E>(
      error: unknown,
      test: ErrorClass<E> | ErrorGuard<E>,
    ) => [match: ErrorGroup<E> | undefined, rest: unknown];
    type PlainSplit = (error: unknown, test: ErrorPredicate) => [match: ErrorGroup | undefined, rest: unknown];
    expectTypeOf<TypedSplit & PlainSplit>().toExtend<typeof splitError>();
    expectTypeOf(splitError).toExtend<TypedSplit & PlainSplit>();
  });

  test("guards, suppressed and late errors", () => {
    expectTypeOf(isCancellation).toEqualTypeOf<(error: unknown, signal?: AbortSignal) => boolean>();
    expectTypeOf(isTimeout).toEqualTypeOf<(error: unknown) => error is Error>();
    expectTypeOf(suppressedErrors).toEqualTypeOf<(error: unknown) => readonly unknown[]>();
    type Listener = (error: unknown, info: { readonly task: string; readonly spawnedAt: string | undefined }) => void;
    expectTypeOf(onLateError).toEqualTypeOf<(listener: Listener) => Disposable>();
  });

  test("the fields of each class", () => {
    type Own<E extends Error> = Omit<E, "message" | "stack" | "cause">;
    expectTypeOf<Own<CancelledError>>().toEqualTypeOf<{
      readonly name: "AbortError";
      readonly code: "ERR_CANCELLED";
      readonly kind: "cancel" | "deadline" | "sibling" | "outer" | "closing";
      readonly group: string;
      // Beyond the contract: provenance.
      readonly by: string | undefined;
      readonly at: number;
    }>();
    expectTypeOf<Own<TaskCancelledError>>().toEqualTypeOf<{
      readonly name: "TaskCancelledError";
      readonly code: "ERR_TASK_CANCELLED";
      readonly task: string;
    }>();
    expectTypeOf<Own<TimeoutError>>().toEqualTypeOf<{
      readonly name: "TimeoutError";
      readonly code: "ERR_TIMEOUT";
      readonly timeout: number;
      readonly layer: "timeout" | "group" | "task" | "attempt" | "total" | "item";
      readonly unresponsive: readonly AbandonedTask[];
    }>();
    expectTypeOf<AbandonedTask>().toEqualTypeOf<{
      readonly task: string;
      readonly spawnedAt: string | undefined;
      readonly sawSignal: boolean;
    }>();
    expectTypeOf<Own<GroupClosedError>>().toEqualTypeOf<{
      readonly name: "GroupClosedError";
      readonly code: "ERR_GROUP_CLOSED";
      readonly group: string;
    }>();
    expectTypeOf<StopRetry["code"]>().toEqualTypeOf<"ERR_STOP_RETRY">();
    expectTypeOf<ErrorGroup<1>["errors"]>().toEqualTypeOf<1[]>();
    expectTypeOf<ErrorGroup["leaves"]>().toEqualTypeOf<() => unknown[]>();
  });
});

describe("time and cancellation", () => {
  test("timeout, sleep, abortable", () => {
    type DeclaredTimeout = <T>(ms: number, run: Run<T>, options?: AbandonOptions) => Promise<T>;
    expectTypeOf(timeout).toExtend<DeclaredTimeout>();
    expectTypeOf(sleep).toEqualTypeOf<
      (ms: number, options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>
    >();
    type DeclaredAbortable = <T>(
      promise: PromiseLike<T>,
      options: {
        readonly signal: AbortSignal;
        readonly onLate?: ((value: NoInfer<T>) => void) | undefined;
        readonly onLateError?: ((error: unknown) => void) | undefined;
      },
    ) => Promise<T>;
    expectTypeOf(abortable).toExtend<DeclaredAbortable>();
    expectTypeOf<DeclaredAbortable>().toExtend<typeof abortable>();
  });
});

describe("many items", () => {
  test("map and forEach", () => {
    type DeclaredMap = <T, R>(
      items: Items<T>,
      run: (item: T, index: number, context: Context) => Awaitable<R>,
      options: MapOptions,
    ) => Promise<R[]>;
    expectTypeOf(map).toExtend<DeclaredMap>();
    expectTypeOf<DeclaredMap>().toExtend<typeof map>();
    type DeclaredForEach = <T>(
      items: Items<T>,
      run: (item: T, index: number, context: Context) => Awaitable<unknown>,
      options: MapOptions,
    ) => Promise<void>;
    expectTypeOf(forEach).toExtend<DeclaredForEach>();
    expectTypeOf<DeclaredForEach>().toExtend<typeof forEach>();
    expectTypeOf<Items<1>>().toEqualTypeOf<Iterable<1> | AsyncIterable<1>>();
  });

  test("batch and its report", () => {
    type DeclaredBatch = <T, R>(
      items: Items<T>,
      run: (item: T, context: ItemContext) => Awaitable<R>,
      options: BatchOptions<NoInfer<T>, NoInfer<R>>,
    ) => Promise<BatchReport<T, R>>;
    expectTypeOf(batch).toExtend<DeclaredBatch>();
    expectTypeOf<DeclaredBatch>().toExtend<typeof batch>();
    interface DeclaredReport<T, R> {
      readonly results: readonly ItemResult<T, R>[];
      readonly values: readonly R[];
      readonly failures: readonly Extract<ItemResult<T, R>, { ok: false }>[];
      readonly counts: {
        readonly succeeded: number;
        readonly failed: number;
        readonly cancelled: number;
        readonly notStarted: number | undefined;
      };
      readonly errorsByType: ReadonlyMap<string, number>;
      readonly stoppedBy: "signal" | "maxFailures" | "timeout" | "input" | undefined;
      readonly inputError: unknown;
      throwIfFailed(): void;
      retryFailed(options?: Partial<BatchOptions<T, R>>): Promise<BatchReport<T, R>>;
      toString(): string;
      toJSON(): unknown;
    }
    expectTypeOf<BatchReport<string, 1>>().toEqualTypeOf<DeclaredReport<string, 1>>();
    interface DeclaredBase {
      readonly index: number;
      readonly key: string;
      readonly item: string;
      readonly attempts: readonly Attempt[];
      readonly duration: number;
    }
    expectTypeOf<ItemBase<string>>().toEqualTypeOf<DeclaredBase>();
  });
});

describe("policies", () => {
  test("retry and its helpers", () => {
    type DeclaredRetry = <T>(
      run: (context: AttemptContext) => Awaitable<T>,
      options?: RetryOptions<NoInfer<T>>,
    ) => Promise<T>;
    expectTypeOf(retry).toExtend<DeclaredRetry>();
    expectTypeOf<DeclaredRetry>().toExtend<typeof retry>();
    expectTypeOf(attemptsOf).toEqualTypeOf<(error: unknown) => readonly Attempt[]>();
    expectTypeOf(isRetryable).toEqualTypeOf<(error: unknown) => boolean>();
    expectTypeOf(retryAfter).toEqualTypeOf<
      (source: unknown, options?: { readonly max?: number | undefined }) => number | undefined
    >();
    expectTypeOf<typeof StopRetry>().toExtend<new (error: unknown) => StopRetry>();
  });
});
