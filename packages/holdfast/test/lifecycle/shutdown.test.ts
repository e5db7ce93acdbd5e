/** How a service ends: its phases, and who takes part in them. */
import { ErrorGroup, openTaskGroup } from "holdfast";
import { gracefulShutdown, ShutdownOverError, type ShutdownPart } from "holdfast/lifecycle";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { failuresOf, noting, PHASES } from "./shutdown-kit.ts";

const clock = useFakeClock();

describe("the phases", () => {
  test("SHUTDOWN-1: run in order, all parts of one before any of the next, and close from the last to the first", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown({ delay: 3_000 });
    shutdown.add(noting("server", clock, log));
    shutdown.add(noting("database", clock, log));
    await clock.run(() => shutdown.run());
    expect(log).toEqual([
      "0 server announce",
      "0 database announce",
      "3000 server intake",
      "3000 database intake",
      "3000 server drain",
      "3000 database drain",
      "3000 database close",
      "3000 server close",
      "3000 server flush",
      "3000 database flush",
    ]);
  });

  test("have their parts at the same time, except close, which has one at a time", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown();
    for (const name of ["a", "b"])
      shutdown.add({
        name,
        drain: async ({ sleep: pause }) => {
          await pause(100);
          log.push(`${clock.now()} ${name} drained`);
        },
        close: async ({ sleep: pause }) => {
          await pause(100);
          log.push(`${clock.now()} ${name} closed`);
        },
      });
    await clock.run(() => shutdown.run());
    expect(log).toEqual(["100 a drained", "100 b drained", "200 b closed", "300 a closed"]);
  });

  test("can be asked for, and are announced by a signal", async () => {
    const shutdown = gracefulShutdown({ delay: 10 });
    const states: unknown[] = [[shutdown.state, shutdown.stopping.aborted]];
    for (const phase of PHASES)
      shutdown.add({ name: phase, [phase]: () => void states.push([shutdown.state, shutdown.stopping.aborted]) });
    await clock.run(() => shutdown.run());
    states.push([shutdown.state, shutdown.stopping.aborted]);
    expect(states).toEqual([["running", false], ...[...PHASES, "stopped"].map((phase) => [phase, true])]);
  });

  test("may have any number of listeners that wait for them", async () => {
    const warnings: unknown[] = [];
    const listener = (warning: unknown): void => void warnings.push(warning);
    process.on("warning", listener);
    const { stopping } = gracefulShutdown();
    for (let count = 0; count < 20; count++) stopping.addEventListener("abort", () => {});
    await turn();
    process.off("warning", listener);
    expect(warnings).toEqual([]);
  });

  test("are as good as over for a shutdown without parts", async () => {
    const shutdown = gracefulShutdown();
    await shutdown.run();
    expect([shutdown.state, clock.now()]).toEqual(["stopped", 0]);
  });
});

describe("a second start", () => {
  test("SHUTDOWN-2: starts nothing, and has the outcome of the first, during it and after it", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown();
    const boom = new Error("boom");
    shutdown.add({ name: "a", drain: () => Promise.reject(boom) });
    shutdown.add({ name: "b", drain: () => void log.push("drain") });
    const errors = await Promise.all([errorOf(shutdown.run()), errorOf(shutdown.run()), errorOf(shutdown.join())]);
    errors.push(await errorOf(shutdown.run()), await errorOf(shutdown.join()));
    expect(log).toEqual(["drain"]);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toEqual(new ErrorGroup([boom]));
  });

  test("is what join does not do: it waits for one, as long as its signal lets it", async () => {
    const shutdown = gracefulShutdown();
    const gone = new AbortController();
    const left = errorOf(shutdown.join({ signal: gone.signal }));
    const joined = shutdown.join();
    await turn();
    expect(shutdown.state).toBe("running");
    const enough = new Error("enough");
    gone.abort(enough);
    expect(await left).toBe(enough);
    await shutdown.run();
    expect(await joined).toBe(undefined);
  });

  test("is no unhandled rejection for those who did not start it", async () => {
    const shutdown = gracefulShutdown();
    shutdown.add({ name: "a", drain: () => Promise.reject(new Error("boom")) });
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    await errorOf(shutdown.run());
    await turn();
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});

describe("what fails", () => {
  test("SHUTDOWN-4: is in the error once, in the order in which it failed, and stops nothing", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown();
    const errors = PHASES.map((phase) => new Error(phase));
    shutdown.add({
      name: "broken",
      ...Object.fromEntries(PHASES.map((phase, index) => [phase, () => Promise.reject(errors[index])])),
    });
    shutdown.add(noting("fine", clock, log));
    const failures = await failuresOf(shutdown, clock);
    expect(failures).toEqual(errors);
    expect(failures.every((error, index) => error === errors[index])).toBe(true);
    expect(log).toEqual(PHASES.map((phase) => `0 fine ${phase}`));
  });

  test("may do so at once, and with what is no error", async () => {
    const shutdown = gracefulShutdown();
    shutdown.add({
      name: "a",
      close: () => {
        throw "no error";
      },
    });
    expect(await failuresOf(shutdown, clock)).toEqual(["no error"]);
  });

  test("is its own failure and no cut, when that was the answer to being cut short", async () => {
    const shutdown = gracefulShutdown({ limits: { close: 100 } });
    const failure = new Error("rollback failed");
    shutdown.add({
      name: "a",
      close: async ({ signal }) => {
        await aborted(signal);
        throw failure;
      },
    });
    expect(await failuresOf(shutdown, clock)).toEqual([failure]);
  });
});

