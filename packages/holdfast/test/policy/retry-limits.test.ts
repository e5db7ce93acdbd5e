/** Limits in time: of each attempt, and of all of them with their delays. */
import { attemptsOf, onLateError, retry, sleep, suppressedErrors, timeout, TimeoutError } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { abortAt, deaf, Flaky } from "./attempts.ts";

const clock = useFakeClock();
const exact = { baseDelay: 100, jitter: "none" } as const;

describe("a timeout per attempt", () => {
  test("fails the attempt, which is tried again", async () => {
    const log: number[] = [];
    const value = await clock.run(() =>
      retry(
        async (context) => {
          log.push(clock.now());
          if (context.attempt < 3) await context.sleep(1e6);
          return "value";
        },
        { ...exact, timeout: 40 },
      ),
    );
    expect({ value, log }).toEqual({ value: "value", log: [0, 140, 380] });
  });

  test("of the last attempt is what is thrown: a TimeoutError, layer attempt", async () => {
    const error = await clock.run(() =>
      rejection(retry(({ sleep: rest }) => rest(1e6), { ...exact, retries: 1, timeout: 40, name: "poll" })),
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ layer: "attempt", timeout: 40, message: "poll timed out after 40 ms" });
    expect(attemptsOf(error).map(({ attempt, duration, delay }) => [attempt, duration, delay])).toEqual([
      [1, 40, 100],
      [2, 40, undefined],
    ]);
  });

  test("is the attempt's deadline", async () => {
    const seen: unknown[] = [];
    const promise = clock.run(() =>
      retry(
        ({ deadline, timeLeft }) => {
          seen.push({ deadline, timeLeft });
          throw new Error("no");
        },
        { ...exact, timeout: 40, retries: 1 },
      ),
    );
    await rejection(promise);
    expect(seen).toEqual([
      { deadline: 40, timeLeft: 40 },
      { deadline: 140, timeLeft: 40 },
    ]);
  });

  test("RETRY-1: an attempt that does not stop is abandoned before the next one starts, and the error says so", async () => {
    const log: number[] = [];
    const error = await clock.run(() =>
      rejection(
        retry(
          (context) => {
            log.push(clock.now());
            expect(context.cancelled).toBe(false);
            return deaf();
          },
          { ...exact, retries: 1, timeout: 40, grace: 10, name: "poll" },
        ),
      ),
    );
    expect(log).toEqual([0, 150]);
    expect(error).toMatchObject({ unresponsive: [{ task: "poll", sawSignal: true }] });
  });

  test("is not its own when the error comes from a limit inside: that is tried again as any other", async () => {
    const flaky = new Flaky(1);
    const value = await clock.run(() =>
      retry(
        ({ signal }) => timeout(10, ({ sleep: rest }) => (flaky.calls++ === 0 ? rest(50) : undefined), { signal }),
        {
          ...exact,
        },
      ),
    );
    expect({ value, calls: flaky.calls }).toEqual({ value: undefined, calls: 2 });
  });
});

