/** In which AsyncLocalStorage context tasks run. Node, Bun and Deno have it; a page does not. */
import { AsyncLocalStorage } from "node:async_hooks";
import { openTaskGroup, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";

const request = new AsyncLocalStorage<string>();

describe("a task's AsyncLocalStorage", () => {
  for (const concurrency of [1, 2])
    test(`is that of its spawn, with concurrency ${concurrency}`, async () => {
      const seen: unknown[] = [];
      await taskGroup(
        (group) => {
          for (const id of ["a", "b", "c"])
            request.run(id, () => void group.spawn(async () => void seen.push([id, request.getStore()])));
        },
        { concurrency },
      );
      expect(seen).toEqual([
        ["a", "a"],
        ["b", "b"],
        ["c", "c"],
      ]);
    });

  test("is that of its spawn, for spawns from different turns into one open group, as requests do", async () => {
    const group = openTaskGroup();
    const seen: unknown[] = [];
    for (const id of ["a", "b"]) {
      await request.run(id, async () => {
        await turn();
        group.spawn(async () => {
          await turn();
          seen.push([id, request.getStore()]);
        });
      });
    }
    await group.close();
    expect(seen).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
  });

  test("is that of its spawn when it starts at once", async () => {
    const seen: unknown[] = [];
    await taskGroup((group) => {
      for (const id of ["a", "b"])
        request.run(id, () => void group.spawn(() => void seen.push([id, request.getStore()]), { immediate: true }));
    });
    expect(seen).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
  });
});
