import { sleep, timeout } from "holdfast";
import { type Clock, now, random, setClock, timeUntil } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { FakeClock, turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

for (const handles of ["objects", "numbers"] as const)
  describe(`timers on a host whose handles are ${handles}`, () => {
    const clock = useFakeClock({ handles });

    test("CLOCK-1: a timer that was stopped never expires", async () => {
      const log: string[] = [];
      const controller = new AbortController();
      void sleep(10, { signal: controller.signal }).then(
        () => log.push("expired"),
        () => log.push("stopped"),
      );
      controller.abort();
      await clock.advanceBy(100);
      expect(log).toEqual(["stopped"]);
    });

    test("CLOCK-1: in a list of equal timers the first, one in the middle or the last may be stopped", async () => {
      for (const stopped of [0, 2, 4]) {
        const log: number[] = [];
        const controller = new AbortController();
        for (let index = 0; index < 5; index++)
          void sleep(10, index === stopped ? { signal: controller.signal } : {}).then(
            () => log.push(index),
            () => {},
          );
        controller.abort();
        await clock.advanceUntilIdle();
        expect(log).toEqual([0, 1, 2, 3, 4].filter((index) => index !== stopped));
      }
    });

    test("CLOCK-1: all may be stopped, and new ones of the same duration started, at any time", async () => {
      const log: string[] = [];
      for (let round = 0; round < 3; round++) {
        const controller = new AbortController();
        const stopped = [1, 2].map(() => errorOf(sleep(10, { signal: controller.signal })));
        await clock.advanceBy(4);
        controller.abort();
        await Promise.all(stopped);
        expect(clock.pending).toBe(0);
        void sleep(10).then(() => log.push(`at ${clock.now()}`));
        await clock.advanceBy(10);
      }
      expect(log).toEqual(["at 14", "at 28", "at 42"]);
    });

    test("CLOCK-2: timers of one duration that were started at different times each have their time", async () => {
      const log: string[] = [];
      for (let index = 0; index < 4; index++) {
        void sleep(10).then(() => log.push(`${index} at ${clock.now()}`));
        await clock.advanceBy(3);
      }
      await clock.advanceUntilIdle();
      expect(log).toEqual(["0 at 10", "1 at 13", "2 at 16", "3 at 19"]);
    });

    test("CLOCK-2: after a program that blocked, all that are due expire in one turn, in order", async () => {
      const log: string[] = [];
      for (const ms of [10, 20, 10]) void sleep(ms).then(() => log.push(`${ms} at ${clock.now()}`));
      clock.block(50);
      await clock.runCurrent();
      expect(log).toEqual(["10 at 50", "10 at 50", "20 at 50"]);
    });

    test("CLOCK-2: a timer that is started while others of its duration expire waits its time", async () => {
      const log: number[] = [];
      const chain = async (): Promise<void> => {
        for (let count = 0; count < 3; count++) {
          await sleep(10);
          log.push(clock.now());
        }
      };
      await clock.run(() => Promise.all([chain(), chain()]));
      expect(log).toEqual([10, 10, 20, 20, 30, 30]);
    });

    test("CLOCK-2: a host that fires a fraction too early is waited for again when more than that is missing", async () => {
      // The host's clock and the host's timers disagree: a handle of 10 ms fires when 8 have passed.
      const early: Clock = {
        now: () => clock.now(),
        wallTime: () => clock.wallTime(),
        random: () => clock.random(),
        setTimer: (callback, delay) => clock.setTimer(callback, delay === 10 ? 8 : delay),
        clearTimer: (handle) => clock.clearTimer(handle),
      };
      const before = setClock(early);
      try {
        const log: number[] = [];
        void sleep(10).then(() => log.push(clock.now()));
        await clock.advanceUntilIdle();
        expect({ log, made: clock.made }).toEqual({ log: [10], made: 2 });
      } finally {
        setClock(before);
      }
    });

    test("a timer that ends in a callback which starts the same duration again keeps the host at one timer", async () => {
      await clock.run(async () => {
        for (let count = 0; count < 5; count++) await sleep(10);
      });
      expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 50, pending: 0 });
    });

    test("no timer holds the process after the last one was stopped", async () => {
      for (let round = 0; round < 3; round++) {
        await timeout(60_000, () => turn());
        expect(clock.pending).toBe(0);
      }
    });
  });

describe("timers", () => {
  const clock = useFakeClock();

  test("of one duration share one host timer, however many", async () => {
    const sleepers = Array.from({ length: 1000 }, () => sleep(10));
    expect(clock.made).toBe(1);
    await clock.run(() => Promise.all(sleepers));
    expect(clock.now()).toBe(10);
  });

  test("of one duration, one after the other, share one host timer where it can be kept from holding the process", async () => {
    for (let count = 0; count < 1000; count++) await timeout(60_000, () => count);
    expect({ made: clock.made, pending: clock.pending }).toEqual({ made: 1, pending: 0 });
  });

  test("that already run stay with the clock they were started on", async () => {
    const log: string[] = [];
    void sleep(10).then(() => log.push("old"));
    const next = new FakeClock();
    const before = setClock(next);
    try {
      void sleep(10).then(() => log.push("new"));
      await next.advanceBy(10);
      expect(log).toEqual(["new"]);
    } finally {
      setClock(before);
    }
    await clock.advanceBy(10);
    expect(log).toEqual(["new", "old"]);
  });
});

describe("setClock", () => {
  const clock = useFakeClock({ seed: 3 });

  test("gives time and chance to everybody who asks the library", async () => {
    await clock.advanceBy(40);
    const drawn = [random(), random()];
    const again = new FakeClock({ seed: 3 });
    expect({ now: now(), drawn }).toEqual({ now: 40, drawn: [again.random(), again.random()] });
  });

  test("returns the clock before; without one, the host's own is back", () => {
    const before = setClock(undefined);
    const host = setClock(before);
    expect(host).not.toBe(before);
    expect(Math.abs(host.now() - performance.now())).toBeLessThan(1000);
  });

  test("the host's own clock tells times, draws numbers and sets timers", async () => {
    const before = setClock(undefined);
    const host = setClock(before);
    expect(Math.abs(host.wallTime() - Date.now())).toBeLessThan(1000);
    const drawn = host.random();
    expect(drawn >= 0 && drawn < 1).toBe(true);
    const log: string[] = [];
    host.clearTimer(host.setTimer(() => log.push("cleared"), 0));
    await new Promise<void>((resolve) => void host.setTimer(resolve, 1));
    expect(log).toEqual([]);
  });

  test("timeUntil reads the dates of others by the wall clock", async () => {
    const date = new Date(clock.wallTime() + 90_000).toISOString();
    await clock.advanceBy(30_000);
    expect([timeUntil(date), timeUntil("no date")]).toEqual([60_000, Number.NaN]);
  });
});
