/** Who is named because it ignores a cancellation, and who is not. */
import { openTaskGroup, shield, taskGroup, timeout } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { later, told, useDebugClock } from "./debug-kit.ts";

const clock = useDebugClock();

describe("DEBUG-1: who ignores a cancellation", () => {
  test("is named once, a second after it, however often it was cancelled", async () => {
    const text = await told(clock, async ({ signal }) => {
      await taskGroup(
        async (group) => {
          const task = group.spawn(() => later(4000), { name: "deaf" });
          await later(1);
          task.cancel();
          await later(500);
          group.cancel();
        },
        { signal, name: "request" },
      ).catch(() => {});
    });
    expect(text).toBe(
      `holdfast: debug: task "deaf" was cancelled; 1.0 s later this still runs
  task "deaf" in group "request", never looked at its signal; pass ({ signal }) on
      waits for sleep, without a signal
      spawned
`,
    );
  });

  test("is the innermost work, with the task that it is in", async () => {
    const text = await told(clock, async ({ signal }) => {
      await taskGroup(
        async (outer) => {
          outer.spawn(
            (context) =>
              taskGroup(
                (inner) => {
                  inner.spawn(
                    (own) => timeout(60_000, () => later(1500), { ...own, signal: own.signal, name: "ask" }),
                    {
                      name: "child",
                    },
                  );
                },
                { signal: context.signal, name: "inner" },
              ),
            { name: "parent" },
          );
          await later(1);
          outer.cancel();
        },
        { signal, name: "outer" },
      ).catch(() => {});
    });
    expect(text.replaceAll(/\n {6}.*/gu, "")).toBe(
      `holdfast: debug: group "outer" was cancelled; 1.0 s later this still runs
  call "ask", in task "child", never looked at its signal; pass ({ signal }) on
`,
    );
  });

  test("may be the body of a group", async () => {
    const text = await told(clock, async ({ signal }) => {
      await taskGroup(() => later(1500), { signal, name: "slow", timeout: 10 }).catch(() => {});
    });
    expect(text.replaceAll(/\n {6}.*/gu, "")).toBe(
      `holdfast: debug: group "slow" reached its deadline of 10 ms; 1.0 s later this still runs
  the body of group "slow", in task "main", never looked at its signal; pass ({ signal }) on
`,
    );
  });

  test("DEBUG-3: is nobody who stops, cleans up, serves the others, or waits under a shield", async () => {
    const text = await told(clock, async ({ signal }) => {
      await taskGroup(
        async (group) => {
          group.defer(() => later(1200));
          group.spawnService(({ sleep: pause }) => pause(Infinity), { name: "service" });
          group.spawn(({ sleep: pause }) => pause(60_000), { name: "stops" });
          group.spawn(
            async (context) => {
              await context.sleep(60_000).catch(() => {});
              await shield(() => later(1200), { signal: context.signal });
            },
            { name: "shields" },
          );
          await later(1);
          group.cancel();
        },
        { signal },
      ).catch(() => {});
    });
    expect(text).toBe("");
  });

  test("is no group without a body that waits for its close()", async () => {
    const text = await told(clock, async ({ signal }) => {
      const group = openTaskGroup({ signal });
      group.cancel();
      await later(1500);
      await group.close().catch(() => {});
    });
    expect(text).toBe("");
  });

  test("may be a task that has such a group, and waits for something else", async () => {
    const text = await told(clock, async ({ signal }) => {
      const work = async (context: { readonly signal: AbortSignal }): Promise<void> => {
        const connection = openTaskGroup({ signal: context.signal });
        await later(1500);
        await connection.close();
      };
      await taskGroup(
        async (group) => {
          group.spawn(work, { name: "deaf" });
          await later(1);
          group.cancel();
        },
        { signal, name: "request" },
      ).catch(() => {});
    });
    expect(text.replaceAll(/\n {6}.*/gu, "")).toBe(
      `holdfast: debug: group "request" was cancelled; 1.0 s later this still runs
  task "deaf" in group "request", has its signal, and goes on
`,
    );
  });

  test("is counted when there are more than twenty", async () => {
    const text = await told(clock, async ({ signal }) => {
      await taskGroup(
        async (group) => {
          for (let index = 0; index < 25; index++) group.spawn(() => later(1500), { name: `deaf ${index}` });
          await later(1);
          group.cancel();
        },
        { signal },
      ).catch(() => {});
    });
    const lines = text.split("\n").filter((line) => !line.startsWith("      "));
    expect([lines.length, lines.at(-2)]).toEqual([23, "  and 5 more"]);
  });
});
