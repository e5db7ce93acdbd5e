/** What users' editors infer for the rest of the core, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { all, any, handleErrors, isTimeout, mapStream, openTaskGroup, race, shield, timeout } from "holdfast";
import type {
  Context,
  ErrorGroup,
  OpenTaskGroup,
  ReadyContext,
  Task,
  TaskContext,
  TaskGroup,
  TimeoutError,
} from "holdfast";
import { describe, test } from "../harness.ts";

declare const group: TaskGroup;
declare const signal: AbortSignal;

describe("services, starts and cleanups", () => {
  test("a service is a task of nothing, whatever it returns", () => {
    expectTypeOf(group.spawnService(async () => 5)).toEqualTypeOf<Task<void>>();
    group.spawnService((context) => void expectTypeOf(context).toEqualTypeOf<TaskContext>());
    // @ts-expect-error already started
    group.spawnService(Promise.resolve());
  });

  test("start gives what ready is given", () => {
    expectTypeOf(group.start<number>(({ ready }) => ready(80))).toEqualTypeOf<Promise<number>>();
    expectTypeOf(group.start(({ ready }) => ready())).toEqualTypeOf<Promise<void>>();
    void group.start<string>((context) => void expectTypeOf(context).toEqualTypeOf<ReadyContext<string>>(), { signal });
    // @ts-expect-error it promised a number
    void group.start<number>(({ ready }) => ready("80"));
  });

  test("use returns the resource as it is, and takes no other", () => {
    const file = { name: "a", async [Symbol.asyncDispose]() {} };
    expectTypeOf(group.use(file)).toEqualTypeOf<typeof file>();
    // @ts-expect-error nothing to dispose of
    group.use({ name: "a" });
    // @ts-expect-error null is no resource
    group.use(null);
  });

  test("defer gives the cleanup a context", () => {
    group.defer((context) => void expectTypeOf(context).toEqualTypeOf<Context>());
    // @ts-expect-error already started
    group.defer(Promise.resolve());
  });

  test("an open group is a group that can be closed", () => {
    expectTypeOf(openTaskGroup()).toEqualTypeOf<OpenTaskGroup>();
    expectTypeOf<OpenTaskGroup>().toExtend<TaskGroup & AsyncDisposable>();
    expectTypeOf(openTaskGroup().close()).toEqualTypeOf<Promise<void>>();
    openTaskGroup({ concurrency: 2, grace: 5, cleanupGrace: 5, stopOnError: false, timeout: undefined });
    openTaskGroup({ onTaskError: (error, task) => void expectTypeOf([error, task]).toEqualTypeOf<unknown[]>() });
    // @ts-expect-error no such option
    openTaskGroup({ limit: 5 });
  });
});

describe("combinators", () => {
  test("all keeps the shape of tuples and records", () => {
    expectTypeOf(all([() => 1, async () => "two"])).toEqualTypeOf<Promise<[number, string]>>();
    expectTypeOf(all({ one: () => 1, two: async () => "two" })).toEqualTypeOf<Promise<{ one: number; two: string }>>();
    expectTypeOf(all([] as (() => Promise<number>)[])).toEqualTypeOf<Promise<number[]>>();
    // @ts-expect-error functions, not promises
    void all([Promise.resolve(1)]);
  });

  test("race and any give one of what the functions return", () => {
    expectTypeOf(race([() => 1, async () => "two"])).toEqualTypeOf<Promise<number | string>>();
    expectTypeOf(any([() => 1, async () => "two"])).toEqualTypeOf<Promise<number | string>>();
    void race([({ signal: own }) => void expectTypeOf(own).toEqualTypeOf<AbortSignal>()]);
  });

  test("mapStream gives an async iterator of what the function returns, and wants a concurrency", () => {
    expectTypeOf(mapStream([1], async (item) => String(item), { concurrency: 1, ordered: false })).toEqualTypeOf<
      AsyncIterableIterator<string>
    >();
    // @ts-expect-error no default on purpose
    mapStream([1], (item) => item, {});
  });

  test("shield wants a signal", () => {
    expectTypeOf(shield(async () => 1, { signal, grace: 5 })).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error nothing to be shielded from
    void shield(() => 1, {});
  });

  test("a fallback widens the value, and is given the TimeoutError", () => {
    expectTypeOf(timeout(5, () => 1, { fallback: async () => "none" })).toEqualTypeOf<Promise<number | string>>();
    expectTypeOf(timeout(5, () => 1, { fallback: undefined })).toEqualTypeOf<Promise<number>>();
    void timeout(5, () => 1, { fallback: (error) => void expectTypeOf(error).toEqualTypeOf<TimeoutError>() });
    // @ts-expect-error a function, not the value
    void timeout(5, () => 1, { fallback: "none" });
  });
});

describe("handleErrors", () => {
  class HttpError extends Error {
    readonly status: number = 500;
  }

  test("gives each handler a group of what its test finds", () => {
    void handleErrors(
      new Error("any"),
      [HttpError, (found) => void expectTypeOf(found).toEqualTypeOf<ErrorGroup<HttpError>>()],
      [isTimeout, (found) => void expectTypeOf(found).toEqualTypeOf<ErrorGroup<Error>>()],
    );
    expectTypeOf(handleErrors(5)).toEqualTypeOf<Promise<void>>();
  });

  test("takes pairs only", () => {
    // @ts-expect-error no handler
    void handleErrors(5, [HttpError]);
    // @ts-expect-error no test
    void handleErrors(5, [5, () => {}]);
  });
});
