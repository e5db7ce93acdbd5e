/** How long a shutdown may take, what is said of what blocked it, and what a hurry does. */
import { getEventListeners } from "node:events";
import { type ErrorGroup, sleep } from "holdfast";
import { gracefulShutdown, ShutdownTimeoutError } from "holdfast/lifecycle";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { failuresOf, messagesOf, noting, PHASES } from "./shutdown-kit.ts";

const clock = useFakeClock();

describe("a limit", () => {
  test("SHUTDOWN-3: of a phase tells its part to stop, and says what it waited for", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ limits: { drain: 1_000 } });
    shutdown.add({
      name: "jobs",
      drain: ({ sleep: pause }) => pause(Infinity),
      waitingFor: () => ["job 1", "job 2", "job 3", "job 4", "job 5", "job 6", "job 7"],
    });
    shutdown.add(noting("other", clock, log));
    const [error, ...others] = await failuresOf(shutdown, clock);
    expect(others).toEqual([]);
    expect(error).toBeInstanceOf(ShutdownTimeoutError);
    expect(error).toMatchObject({
      name: "ShutdownTimeoutError",
      code: "ERR_SHUTDOWN_TIMEOUT",
      part: "jobs",
      phase: "drain",
      limit: 1_000,
      hasStopped: true,
      message:
        'shutdown: "jobs" was cut short in phase drain after 1000 ms, waiting for job 1, job 2, job 3, job 4, job 5 and 2 more',
    });
    expect(log.at(-1)).toBe("1000 other flush");
  });

  test("of a phase leaves what does not stop behind, half a second later, and says so", async () => {
    const shutdown = gracefulShutdown({ limits: { intake: 1_000 } });
    shutdown.add({ name: "deaf", intake: () => new Promise(() => {}) });
    const [error] = await failuresOf(shutdown, clock);
    expect(error).toMatchObject({ hasStopped: false, waitingFor: [] });
    expect(messagesOf([error])).toEqual([
      'shutdown: "deaf" was cut short in phase intake after 1000 ms; it goes on: pass ({ signal }) on, so that it can be stopped',
    ]);
    expect(clock.now()).toBe(1_500);
  });

  test("of the whole keeps for later phases what they are to have", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({
      timeout: 10_000,
      limits: { announce: 0, intake: 0, close: 2_000, flush: 1_000 },
    });
    shutdown.add({ name: "a", drain: ({ sleep: pause }) => pause(Infinity) });
    shutdown.add(noting("b", clock, log));
    expect(messagesOf(await failuresOf(shutdown, clock))).toEqual([
      'shutdown: "a" was cut short in phase drain after 7000 ms',
    ]);
    expect(log.slice(-2)).toEqual(["7000 b close", "7000 b flush"]);
  });

  test("SHUTDOWN-3: of the whole holds when everything hangs: each part is called, and each is named", async () => {
    const shutdown = gracefulShutdown({
      timeout: 5_000,
      limits: { announce: 500, intake: 500, close: 500, flush: 500 },
    });
    const deaf = (): Promise<void> => new Promise(() => {});
    shutdown.add({ name: "a", ...Object.fromEntries(PHASES.map((phase) => [phase, deaf])) });
    expect((await failuresOf(shutdown, clock)).map((error) => (error as ShutdownTimeoutError).phase)).toEqual(PHASES);
    expect(clock.now()).toBeLessThanOrEqual(5_000 + PHASES.length * 500);
  });

  test("of close is shared: one that hangs leaves something for the others", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ limits: { close: 3_000 } });
    shutdown.add(noting("first", clock, log));
    shutdown.add({ name: "second", close: ({ sleep: pause }) => pause(Infinity) });
    shutdown.add({ name: "third", close: ({ sleep: pause }) => pause(Infinity) });
    expect(messagesOf(await failuresOf(shutdown, clock))).toEqual([
      'shutdown: "third" was cut short in phase close after 1000 ms',
      'shutdown: "second" was cut short in phase close after 1000 ms',
    ]);
    expect(log.slice(-2)).toEqual(["2000 first close", "2000 first flush"]);
  });

  test("that is short of time calls what is left all the same", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ timeout: 0, delay: 60_000 });
    shutdown.add(noting("a", clock, log));
    await clock.run(() => shutdown.run());
    expect(log).toEqual(PHASES.map((phase) => `0 a ${phase}`));
  });

  test("whose part says what it waits for in no list is reported, and so is that; the rest goes on", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ limits: { drain: 1_000 } });
    // As a caller without types would write it.
    const waitingFor = (): never => "3 jobs" as never;
    shutdown.add({ ...noting("jobs", clock, log), drain: ({ sleep: pause }) => pause(Infinity), waitingFor });
    expect(messagesOf(await failuresOf(shutdown, clock))).toEqual([
      'shutdown: waitingFor of "jobs" must return a list of texts, got string',
      'shutdown: "jobs" was cut short in phase drain after 1000 ms',
    ]);
    expect(log.at(-1)).toBe("1000 jobs flush");
  });

  test("whose part can't say what it waits for is reported, and so is that", async () => {
    const shutdown = gracefulShutdown({ limits: { drain: 10 } });
    const wrong = new Error("no idea");
    shutdown.add({
      name: "a",
      drain: ({ sleep: pause }) => pause(Infinity),
      waitingFor: () => {
        throw wrong;
      },
    });
    expect(messagesOf(await failuresOf(shutdown, clock))).toEqual([
      "no idea",
      'shutdown: "a" was cut short in phase drain after 10 ms',
    ]);
  });
});

