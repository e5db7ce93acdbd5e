/** What is kept, and what is let go of. Needs a host with `gc()`. README.md has the list. */
import { abortable, openTaskGroup, sleep, taskGroup, timeout } from "holdfast";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";

/** A collection, and the turns in which what it found is cleared. */
async function collect(): Promise<void> {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new Error("run with --expose-gc");
  for (let round = 0; round < 4; round++) {
    gc();
    await turn();
  }
}

test("JS heap flat after 1e5 scopes on one long-lived signal: groups and limits leave nothing behind", async () => {
  const { signal } = new AbortController();
  const use = async (): Promise<void> => {
    await taskGroup((group) => void group.spawn(() => {}), { signal });
    await timeout(60_000, () => {}, { signal });
  };
  const heapAfter = async (times: number): Promise<number> => {
    for (let time = 0; time < times; time++) await use();
    await collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(2000);
  const after = await heapAfter(100_000);
  // One byte kept for each would be 200 kB; a group is some hundred.
  expect(after - before).toBeLessThan(1_000_000);
});

test("JS gc() during pending waits: a wait that nobody else holds is not collected, and its finally runs", async () => {
  const log: string[] = [];
  const controller = new AbortController();
  void (async () => {
    try {
      await sleep(200);
    } finally {
      log.push("sleep");
    }
  })();
  void (async () => {
    try {
      await abortable(new Promise(() => {}), { signal: controller.signal });
    } catch {
      log.push("abortable");
    }
  })();
  const group = taskGroup((own) => void own.spawn(({ sleep: pause }) => pause(100).then(() => log.push("task"))));
  await collect();
  expect(log).toEqual([]);
  controller.abort();
  await group;
  await sleep(200);
  expect(log).toEqual(["abortable", "task", "sleep"]);
});

test("trio test_locals_destroyed_promptly_on_cancel: what a cancelled task held is let go of while its group is still open", async () => {
  const group = openTaskGroup();
  const held = await (async () => {
    const resource = { name: "resource" };
    const task = group.spawn(async ({ sleep: pause }) => {
      await pause(60_000);
      return resource;
    });
    await turn();
    task.cancel();
    await task.settled();
    return new WeakRef(resource);
  })();
  await turn();
  await collect();
  expect(held.deref()).toBeUndefined();
  await group.close();
});

test("trio test_nursery_cancel_doesnt_create_cyclic_garbage: what a cancelled group's body and tasks held is let go of when it has ended", async () => {
  const held: WeakRef<object>[] = [];
  const { cancelled } = await (async () =>
    await taskGroup(async (group) => {
      for (let index = 0; index < 3; index++) {
        const resource = { index };
        held.push(new WeakRef(resource));
        group.spawn(async ({ sleep: pause }) => {
          await pause(60_000).finally(() => resource);
        });
      }
      await turn();
      group.cancel();
      return group;
    }))();
  await turn();
  await collect();
  expect([held.map((reference) => reference.deref()), cancelled]).toEqual([[undefined, undefined, undefined], true]);
});
