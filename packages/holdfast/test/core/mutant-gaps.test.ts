/** Rules of docs/design.md that other tests hold only beside their own, each here by itself: see `test/mutants/`. */
import { sleep, taskGroup } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";
import { errorOf } from "./outcome.ts";

const clock = useFakeClock();

test("R15: a sleep under an aborted signal rejects with its reason and has started no timer", async () => {
  const controller = new AbortController();
  const reason = new Error("stop");
  controller.abort(reason);
  expect(await errorOf(sleep(1000, { signal: controller.signal }))).toBe(reason);
  expect(clock.made).toBe(0);
});

test("R16: a group has one listener on a foreign signal, and none when it has settled", async () => {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const counts: number[] = [];
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.defineProperties(signal, {
    addEventListener: {
      value: (type: "abort", listener: () => void) => (listeners.add(listener), add(type, listener)),
    },
    removeEventListener: {
      value: (type: "abort", listener: () => void) => (listeners.delete(listener), remove(type, listener)),
    },
  });
  await clock.run(() =>
    taskGroup(
      async (group) => {
        for (let count = 0; count < 3; count++) group.spawn((context) => context.sleep(10));
        await sleep(5, { signal });
        counts.push(listeners.size);
      },
      { signal },
    ),
  );
  counts.push(listeners.size);
  expect(counts).toEqual([1, 0]);
});

test("R12: the first cause wins: neither a failure nor another cancel() changes the reason", async () => {
  const seen: unknown[] = [];
  await errorOf(
    taskGroup(async (group) => {
      const { signal } = group;
      group.cancel("first");
      seen.push(signal.reason);
      group.cancel("second");
      await errorOf(
        group
          .spawn(() => {
            throw new Error("third");
          })
          .join(),
      );
      // What a signal says never changes: what the group says is asked by a wait.
      seen.push(signal.reason, await errorOf(sleep(1, { signal })));
    }),
  );
  expect(new Set(seen).size).toBe(1);
  expect(seen[0]).toMatchObject({ kind: "cancel", cause: "first" });
});

test("R12: a task is cancelled as soon as its group is", async () => {
  const seen: boolean[] = [];
  await taskGroup((group) => {
    group.spawn((context) => {
      seen.push(context.cancelled);
      group.cancel();
      seen.push(context.cancelled);
    });
  });
  expect(seen).toEqual([false, true]);
});

test("R9: a cleanup does not see the cancellation of its group", async () => {
  const seen: boolean[] = [];
  await taskGroup((group) => {
    group.defer((context) => void seen.push(context.cancelled, context.signal.aborted));
    group.cancel();
  });
  expect(seen).toEqual([false, false]);
});
