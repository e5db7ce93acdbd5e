/** Which failures are told because nobody has looked at them. */
import { type OpenTaskGroup, openTaskGroup, taskGroup } from "holdfast";
import { Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";
import { debug, later, told, useDebugClock } from "./debug-kit.ts";

const clock = useDebugClock();

describe("DEBUG-2: a failure", () => {
  const fail = (): Promise<never> => Promise.reject(new Error("lost"));
  const title = (text: string): string => text.split("\n")[0] ?? "";

  /** What is told of a group that has a failed task, does something about it, and is closed after two seconds. */
  async function toldOf(look: (group: OpenTaskGroup) => unknown): Promise<string> {
    return await told(clock, async () => {
      const group = openTaskGroup({ name: "open", stopOnError: false });
      look(group);
      await later(2000);
      await group.close().catch(() => {});
    });
  }

  test("in a group that nobody closes is told after a second", async () => {
    expect(title(await toldOf((group) => group.spawn(fail, { name: "read" })))).toBe(
      'holdfast: debug: task "read" of group "open" failed 1.0 s ago, and nobody has joined it, nor called close(), which throws this: Error: lost',
    );
  });

  const seen: readonly (readonly [string, (group: OpenTaskGroup) => unknown])[] = [
    [
      "somebody has joined",
      (group) =>
        group
          .spawn(fail)
          .join()
          .catch(() => {}),
    ],
    [
      "somebody joins later",
      async (group) => {
        const task = group.spawn(fail);
        await later(500);
        await task.join().catch(() => {});
      },
    ],
    [
      "somebody asks for",
      async (group) => {
        const task = group.spawn(fail);
        await later(500);
        expect(task.outcome()).toMatchObject({ ok: false });
      },
    ],
    [
      "the group is closed with",
      async (group) => {
        group.spawn(fail);
        await later(500);
        await group.close().catch(() => {});
      },
    ],
    [
      "the group can't be closed with yet, since a task still runs",
      async (group) => {
        group.spawn(fail);
        group.spawn(() => later(1500));
        await group.close().catch(() => {});
      },
    ],
  ];
  for (const [what, look] of seen)
    test(`that ${what} is not told`, async () => {
      expect(await toldOf(look)).toBe("");
    });

  test("that goes to onTaskError is not told", async () => {
    const hooked: unknown[] = [];
    const text = await told(clock, async () => {
      const group = openTaskGroup({ onTaskError: (error) => hooked.push(error) });
      group.spawn(fail);
      await later(2000);
      await group.close();
    });
    expect([text, hooked]).toEqual(["", [new Error("lost")]]);
  });

  test("that its group has had no time to throw is told at the exit; of many, ten", async () => {
    const end = new Gate();
    const { process, ended } = await debug(async () => {
      const body = taskGroup(
        async (group) => {
          for (let index = 0; index < 12; index++) group.spawn(fail, { name: `read ${index}` });
          await end.promise;
        },
        { stopOnError: false, name: "body" },
      );
      await body.catch(() => {});
    });
    await clock.advanceBy(2000);
    process.emit("exit");
    const lines = process.stderr.written.split("\n").filter((line) => line.startsWith("holdfast: debug: "));
    expect([lines.length, lines[0], lines[10], lines[11]]).toEqual([
      12,
      'holdfast: debug: the process exits, and nobody was told that task "read 0" of group "body" had failed: Error: lost',
      "holdfast: debug: the process exits, and nobody was told of 2 more failures",
      "holdfast: debug: the process exits, and this has not ended",
    ]);
    end.open();
    await clock.run(() => ended);
  });

  test("that main was given up with is told by main, and not again", async () => {
    const boom = new Error("boom");
    const end = new Gate();
    const { process, ended, handler } = await debug(({ group }) => {
      group.defer(() => end.promise);
      group.spawn(() => Promise.reject(boom), { name: "read" });
    });
    await clock.run(() => ended);
    process.emit("exit");
    expect(handler.log).toContainEqual(["main", "main", boom]);
    expect(process.stderr.written).not.toContain("nobody");
    end.open();
    await clock.runCurrent();
  });

  test("of a group that has a body is thrown by it, and not told", async () => {
    const text = await told(clock, async () => {
      const body = taskGroup(
        (group) => {
          group.spawn(fail);
          group.spawn(() => later(2000));
        },
        { stopOnError: false },
      );
      await body.catch(() => {});
    });
    expect(text).toBe("");
  });
});
