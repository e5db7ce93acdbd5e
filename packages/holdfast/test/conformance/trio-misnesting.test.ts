/** The tests of scopes and nurseries that end out of order in trio's test_run.py. The titles carry the names from there; README.md has the list. */
import { type ErrorGroup, openTaskGroup, taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";

useFakeClock();
const outerReason = new Error("outer");
const never = 86_400_000;

describe("groups that close out of order", () => {
  test("trio test_cancel_scope_misnesting_1: an outer group that closes first leaves the inner one open, and both close", async () => {
    const log: string[] = [];
    const outer = openTaskGroup();
    const inner = openTaskGroup({ signal: outer.signal });
    await outer.close();
    inner.spawn(() => void log.push("task of inner"));
    await inner.close();
    expect(log).toEqual(["task of inner"]);
  });

  test("trio test_cancel_scope_misnesting_2: an outer group that was cancelled and closes first has cancelled the inner one for good", async () => {
    const log: string[] = [];
    const outer = openTaskGroup();
    const inner = openTaskGroup({ signal: outer.signal });
    inner.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("cancelled")));
    await turn();
    outer.cancel();
    await outer.close();
    expect(await errorOf(inner.close())).toBe(outer.signal.reason);
    expect(log).toEqual(["cancelled"]);
  });

  test("trio test_cancel_scope_misnesting_3: a group that a task leaves open is still reached by what is above that task", async () => {
    const log: string[] = [];
    const left: { close(): Promise<void> }[] = [];
    const outer = openTaskGroup();
    outer.spawn(({ signal }) => {
      const group = openTaskGroup({ signal });
      group.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("cancelled")));
      left.push(group);
    });
    await turn();
    outer.cancel();
    await outer.close();
    for (const group of left) expect(await errorOf(group.close())).toBe(outer.signal.reason);
    expect([left.length, log]).toEqual([1, ["cancelled"]]);
  });

  test("trio test_nursery_misnest: an inner group that outlives the outer one's body goes on, and keeps what it owns", async () => {
    const log: string[] = [];
    const gate = new Gate();
    const inner = await taskGroup((outer) => {
      const group = openTaskGroup({ signal: outer.signal });
      group.spawn(async () => {
        await gate.promise;
        log.push("task of inner");
      });
      return { close: group.close };
    });
    log.push("outer ended");
    gate.open();
    await inner.close();
    expect(log).toEqual(["outer ended", "task of inner"]);
  });

  test("trio test_nursery_nested_child_misnest: a group that an ended task left open is cancelled with the group of that task", async () => {
    const log: string[] = [];
    const open: { close(): Promise<void> }[] = [];
    const error = await errorOf(
      taskGroup(async (outer) => {
        await outer
          .spawn(({ signal }) => {
            const child = openTaskGroup({ signal });
            child.spawn((context) => waitUntilAborted(context.signal).finally(() => log.push("cancelled")));
            open.push(child);
          })
          .join();
        await turn();
        throw outerReason;
      }),
    );
    expect((error as ErrorGroup).errors).toEqual([outerReason]);
    for (const child of open) await errorOf(child.close());
    expect(log).toEqual(["cancelled"]);
  });

  test("trio test_asyncexitstack_nursery_misnest: a group that another one uses is cancelled and closed with it", async () => {
    const log: string[] = [];
    await taskGroup(async (outer) => {
      const inner = outer.use(openTaskGroup());
      inner.spawn(({ sleep: pause }) => pause(never).finally(() => log.push("task of inner")));
      await turn();
      log.push("end of the body");
    });
    expect(log).toEqual(["end of the body", "task of inner"]);
  });

  test("trio test_asyncexitstack_nursery_misnest_cleanup: the failure of a used group is in its user's errors, and later cleanups run", async () => {
    const failure = new Error("inner");
    const log: string[] = [];
    const error = await errorOf(
      taskGroup(async (outer) => {
        outer.defer(() => void log.push("cleanup"));
        const inner = outer.use(openTaskGroup());
        inner.spawn(() => Promise.reject(failure));
        await turn();
      }),
    );
    expect((error as ErrorGroup).errors).toMatchObject([{ name: "ErrorGroup", errors: [failure] }]);
    expect(log).toEqual(["cleanup"]);
  });
});
