import { type Context, taskGroup, timeout } from "holdfast";
import { AcquireDeadlockError, Mutex, Semaphore } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";

const clock = useFakeClock();

const reason = new Error("aborted");
const failure = new Error("failure");

/** Free permits and waiters. */
const stateOf = ({ available, waiting }: Semaphore): [available: number, waiting: number] => [available, waiting];

describe("run", () => {
  test("settles as the function does, and releases the permit", async () => {
    const semaphore = new Semaphore(1);
    const seen: unknown[] = [
      await semaphore.run(() => 1),
      await semaphore.run(async () => 2),
      await errorOf(
        semaphore.run(() => {
          throw failure;
        }),
      ),
      await errorOf(semaphore.run(() => Promise.reject(failure))),
    ];
    expect([seen, stateOf(semaphore)]).toEqual([
      [1, 2, failure, failure],
      [1, 0],
    ]);
  });

  test("calls as many at a time as there are permits, in order, and gives a free one at once", async () => {
    const semaphore = new Semaphore(2);
    const gates = Array.from({ length: 4 }, () => new Gate());
    const started: number[] = [];
    const calls = gates.map((gate, index) =>
      semaphore.run(() => {
        started.push(index);
        return gate.promise;
      }),
    );
    const steps = [[...started]];
    for (const index of [1, 0, 2, 3]) {
      gates[index]?.open();
      await turn();
      steps.push([...started]);
    }
    await Promise.all(calls);
    expect(steps).toEqual([
      [0, 1],
      [0, 1, 2],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
  });

  test("gives the function one context, below its signal", async () => {
    const semaphore = new Semaphore(1);
    const controller = new AbortController();
    let given: Context | undefined;
    const error = await errorOf(
      semaphore.run(
        async (context) => {
          given = context;
          controller.abort(reason);
          context.throwIfCancelled();
        },
        { signal: controller.signal },
      ),
    );
    expect([error, given?.cancelled, given?.signal.reason]).toEqual([reason, true, reason]);
  });

  test("tells the function at once when its signal aborts", async () => {
    const mutex = new Mutex();
    const controller = new AbortController();
    const running = errorOf(mutex.run(({ signal }) => waitUntilAborted(signal), { signal: controller.signal }));
    await turn();
    controller.abort(reason);
    expect([await running, mutex.isLocked]).toEqual([reason, false]);
  });

  test("SEMAPHORE-3: keeps the permit of work that was cancelled and does not stop", async () => {
    const mutex = new Mutex();
    const controller = new AbortController();
    const gate = new Gate();
    const stubborn = mutex.run(() => gate.promise, { signal: controller.signal });
    const next = new Outcomes();
    void next.note(
      "next",
      mutex.run(() => 2),
    );
    controller.abort(reason);
    expect([await next.names(), stateOf(mutex)]).toEqual([[], [0, 1]]);
    gate.open();
    await stubborn;
    expect([await next.names(), stateOf(mutex)]).toEqual([["next"], [1, 0]]);
  });

  test("refuses what is no function, as a rejection, and takes no permit for it", async () => {
    const semaphore = new Semaphore(1);
    // Holds: what the compiler would refuse is what is tested.
    const promise = Promise.resolve() as unknown as () => void;
    expect(await errorOf(semaphore.run(promise))).toMatchObject({
      name: "TypeError",
      message:
        "run takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
    });
    expect(await errorOf(semaphore.run(() => 1, { signal: 1 as unknown as AbortSignal }))).toMatchObject({
      name: "TypeError",
      message: "signal must be an AbortSignal, got number",
    });
    expect(stateOf(semaphore)).toEqual([1, 0]);
  });

  test("can be left by a timeout around it, and keeps the permit until the work has really ended", async () => {
    const mutex = new Mutex();
    const gate = new Gate();
    const error = await clock.run(() =>
      errorOf(timeout(10, ({ signal }) => mutex.run(() => gate.promise, { signal }), { grace: 5 })),
    );
    expect([error, clock.now(), mutex.isLocked]).toMatchObject([{ code: "ERR_TIMEOUT" }, 15, true]);
    gate.open();
    await turn();
    expect(mutex.isLocked).toBe(false);
  });
});

describe("a call that would wait for itself", () => {
  test("is told so, by run and by acquire, if it passes its signal", async () => {
    const mutex = new Mutex();
    const errors = await mutex.run(
      async ({ signal }) => [
        await errorOf(mutex.run(function inner() {}, { signal })),
        await errorOf(mutex.run(() => {}, { signal, name: "again" })),
        await errorOf(mutex.acquire({ signal })),
      ],
      { name: "outer" },
    );
    const rest =
      'would wait for a permit of a semaphore of 1 that "outer", which it runs in, holds until it has ended; call the function itself there, or give it a semaphore of its own';
    expect(errors).toMatchObject([
      { message: `"inner" ${rest}` },
      { message: `"again" ${rest}` },
      { message: `a call ${rest}` },
    ]);
    expect(errors[0]).toBeInstanceOf(AcquireDeadlockError);
    expect(errors[0]).toMatchObject({ name: "AcquireDeadlockError", code: "ERR_ACQUIRE_DEADLOCK", permits: 1 });
    expect(stateOf(mutex)).toEqual([1, 0]);
  });

  test("is told so from a task of a group inside, too", async () => {
    const mutex = new Mutex();
    const error = await mutex.run(({ signal }) =>
      errorOf(
        taskGroup((group) => void group.spawn((context) => mutex.run(() => {}, { signal: context.signal })), {
          signal,
        }),
      ),
    );
    expect(error).toMatchObject({ code: "ERR_ERROR_GROUP", errors: [{ code: "ERR_ACQUIRE_DEADLOCK" }] });
  });

  test("is one only when all permits are held above it: with two permits two levels pass, the third does not", async () => {
    const semaphore = new Semaphore(2);
    const error = await semaphore.run(({ signal }) =>
      semaphore.run((inner) => errorOf(semaphore.run(() => {}, { signal: inner.signal })), { signal }),
    );
    expect(error).toMatchObject({ code: "ERR_ACQUIRE_DEADLOCK", permits: 2 });
    expect(stateOf(semaphore)).toEqual([2, 0]);
  });

  test("is none where it holds one permit and others hold the rest: those can be released", async () => {
    const semaphore = new Semaphore(2);
    const other = await semaphore.acquire();
    const nested = semaphore.run(({ signal }) => semaphore.run(() => 1, { signal }));
    await turn();
    expect(semaphore.waiting).toBe(1);
    other.release();
    expect(await nested).toBe(1);
  });

  test("is none where others hold the permits, where the semaphore is another, and after the outer call has ended", async () => {
    const [first, second] = [new Mutex(), new Mutex()];
    const gate = new Gate();
    const elsewhere = second.run(() => gate.promise);
    let signal: AbortSignal | undefined;
    const nested = first.run((context) => {
      signal = context.signal;
      return second.run(() => 1, { signal });
    });
    await turn();
    gate.open();
    expect(await nested).toBe(1);
    await elsewhere;
    const held = await first.acquire();
    const later = first.run(() => 2, { signal });
    await turn();
    held.release();
    expect(await later).toBe(2);
  });
});

describe("wrap", () => {
  test("makes a function with the same name, this, arguments and outcome, that takes a permit for each call", async () => {
    const mutex = new Mutex();
    const held: boolean[] = [];
    const account = {
      balance: 10,
      deposit: mutex.wrap(async function deposit(this: { balance: number }, first: number, second: number) {
        held.push(mutex.isLocked);
        if (first < 0) throw failure;
        this.balance += first + second;
        return this.balance;
      }),
    };
    expect([
      await Promise.all([account.deposit(1, 2), account.deposit(3, 4)]),
      await errorOf(account.deposit(-1, 0)),
      account.deposit.name,
      held,
      mutex.isLocked,
    ]).toEqual([[13, 20], failure, "deposit", [true, true, true], false]);
  });

  test("reads name and signal from its options, the signal anew at each call", async () => {
    const mutex = new Mutex();
    const wrapped = mutex.wrap((given: AbortSignal) => given.aborted, { name: "job", signal: (signal) => signal });
    expect(await wrapped(new AbortController().signal)).toBe(false);
    expect(await errorOf(wrapped(AbortSignal.abort(reason)))).toBe(reason);
    const error = await mutex.run(({ signal }) => errorOf(wrapped(signal)));
    expect(error).toMatchObject({ message: expect.stringMatching(/^"job" would wait/u) });
    expect(wrapped.name).toBe("job");
  });

  test("rejects with what the signal option throws, and takes no permit", async () => {
    const mutex = new Mutex();
    const wrapped = mutex.wrap(() => 1, {
      signal: () => {
        throw failure;
      },
    });
    expect(await errorOf(wrapped())).toBe(failure);
    expect(mutex.isLocked).toBe(false);
  });

  test("takes a function, and throws for anything else", () => {
    // Holds: what the compiler would refuse is what is tested.
    expect(() => new Mutex().wrap(1 as unknown as () => void)).toThrow("wrap takes a function, got 1 (number)");
  });
});
