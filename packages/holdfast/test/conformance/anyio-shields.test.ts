/** The tests of shielding in anyio's test_taskgroups.py. The titles carry the names from there; README.md has the list. */
import { CancelledError, shield, sleep, taskGroup, timeout } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";

const clock = useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

test("anyio test_shielding: the shielded sleep ends by itself, the one after the shield is cut short", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      void turn().then(() => group.cancel());
      const error = await errorOf(
        (async () => {
          await shield(({ sleep: pause }) => pause(100), { signal: group.signal });
          log.push(`shielded until ${clock.now()}`);
          await sleep(never, { signal: group.signal });
          log.push("not reached");
        })(),
      );
      log.push(error === group.signal.reason ? `cut short at ${clock.now()}` : String(error));
    }),
  );
  expect(log).toEqual(["shielded until 100", "cut short at 100"]);
});

test("anyio test_shielding_mutate: a shield can't be taken away; its grace says from the start how long it holds", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.cancel();
      for (const grace of [0, 100]) {
        const started = clock.now();
        const error = await errorOf(shield(({ sleep: pause }) => pause(never), { signal: group.signal, grace }));
        log.push(`${error === group.signal.reason} after ${clock.now() - started}`);
      }
    }),
  );
  expect(log).toEqual(["true after 0", "true after 100"]);
});

test("anyio test_shielding_immediate_scope_cancelled: a group inside a shield can still be cancelled itself", async () => {
  const error = await clock.run(() =>
    errorOf(
      shield(
        ({ signal }) =>
          taskGroup(
            async (group) => {
              group.cancel("own");
              await sleep(never, { signal: group.signal });
            },
            { signal },
          ),
        { signal: new AbortController().signal },
      ),
    ),
  );
  expect(error).toBeInstanceOf(CancelledError);
  expect(error).toMatchObject({ kind: "cancel", cause: "own" });
  expect(clock.now()).toBe(0);
});

test("anyio test_cancel_from_shielded_scope: a cancel of the group around is seen outside the shield, not inside", async () => {
  const log: unknown[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      await shield(
        async (inner) => {
          group.cancel();
          log.push([inner.cancelled, inner.signal.aborted, inner.deadline, inner.timeLeft]);
          await inner.sleep(10);
          inner.throwIfCancelled();
        },
        { signal: group.signal, grace: Infinity },
      );
      log.push([group.cancelled, group.signal.aborted]);
      log.push((await errorOf(sleep(10, { signal: group.signal }))) === group.signal.reason);
    }),
  );
  expect(log).toEqual([[false, false, Infinity, Infinity], [true, true], true]);
});

test("anyio test_cancel_from_shielded_scope: the end of the grace is the deadline inside the shield", async () => {
  const log: unknown[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      await sleep(1000);
      await shield(
        (inner) => {
          group.cancel();
          log.push(inner.deadline, inner.timeLeft);
        },
        { signal: group.signal, grace: 200 },
      );
    }),
  );
  expect(log).toEqual([1200, 200]);
});

test("anyio test_cancel_shielded_scope: what is inside a shield ends by a cancel of its own, each wait anew", async () => {
  const log: unknown[] = [];
  await shield(
    ({ signal }) =>
      taskGroup(
        async (group) => {
          group.cancel();
          for (let attempt = 0; attempt < 2; attempt++)
            log.push((await errorOf(sleep(0, { signal: group.signal }))) === group.signal.reason);
        },
        { signal },
      ),
    { signal: AbortSignal.abort(outerReason) },
  );
  expect(log).toEqual([true, true]);
});

test("anyio test_shielded_cleanup_after_cancel: cleanup in a finally has its time, and the group waits for it", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.spawn(async ({ sleep: pause, signal, throwIfCancelled }) => {
        try {
          await pause(never);
        } finally {
          await shield(({ sleep: cleanup }) => cleanup(300), { signal });
          log.push(`cleaned up at ${clock.now()}`);
          throwIfCancelled();
        }
      });
      await sleep(10);
      group.cancel();
    }),
  );
  expect([log, clock.now()]).toEqual([["cleaned up at 310"], 310]);
});

test("anyio test_triple_nested_shield_checkpoint_in_outer: after nested shields the cancelled group around them is seen again", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (outer) => {
      outer.cancel();
      await shield(
        ({ signal }) =>
          shield((inner) => shield(({ sleep: pause }) => pause(10), { signal: inner.signal }), { signal }),
        { signal: outer.signal },
      );
      log.push(`shielded until ${clock.now()}`);
      await errorOf(sleep(never, { signal: outer.signal }));
      log.push(`cut short at ${clock.now()}`);
    }),
  );
  expect(log).toEqual(["shielded until 10", "cut short at 10"]);
});

test("anyio test_triple_nested_shield_checkpoint_in_middle: a group between two shields that was cancelled is seen again after the inner one", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (outer) => {
      outer.cancel("outer");
      await shield(
        async ({ signal }) => {
          const error = await errorOf(
            taskGroup(
              async (middle) => {
                middle.cancel("middle");
                await shield(({ sleep: pause }) => pause(10), { signal: middle.signal });
                log.push(`shielded until ${clock.now()}`);
                await sleep(never, { signal: middle.signal });
              },
              { signal },
            ),
          );
          log.push(String((error as CancelledError).cause));
          await sleep(10, { signal });
          log.push(`not cancelled until ${clock.now()}`);
        },
        { signal: outer.signal },
      );
    }),
  );
  expect(log).toEqual(["shielded until 10", "middle", "not cancelled until 20"]);
});

test("anyio test_cancel_child_task_when_host_is_shielded: tasks are cancelled although the body is inside a shield", async () => {
  const log: string[] = [];
  await clock.run(() =>
    taskGroup(async (group) => {
      group.spawn(({ sleep: pause }) => pause(never).finally(() => log.push(`task ended at ${clock.now()}`)));
      void sleep(10).then(() => group.cancel());
      await shield(({ sleep: pause }) => pause(100), { signal: group.signal });
      log.push(`body shielded until ${clock.now()}`);
    }),
  );
  expect(log).toEqual(["task ended at 10", "body shielded until 100"]);
});

test("anyio test_nested_shield: an outer limit that ends during a shield is reported after it", async () => {
  const log: string[] = [];
  const error = await clock.run(() =>
    errorOf(
      timeout(100, async ({ signal, sleep: pause }) => {
        await shield((context) => context.sleep(300), { signal });
        log.push(`shielded until ${clock.now()}`);
        await pause(never);
      }),
    ),
  );
  expect(log).toEqual(["shielded until 300"]);
  expect(error).toMatchObject({ name: "TimeoutError", timeout: 100 });
});
