import { taskGroup } from "holdfast";
import { kidsOf, scopeOf, Waiter } from "holdfast/lowlevel";
import { Mutex, type Permit, Semaphore } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";

const reason = new Error("aborted");

/** Free permits and waiters. */
const stateOf = ({ available, waiting }: Semaphore): [available: number, waiting: number] => [available, waiting];

describe("Semaphore", () => {
  for (const [permits, error] of [
    [0, "RangeError: permits must be an integer >= 1 or Infinity, got 0 (number)"],
    [-1, "RangeError: permits must be an integer >= 1 or Infinity, got -1 (number)"],
    [1.5, "RangeError: permits must be an integer >= 1 or Infinity, got 1.5 (number)"],
    [Number.NaN, "RangeError: permits must be an integer >= 1 or Infinity, got NaN (number)"],
    ["2", 'TypeError: permits must be an integer >= 1 or Infinity, got "2" (string)'],
    [undefined, "TypeError: permits must be an integer >= 1 or Infinity, got undefined"],
  ] as const)
    test(`can't have ${String(permits)} (${typeof permits}) permits`, () => {
      // Holds: what the compiler would refuse is what is tested.
      expect(errorIn(() => new Semaphore(permits as number))).toBe(error);
    });

  test("SEMAPHORE-1: gives as many permits as it has, and counts them", async () => {
    const semaphore = new Semaphore(2);
    const states = [stateOf(semaphore)];
    const first = await semaphore.acquire();
    states.push(stateOf(semaphore));
    const second = await semaphore.acquire();
    states.push(stateOf(semaphore));
    const third = semaphore.acquire();
    states.push(stateOf(semaphore));
    first.release();
    states.push(stateOf(semaphore));
    second.release();
    states.push(stateOf(semaphore));
    (await third).release();
    expect([semaphore.permits, ...states, stateOf(semaphore)]).toEqual([
      2,
      [2, 0],
      [1, 0],
      [0, 0],
      [0, 1],
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
  });

  test("SEMAPHORE-1: a second release of a permit does nothing, also when somebody else has it by then", async () => {
    const mutex = new Mutex();
    const first = await mutex.acquire();
    const waiting = [mutex.acquire(), mutex.acquire()];
    first.release();
    const second = await waiting[0];
    first.release();
    first[Symbol.dispose]();
    expect([stateOf(mutex), mutex.isLocked]).toEqual([[0, 1], true]);
    second?.release();
    (await waiting[1])?.release();
    first.release();
    expect([stateOf(mutex), mutex.isLocked]).toEqual([[1, 0], false]);
  });

  test("a permit is released at the end of a using block, and by a release that has lost its permit", async () => {
    const mutex = new Mutex();
    const inside: boolean[] = [];
    {
      using _ = await mutex.acquire();
      inside.push(mutex.isLocked);
    }
    const { release } = await mutex.acquire();
    inside.push(mutex.isLocked);
    release();
    expect([inside, mutex.isLocked]).toEqual([[true, true], false]);
  });

  test("Infinity permits never make anybody wait", async () => {
    const semaphore = new Semaphore(Infinity);
    const permits = await Promise.all(Array.from({ length: 1000 }, () => semaphore.acquire()));
    expect(stateOf(semaphore)).toEqual([Infinity, 0]);
    for (const permit of permits) permit.release();
    expect(stateOf(semaphore)).toEqual([Infinity, 0]);
  });

  test("LINE-1, SEMAPHORE-2: permits go to those who wait in the order in which they came, and nobody overtakes, by tryAcquire neither", async () => {
    const semaphore = new Semaphore(1);
    const outcomes = new Outcomes();
    const permits = new Map<string, Permit>();
    const wait = (name: string): void =>
      void outcomes.note(
        name,
        semaphore.acquire().then((permit) => permits.set(name, permit)),
      );
    for (const name of ["a", "b", "c"]) wait(name);
    const order = [await outcomes.names()];
    permits.get("a")?.release();
    // In the turn in which it was released: it is b's already.
    const overtaken = semaphore.tryAcquire();
    wait("d");
    order.push(await outcomes.names());
    permits.get("b")?.release();
    permits.get("c")?.release();
    order.push(await outcomes.names());
    permits.get("c")?.release();
    order.push(await outcomes.names());
    permits.get("d")?.release();
    expect([order, overtaken, stateOf(semaphore)]).toEqual([
      [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]],
      undefined,
      [1, 0],
    ]);
  });

  test("tryAcquire takes a permit that is free, and nothing else", () => {
    const semaphore = new Semaphore(1);
    const permit = semaphore.tryAcquire();
    expect([permit === undefined, semaphore.tryAcquire(), stateOf(semaphore)]).toEqual([false, undefined, [0, 0]]);
    permit?.release();
    expect(stateOf(semaphore)).toEqual([1, 0]);
  });
});

describe("a signal", () => {
  test("LINE-1: that aborts ends the wait at once, with its reason, from anywhere in the line", async () => {
    for (const cancelled of [0, 1, 2]) {
      const mutex = new Mutex();
      const permit = await mutex.acquire();
      const controller = new AbortController();
      const outcomes = new Outcomes();
      for (const at of [0, 1, 2]) {
        const options = at === cancelled ? { signal: controller.signal } : undefined;
        void outcomes
          .note(
            `${at}`,
            mutex.acquire(options).then(({ release }) => release()),
          )
          .catch(() => {});
      }
      controller.abort(reason);
      const waiting = mutex.waiting;
      await turn();
      permit.release();
      await turn();
      const others = [0, 1, 2].filter((at) => at !== cancelled);
      expect([waiting, outcomes.settled, stateOf(mutex)]).toEqual([
        2,
        [[`${cancelled}`, reason], ...others.map((at) => [`${at}`, undefined])],
        [1, 0],
      ]);
    }
  });

  test("that is aborted already rejects, although a permit is free, and takes none", async () => {
    const semaphore = new Semaphore(1);
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(semaphore.acquire({ signal }))).toBe(reason);
    expect(await errorOf(semaphore.run(() => 1, { signal }))).toBe(reason);
    expect(stateOf(semaphore)).toEqual([1, 0]);
  });

  test("LINE-2: that aborts in the turn in which the permit was granted comes too late for acquire", async () => {
    const mutex = new Mutex();
    const first = await mutex.acquire();
    const controller = new AbortController();
    const second = mutex.acquire({ signal: controller.signal });
    first.release();
    controller.abort(reason);
    expect(mutex.isLocked).toBe(true);
    (await second).release();
    expect(stateOf(mutex)).toEqual([1, 0]);
  });

  test("that aborts in the turn in which the permit was granted keeps run from calling, and the permit goes on to the next", async () => {
    const mutex = new Mutex();
    const first = await mutex.acquire();
    const controller = new AbortController();
    const calls: string[] = [];
    const second = mutex.run(() => calls.push("second"), { signal: controller.signal });
    const third = mutex.run(() => calls.push("third"));
    first.release();
    controller.abort(reason);
    expect(await errorOf(second)).toBe(reason);
    await third;
    expect([calls, stateOf(mutex)]).toEqual([["third"], [1, 0]]);
  });

  test("LINE-1: of a task group that is cancelled empties the line of its tasks", async () => {
    const mutex = new Mutex();
    const permit = await mutex.acquire();
    await taskGroup(async (group) => {
      for (let count = 0; count < 3; count++) group.spawn(({ signal }) => mutex.acquire({ signal }));
      await turn();
      expect(mutex.waiting).toBe(3);
      group.cancel();
      expect(mutex.waiting).toBe(0);
    });
    permit.release();
    expect(stateOf(mutex)).toEqual([1, 0]);
  });

  test("shows a tool what is waited for, and by whom", async () => {
    const mutex = new Mutex();
    const permit = await mutex.acquire();
    const { signal } = new AbortController();
    const waiting = mutex.acquire({ signal, name: "backup" });
    const [waiter] = kidsOf(scopeOf(signal));
    expect(waiter).toBeInstanceOf(Waiter);
    expect(waiter).toMatchObject({ kind: "permit", resource: mutex, name: "backup" });
    permit.release();
    expect(kidsOf(scopeOf(signal))).toEqual([]);
    (await waiting).release();
  });
});

describe("Mutex", () => {
  test("is a semaphore with one permit", async () => {
    const mutex = new Mutex();
    expect([mutex instanceof Semaphore, mutex.permits, mutex.isLocked]).toEqual([true, 1, false]);
    expect(await mutex.run(() => mutex.isLocked)).toBe(true);
  });
});

/** Name and message of what `call` throws. */
function errorIn(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}
