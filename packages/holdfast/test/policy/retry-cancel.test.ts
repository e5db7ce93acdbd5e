/** Aborts: what ends a `retry`, when, and with what. */
import { attemptsOf, onLateError, retry, type RetryOptions, StopRetry, suppressedErrors } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { countListeners, rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt, deaf, Flaky } from "./attempts.ts";

const clock = useFakeClock();
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("an abort", () => {
  test("R7: that came before calls nothing, and its reason is thrown", async () => {
    const flaky = new Flaky(0);
    const signal = AbortSignal.abort(new Error("gone"));
    for (const options of [{ signal }, { signal, totalTimeout: 0 }, { signal, totalTimeout: 50 }])
      expect(await rejection(retry(flaky.run, options))).toBe(signal.reason);
    expect(flaky.calls).toBe(0);
  });

  test("RETRY-3: during a delay ends it at once, and no further attempt starts", async () => {
    const flaky = new Flaky(Infinity);
    const signal = abortAt(clock, 150);
    const error = await clock.run(() => rejection(retry(flaky.run, { ...exact, signal })));
    expect(error).toBe(signal.reason);
    expect({ now: clock.now(), calls: flaky.calls, pending: clock.pending }).toEqual({
      now: 150,
      calls: 2,
      pending: 0,
    });
  });

  for (const totalTimeout of [undefined, 1e6])
    test(`RETRY-2: throws its reason, and what the attempts threw is in its suppressedErrors${totalTimeout === undefined ? "" : ", under a total timeout too"}`, async () => {
      const flaky = new Flaky(Infinity);
      const signal = abortAt(clock, 150);
      const error = await clock.run(() => rejection(retry(flaky.run, { ...exact, signal, totalTimeout })));
      expect(error).toBe(signal.reason);
      expect(suppressedErrors(signal.reason)).toEqual(flaky.errors);
    });

  test("after refused values, which are no errors, suppresses none", async () => {
    const signal = abortAt(clock, 150);
    const error = await clock.run(() => rejection(retry(() => 1, { ...exact, signal, shouldRetryResult: () => true })));
    expect(error).toBe(signal.reason);
    expect(suppressedErrors(error)).toEqual([]);
  });

  test("whose reason is no object throws a CancelledError with it as cause", async () => {
    const error = await clock.run(() =>
      rejection(retry(new Flaky(9).run, { ...exact, signal: abortAt(clock, 50, "stop") })),
    );
    expect(error).toMatchObject({ name: "AbortError", code: "ERR_CANCELLED", kind: "outer", cause: "stop" });
  });

  test("during an attempt aborts the attempt's own signal; then the reason is thrown", async () => {
    const signal = abortAt(clock, 30);
    const error = await clock.run(() =>
      rejection(
        retry(
          async (context) => {
            await context.sleep(50);
          },
          { signal },
        ),
      ),
    );
    expect(error).toBe(signal.reason);
    expect(clock.now()).toBe(30);
  });

  for (const [grace, name] of [
    [undefined, "without a grace"],
    [Infinity, "with grace: Infinity"],
    [50, "with a grace of 50 ms"],
  ] as const)
    test(`throws its own reason, not the bare AbortError that older libraries make of it, ${name}`, async () => {
      const signal = abortAt(clock, 30);
      const error = await clock.run(() =>
        rejection(
          retry(
            (context) =>
              new Promise((_resolve, reject) => {
                context.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
              }),
            { signal, grace },
          ),
        ),
      );
      expect(error).toBe(signal.reason);
    });

  test("during an attempt that returns all the same: the value wins", async () => {
    const signal = abortAt(clock, 30);
    const value = await clock.run(() =>
      retry(
        async (context) => {
          await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
          return "value";
        },
        { signal },
      ),
    );
    expect(value).toBe("value");
  });

  const same = (error: unknown): unknown => error;
  for (const [what, wrap, options, wins] of [
    [
      "that would have been tried again: the reason is thrown, with that failure in its suppressedErrors",
      same,
      {},
      false,
    ],
    ["for good, without retries left: that failure is thrown, as without the abort", same, { retries: 0 }, true],
    [
      "for good, with StopRetry: that failure is thrown, as without the abort",
      (error: unknown) => new StopRetry(error),
      {},
      true,
    ],
    [
      "for good, says shouldRetry: that failure is thrown, as without the abort",
      same,
      { shouldRetry: () => false },
      true,
    ],
  ] as const)
    test(`RETRY-3: during an attempt that fails ${what}`, async () => {
      // Its own: histories stay with an error.
      const own = new Error("rollback failed");
      const thrown = wrap(own);
      const seen: unknown[] = [];
      const signal = abortAt(clock, 30);
      let calls = 0;
      const error = await clock.run(() =>
        rejection(
          retry(
            async (context) => {
              calls++;
              await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
              throw thrown;
            },
            { ...options, signal, onFailedAttempt: (context) => void seen.push(context.error) },
          ),
        ),
      );
      expect(error).toBe(wins ? own : signal.reason);
      expect({ calls, seen, now: clock.now() }).toEqual({ calls: 1, seen: [thrown], now: 30 });
      expect(suppressedErrors(signal.reason)).toEqual(wins ? [] : [own]);
      expect(attemptsOf(own).map((attempt) => attempt.error)).toEqual(wins ? [thrown] : []);
    });

  test("RETRY-5: during a hook that never looks at its signal leaves it at once, and one that does when the grace is over", async () => {
    for (const hook of ["onFailedAttempt", "shouldRetry"] as const)
      for (const [looks, grace, passed] of [
        [false, undefined, 30],
        [true, undefined, 1_030],
        [true, 200, 230],
        [false, 200, 230],
      ] as const) {
        const start = clock.now();
        const flaky = new Flaky(Infinity);
        const signal = abortAt(clock, 30);
        const options: RetryOptions<string> = {
          signal,
          grace,
          [hook]: (context: { readonly cancelled: boolean }) => {
            if (looks) expect(context.cancelled).toBe(false);
            return deaf();
          },
        };
        expect(await clock.run(() => rejection(retry(flaky.run, options)))).toBe(signal.reason);
        expect({
          hook,
          looks,
          grace,
          passed: clock.now() - start,
          suppressed: suppressedErrors(signal.reason),
        }).toEqual({ hook, looks, grace, passed, suppressed: flaky.errors });
      }
  });

  test("RETRY-5: that came before a hook leaves it all the same", async () => {
    const controller = new AbortController();
    const failure = new Error("rollback failed");
    const promise = retry(
      () => {
        controller.abort(new Error("enough"));
        throw failure;
      },
      { signal: controller.signal, onFailedAttempt: deaf },
    );
    expect(await clock.run(() => rejection(promise))).toBe(controller.signal.reason);
    expect({ now: clock.now(), suppressed: suppressedErrors(controller.signal.reason) }).toEqual({
      now: 0,
      suppressed: [failure],
    });
  });

  test("RETRY-5: under a total timeout too: the TimeoutError names the hook", async () => {
    const promise = retry(new Flaky(Infinity).run, { totalTimeout: 30, name: "poll", onFailedAttempt: deaf });
    expect(await clock.run(() => rejection(promise))).toMatchObject({
      layer: "total",
      unresponsive: [{ task: "pause of poll", sawSignal: false }],
    });
    expect(clock.now()).toBe(30);
  });

  test("R21: what a hook throws that was left is reported as late, once", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const failure = new Error("at last");
    const stuck: { reject?: (error: unknown) => void } = {};
    const promise = retry(new Flaky(Infinity).run, {
      signal: abortAt(clock, 30),
      name: "poll",
      onFailedAttempt: () => new Promise((_resolve, reject) => Object.assign(stuck, { reject })),
    });
    await clock.run(() => rejection(promise));
    stuck.reject?.(failure);
    await turn();
    expect(late).toEqual([[failure, "pause of poll"]]);
  });

  test("during a hook reaches it through its context; then the reason is thrown", async () => {
    for (const hook of ["onFailedAttempt", "shouldRetry"] as const) {
      const start = clock.now();
      const flaky = new Flaky(Infinity);
      const signal = abortAt(clock, 30);
      const options: RetryOptions<string> = {
        signal,
        [hook]: async (context: { readonly sleep: (ms: number) => Promise<void> }) => {
          await context.sleep(500);
          return true;
        },
      };
      expect(await clock.run(() => rejection(retry(flaky.run, options)))).toBe(signal.reason);
      expect({ hook, now: clock.now() - start, suppressed: suppressedErrors(signal.reason) }).toEqual({
        hook,
        now: 30,
        suppressed: flaky.errors,
      });
    }
  });

  test("during a hook that makes a bare AbortError of it throws the reason", async () => {
    const signal = abortAt(clock, 30);
    const error = await clock.run(() =>
      rejection(
        retry(new Flaky(Infinity).run, {
          signal,
          onFailedAttempt: (context) =>
            new Promise((_resolve, reject) => {
              context.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
            }),
        }),
      ),
    );
    expect(error).toBe(signal.reason);
  });

  test("R19: an attempt that looked at its signal has 1,000 ms to stop, one that did not has none, and a grace is honoured", async () => {
    for (const [looks, grace, passed] of [
      [true, undefined, 1_030],
      [false, undefined, 30],
      [false, 200, 230],
      [true, 0, 30],
    ] as const) {
      const start = clock.now();
      const signal = abortAt(clock, 30);
      const run = ({ throwIfCancelled }: { readonly throwIfCancelled: () => void }): Promise<never> => {
        if (looks) throwIfCancelled();
        return deaf();
      };
      const error = await clock.run(() => rejection(retry(run, { signal, grace })));
      expect({ looks, grace, passed: clock.now() - start }).toEqual({ looks, grace, passed });
      expect(error).toBe(signal.reason);
    }
  });

  test("R19: what an abandoned attempt throws later is reported as late, once", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const failure = new Error("at last");
    const stuck: { reject?: (error: unknown) => void } = {};
    const promise = retry(() => new Promise((_resolve, reject) => Object.assign(stuck, { reject })), {
      signal: abortAt(clock, 30),
      name: "poll",
    });
    await clock.run(() => rejection(promise));
    stuck.reject?.(failure);
    await turn();
    expect(late).toEqual([[failure, "poll"]]);
  });

  test("R16: leaves no listener on its signal, however it ended", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = countListeners(signal);
    await retry(() => "value", { signal });
    await clock.run(() => retry(new Flaky(3).run, { signal, timeout: 50, totalTimeout: 1e6 }));
    await clock.run(() => rejection(retry(new Flaky(9).run, { signal, shouldRetry: () => false })));
    await rejection(retry(new Flaky(9).run, { signal, retries: -1 }));
    expect(listeners.count).toBe(0);
    const caught = rejection(retry(new Flaky(9).run, { signal, ...exact }));
    await turn();
    expect(listeners.count).toBe(1);
    controller.abort();
    await caught;
    expect(listeners.count).toBe(0);
  });
});