describe("a part", () => {
  test("SHUTDOWN-1: that comes during the shutdown makes up for what it has missed", async () => {
    for (const phase of PHASES) {
      const log: unknown[] = [];
      const shutdown = gracefulShutdown();
      shutdown.add({ name: "first", [phase]: () => void shutdown.add(noting("late", clock, log)) });
      await clock.run(() => shutdown.run());
      expect(log).toEqual(PHASES.map((one) => `0 late ${one}`));
    }
  });

  test("SHUTDOWN-1: that comes in any turn of the last phase is called, or refused", async () => {
    for (let turns = 0; turns < 40; turns++) {
      const log: string[] = [];
      const shutdown = gracefulShutdown();
      const later = async (): Promise<void> => {
        for (let passed = 0; passed < turns; passed++) await Promise.resolve();
        try {
          shutdown.add({ name: "late", flush: () => void log.push("called") });
        } catch (error) {
          log.push(error instanceof ShutdownOverError ? "refused" : String(error));
        }
      };
      let adding: Promise<void> | undefined;
      shutdown.add({ name: "first", flush: () => void (adding = later()) });
      await clock.run(() => shutdown.run());
      await adding;
      expect(log, `after ${turns} turns`).toHaveLength(1);
    }
  });

  test("that has gone before is not called, and may go twice", async () => {
    const log: unknown[] = [];
    const shutdown = gracefulShutdown();
    const added = shutdown.add(noting("a", clock, log));
    added[Symbol.dispose]();
    added[Symbol.dispose]();
    await shutdown.run();
    expect(log).toEqual([]);
  });

  test("is refused when all is over", async () => {
    const shutdown = gracefulShutdown();
    await shutdown.run();
    const add = (): unknown => shutdown.add({ name: "pool", close: () => {} });
    expect(add).toThrow(ShutdownOverError);
    expect(add).toThrow('"pool" was added to a shutdown that is over; put it in order yourself, or add it earlier');
  });

  test("may be a group of tasks: what is there finishes, before what it needs is closed", async () => {
    const log: string[] = [];
    const shutdown = gracefulShutdown();
    const group = openTaskGroup({ name: "requests" });
    group.spawn(async ({ sleep }) => {
      await sleep(500);
      log.push(`${clock.now()} answered`);
    });
    shutdown.add({ name: "requests", drain: () => group.close() });
    shutdown.add({ name: "pool", close: () => void log.push(`${clock.now()} pool closed`) });
    await clock.run(() => shutdown.run());
    expect(log).toEqual(["500 answered", "500 pool closed"]);
  });

  for (const [what, part, message] of [
    [
      "no object",
      undefined,
      "shutdown.add takes an object with a name and a function for a phase (announce, intake, drain, close, flush), got undefined",
    ],
    [
      "without a name",
      { close: () => {} },
      "shutdown.add takes an object with a name and a function for a phase (announce, intake, drain, close, flush), got object",
    ],
    [
      "that takes part in nothing",
      { name: "pool", cleanup: () => {} },
      'shutdown.add: "pool" has no function for a phase (announce, intake, drain, close, flush)',
    ],
    ["whose phase is no function", { name: "pool", close: 5 }, "pool: close takes a function, got 5 (number)"],
    [
      "whose waitingFor is no function",
      { name: "pool", close: () => {}, waitingFor: [] },
      "pool: waitingFor takes a function, got an array",
    ],
  ] as const)
    test(`is refused, ${what}`, () => {
      // Holds: what JavaScript may pass.
      expect(() => gracefulShutdown().add(part as unknown as ShutdownPart)).toThrow(new TypeError(message));
    });
});

describe("options that can't be", () => {
  for (const [options, message] of [
    [{ delay: -1 }, "gracefulShutdown: delay must be a number of milliseconds >= 0 or Infinity, got -1 (number)"],
    [
      { timeout: Number.NaN },
      "gracefulShutdown: timeout must be a number of milliseconds >= 0 or Infinity, got NaN (number)",
    ],
    [
      { limits: { close: -5 } },
      "gracefulShutdown: limits.close must be a number of milliseconds >= 0 or Infinity, got -5 (number)",
    ],
  ] as const)
    test(`are refused: ${message}`, () => {
      expect(() => gracefulShutdown(options)).toThrow(new RangeError(message));
    });
});