describe("a total timeout", () => {
  test("during a delay ends it at once, with a TimeoutError, layer total, that has every attempt", async () => {
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() => rejection(retry(flaky.run, { ...exact, totalTimeout: 150, name: "poll" })));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ layer: "total", timeout: 150, message: "poll timed out after 150 ms" });
    expect(attemptsOf(error)).toEqual([
      { attempt: 1, error: flaky.errors[0], startedAt: 0, duration: 0, delay: 100 },
      { attempt: 2, error: flaky.errors[1], startedAt: 100, duration: 0, delay: undefined },
    ]);
    expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 150, pending: 0 });
  });

  test("RETRY-4: has what hundreds of attempts threw in the history alone, the first ten and the last ninety", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const flaky = new Flaky(Infinity);
    const error = await clock.run(() =>
      rejection(retry(flaky.run, { retries: Infinity, baseDelay: 1, factor: 1, jitter: "none", totalTimeout: 300 })),
    );
    expect(flaky.calls).toBe(300);
    const history = attemptsOf(error);
    expect(history.map((attempt) => attempt.error)).toEqual([...flaky.errors.slice(0, 10), ...flaky.errors.slice(210)]);
    expect(history.map(({ attempt, delay }) => [attempt, delay])).toEqual([
      ...Array.from({ length: 10 }, (_each, index) => [index + 1, 1]),
      ...Array.from({ length: 90 }, (_each, index) => [index + 211, index < 89 ? 1 : undefined]),
    ]);
    expect({ late, suppressed: suppressedErrors(error) }).toEqual({ late: [], suppressed: [] });
  });

  test("caps a delay that the options or a server ask for", async () => {
    const error = await clock.run(() =>
      rejection(retry(new Flaky(9).run, { delay: () => 86_400_000, totalTimeout: 500 })),
    );
    expect(error).toMatchObject({ layer: "total" });
    expect(clock.now()).toBe(500);
  });

  test("during an attempt aborts it", async () => {
    const flaky = new Flaky(1);
    const error = await clock.run(() =>
      rejection(
        retry(
          async (context) => {
            if (context.attempt === 2) await context.sleep(1e6);
            return flaky.run();
          },
          { ...exact, totalTimeout: 150 },
        ),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "total" });
    expect(attemptsOf(error).map((attempt) => attempt.error)).toEqual(flaky.errors);
    expect(clock.now()).toBe(150);
  });

  test("abandons an attempt that does not stop, and says so", async () => {
    const error = await clock.run(() => rejection(retry(deaf, { totalTimeout: 150, grace: 20, name: "poll" })));
    expect(error).toMatchObject({
      layer: "total",
      unresponsive: [{ task: "poll", sawSignal: false }],
      message:
        'poll timed out after 150 ms; "poll" is still running: it never looked at its signal; pass ({ signal }) on',
    });
    expect(clock.now()).toBe(170);
  });

  test("is the deadline that attempts and hooks see, unless the attempt's own is nearer", async () => {
    const seen: unknown[] = [];
    const promise = clock.run(() =>
      retry(
        ({ deadline, timeLeft, attempt }) => {
          seen.push([`attempt ${attempt}`, deadline, timeLeft]);
          throw new Error("no");
        },
        {
          ...exact,
          retries: 2,
          timeout: 250,
          totalTimeout: 400,
          onFailedAttempt: ({ deadline, timeLeft, attempt }) => void seen.push([`hook ${attempt}`, deadline, timeLeft]),
        },
      ),
    );
    await rejection(promise);
    expect(seen).toEqual([
      ["attempt 1", 250, 250],
      ["hook 1", 400, 400],
      ["attempt 2", 350, 250],
      ["hook 2", 400, 300],
      ["attempt 3", 400, 100],
      ["hook 3", 400, 100],
    ]);
  });

  test("of 0 or less rejects without a call", async () => {
    const flaky = new Flaky(0);
    for (const totalTimeout of [0, -5])
      expect(await rejection(retry(flaky.run, { totalTimeout, name: "poll" }))).toMatchObject({
        name: "TimeoutError",
        layer: "total",
        timeout: totalTimeout,
      });
    expect(flaky.calls).toBe(0);
  });

  test("does not count when a value comes in time, and leaves no timer", async () => {
    expect(await retry(() => "value", { totalTimeout: 50 })).toBe("value");
    expect(clock.pending).toBe(0);
  });

  test("inside an outer deadline that is nearer: that one is thrown by whom it belongs to", async () => {
    const error = await clock.run(() =>
      rejection(
        timeout(30, ({ signal }) => retry(new Flaky(9).run, { ...exact, signal, totalTimeout: 500 }), {
          name: "outer",
        }),
      ),
    );
    expect(error).toMatchObject({ name: "TimeoutError", layer: "timeout", timeout: 30 });
    expect(clock.now()).toBe(30);
  });

  test("and an abort: the abort's reason goes first", async () => {
    const signal = abortAt(clock, 100);
    const error = await clock.run(() =>
      rejection(
        retry(
          async (context) => {
            await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
            await sleep(200);
            context.throwIfCancelled();
          },
          { signal, totalTimeout: 50 },
        ),
      ),
    );
    expect(error).toBe(signal.reason);
  });
});
