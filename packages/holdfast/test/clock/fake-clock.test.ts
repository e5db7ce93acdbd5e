import { sleep } from "holdfast";
import { setClock } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { FakeClock, turn, useFakeClock } from "./fake-clock.ts";

/** Resolves after `ms` on `clock`. */
function after(clock: FakeClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.setTimer(resolve, ms));
}

describe("turned by hand", () => {
  test("timers fire in the order of their time, then of their making", async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    for (const [name, ms] of [
      ["b", 20],
      ["a", 10],
      ["c", 20],
    ] as const)
      clock.setTimer(() => log.push(`${name} at ${clock.now()}`), ms);
    await clock.advanceBy(20);
    expect(log).toEqual(["a at 10", "b at 20", "c at 20"]);
  });

  test("a timer that a fired timer sets within the advanced time fires too", async () => {
    const clock = new FakeClock();
    const log: number[] = [];
    clock.setTimer(() => clock.setTimer(() => log.push(clock.now()), 5), 10);
    await clock.advanceBy(15);
    expect(log).toEqual([15]);
  });

  test("what waits only for promises has run between two timers of the same time", async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    void after(clock, 10).then(async () => {
      for (let hop = 0; hop < 100; hop++) await Promise.resolve();
      log.push("reaction");
    });
    clock.setTimer(() => log.push("second"), 10);
    await clock.advanceBy(10);
    expect(log).toEqual(["reaction", "second"]);
  });

  test("runCurrent fires what is due and does not move the time", async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    clock.setTimer(() => log.push("now"), 0);
    clock.setTimer(() => log.push("later"), 1);
    await clock.runCurrent();
    expect({ log, now: clock.now(), pending: clock.pending }).toEqual({ log: ["now"], now: 0, pending: 1 });
  });

  test("a timer that was cleared does not fire", async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    clock.clearTimer(clock.setTimer(() => log.push("cleared"), 10));
    await clock.advanceUntilIdle();
    expect({ log, now: clock.now() }).toEqual({ log: [], now: 0 });
  });

  test("advanceUntilIdle leaves a timer alone that does not hold the process", async () => {
    const clock = new FakeClock();
    // Holds: handles are objects unless asked for otherwise.
    (clock.setTimer(() => {}, 10) as { unref(): void }).unref();
    await clock.advanceUntilIdle();
    expect({ now: clock.now(), pending: clock.pending, made: clock.made }).toEqual({ now: 0, pending: 0, made: 1 });
  });

  test("a blocking program fires its timers late, in the turn after it", async () => {
    const clock = new FakeClock();
    const log: number[] = [];
    clock.setTimer(() => log.push(clock.now()), 10);
    clock.block(25);
    expect(log).toEqual([]);
    await clock.runCurrent();
    expect(log).toEqual([25]);
  });

  for (const delay of [-1, 0.5, 2 ** 31, Number.NaN, Infinity])
    test(`a delay of ${delay} ms, which no host can wait for, is refused`, () => {
      expect(() => new FakeClock().setTimer(() => {}, delay)).toThrow(RangeError);
    });

  test("handles are numbers where a page is played", () => {
    const clock = new FakeClock({ handles: "numbers" });
    const handle = clock.setTimer(() => {}, 10);
    expect(handle).toBe(1);
    clock.clearTimer(handle);
    expect(clock.pending).toBe(0);
  });
});

describe("run", () => {
  test("jumps over what would be waited for, and gives the value", async () => {
    const clock = new FakeClock();
    const log: number[] = [];
    const value = await clock.run(async () => {
      await after(clock, 1_000_000);
      log.push(clock.now());
      await after(clock, 500);
      return "value";
    });
    expect({ value, log, now: clock.now() }).toEqual({ value: "value", log: [1_000_000], now: 1_000_500 });
  });

  test("rejects with what the body throws, synchronously or later", async () => {
    const clock = new FakeClock();
    const failure = new Error("failure");
    const thrower = (): never => {
      throw failure;
    };
    await expect(clock.run(thrower)).rejects.toBe(failure);
    await expect(clock.run(() => after(clock, 5).then(thrower))).rejects.toBe(failure);
  });

  test("says so when the body waits for what never comes", async () => {
    await expect(new FakeClock().run(() => new Promise(() => {}))).rejects.toThrow(
      "nothing is ready and no timer runs at 0 ms",
    );
  });
});

describe("the rest", () => {
  test("the same seed gives the same numbers, another one others", () => {
    const draw = (seed: number): number[] => {
      const clock = new FakeClock({ seed });
      return [clock.random(), clock.random(), clock.random()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7).every((number) => number >= 0 && number < 1)).toBe(true);
  });

  test("wall time goes with the clock", async () => {
    const clock = new FakeClock();
    const start = clock.wallTime();
    await clock.advanceBy(1500);
    expect(clock.wallTime() - start).toBe(1500);
  });

  test("a turn runs chains of promises dry, however long", async () => {
    let hops = 0;
    void (async () => {
      while (hops < 100_000) {
        await Promise.resolve();
        hops++;
      }
    })();
    await turn();
    expect(hops).toBe(100_000);
  });
});

test("time does not pass while somebody waits for a turn", async () => {
  const clock = new FakeClock();
  const seen = await clock.run(async () => {
    const timer = after(clock, 10);
    for (let count = 0; count < 5; count++) await turn();
    const before = clock.now();
    await timer;
    return [before, clock.now()];
  });
  expect(seen).toEqual([0, 10]);
});

describe("useFakeClock", () => {
  const clock = useFakeClock();

  for (const round of ["first", "second"])
    test(`the library's timers run on it, from 0 on, in the ${round} test too`, async () => {
      expect(clock.now()).toBe(0);
      await clock.run(() => sleep(50));
      expect(clock.now()).toBe(50);
    });

  test("a timer of the library that was stopped is not left over", async () => {
    const controller = new AbortController();
    const sleeping = sleep(50, { signal: controller.signal });
    expect(clock.pending).toBe(1);
    controller.abort("enough");
    await expect(sleeping).rejects.toMatchObject({ cause: "enough" });
    expect(clock.pending).toBe(0);
  });

  test("the library has it installed while the test runs", () => {
    const installed = setClock(undefined);
    setClock(installed);
    installed.setTimer(() => {}, 1);
    expect(clock.made).toBe(1);
    clock.clearTimer(1);
    expect(clock.pending).toBe(0);
  });
});
