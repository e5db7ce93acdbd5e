/** Aborts: what ends a `retry`, when, and with what. */
import { onLateError, retry, type RetryOptions, suppressedErrors } from "holdfast";
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

  test("during an attempt that fails really: the reason is thrown, with that failure in its suppressedErrors", async () => {
    const signal = abortAt(clock, 30);
    const failure = new Error("rollback failed");
    let calls = 0;
    const error = await clock.run(() =>
      rejection(
        retry(
          async (context) => {
            calls++;
            await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
            throw failure;
          },
          { signal },
        ),
      ),
    );
    expect(error).toBe(signal.reason);
    expect({ calls, suppressed: suppressedErrors(error) }).toEqual({ calls: 1, suppressed: [failure] });
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