describe("a hurry", () => {
  test("ends the delay, and tells what runs to stop", async () => {
    const hurry = new AbortController();
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ delay: 5_000 });
    shutdown.add(noting("a", clock, log));
    const running = shutdown.run({ signal: hurry.signal });
    await clock.advanceBy(1_000);
    hurry.abort(new Error("SIGTERM"));
    await running;
    expect(log).toEqual(["0 a announce", ...PHASES.slice(1).map((phase) => `1000 a ${phase}`)]);
  });

  test("names what it cut short, with what asked for it, and calls what has not run", async () => {
    const hurry = new AbortController();
    const reason = new Error("SIGTERM");
    const closed = new Gate();
    const shutdown = gracefulShutdown();
    shutdown.add({
      name: "jobs",
      drain: ({ sleep: pause }) => pause(Infinity),
      close: async () => {
        await sleep(400);
        closed.open();
      },
    });
    const failing = errorOf(shutdown.run({ signal: hurry.signal }));
    await clock.advanceBy(2_000);
    hurry.abort(reason);
    const error = await clock.run(() => failing);
    await closed.promise;
    expect(messagesOf((error as ErrorGroup).errors)).toEqual([
      'shutdown: "jobs" was cut short in phase drain after 2000 ms',
    ]);
    expect((error as ErrorGroup<Error>).errors[0]?.cause).toBe(reason);
    expect(clock.now()).toBe(2_400);
  });

  test("leaves behind what does not hear it, and says so", async () => {
    const hurry = new AbortController();
    const shutdown = gracefulShutdown();
    shutdown.add({ name: "deaf", drain: () => new Promise(() => {}) });
    const failing = errorOf(shutdown.run({ signal: hurry.signal }));
    await turn();
    hurry.abort();
    const error = await clock.run(() => failing);
    expect((error as ErrorGroup).errors).toMatchObject([{ part: "deaf", hasStopped: false }]);
    expect(clock.now()).toBe(500);
  });

  test("may come from a later call, or be there from the start, and leaves no listener", async () => {
    const early = AbortSignal.abort(new Error("now"));
    const late = new AbortController();
    const shutdown = gracefulShutdown({ delay: 5_000 });
    const running = shutdown.run({ signal: late.signal });
    expect(getEventListeners(late.signal, "abort")).toHaveLength(1);
    await shutdown.run({ signal: early });
    await running;
    await shutdown.run({ signal: late.signal });
    expect([clock.now(), getEventListeners(late.signal, "abort")]).toEqual([0, []]);
  });
});
