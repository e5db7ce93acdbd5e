import { taskGroup } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf } from "./outcome.ts";

const failure = new Error("immediate");

describe("the order of starts", () => {
  test("QUEUE-1: is that of spawning, of spawn and start alike", async () => {
    const log: string[] = [];
    await taskGroup(async (group) => {
      group.spawn(() => void log.push("a"));
      const started = group.start(({ ready }) => {
        log.push("b");
        ready();
      });
      group.spawn(() => void log.push("c"));
      log.push("body");
      await started;
    });
    expect(log).toEqual(["body", "a", "b", "c"]);
  });

  test("QUEUE-1: immediate ones start within spawn, before those of the same turn", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.spawn(() => void log.push("a"));
      group.spawn(
        async () => {
          log.push("immediate");
          await turn();
          log.push("immediate goes on");
        },
        { immediate: true },
      );
      log.push("body");
    });
    expect(log).toEqual(["immediate", "body", "a", "immediate goes on"]);
  });

  test("QUEUE-1: an immediate one waits its turn when there is no free place", async () => {
    const log: string[] = [];
    await taskGroup(
      (group) => {
        group.spawn(() => turn().then(() => log.push("a ends")), { immediate: true });
        group.spawn(() => void log.push("b"));
        group.spawn(() => void log.push("immediate"), { immediate: true });
        log.push("body");
      },
      { concurrency: 1 },
    );
    expect(log).toEqual(["body", "a ends", "b", "immediate"]);
  });

  test("QUEUE-1: an immediate one overtakes nobody who waits for a place", async () => {
    const log: string[] = [];
    await taskGroup(
      (group) => {
        group.spawn(() => void log.push("a"));
        group.spawn(() => void log.push("immediate"), { immediate: true });
        log.push("body");
      },
      { concurrency: 2 },
    );
    expect(log).toEqual(["body", "a", "immediate"]);
  });

  test("QUEUE-2: immediate ones take places, and those beyond wait", async () => {
    let running = 0;
    let most = 0;
    const run = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await turn();
      running--;
    };
    await taskGroup(
      (group) => {
        for (let index = 0; index < 6; index++) group.spawn(run, { immediate: true });
        expect(running).toBe(2);
      },
      { concurrency: 2 },
    );
    expect(most).toBe(2);
  });

  test("R5: a synchronous throw of an immediate task is its failure, and spawn returns", async () => {
    let state: string | undefined;
    const error = await errorOf(
      taskGroup((group) => {
        const task = group.spawn(
          () => {
            throw failure;
          },
          { immediate: true },
        );
        state = task.state;
      }),
    );
    expect([state, error]).toMatchObject(["failed", { errors: [failure] }]);
  });

  test("an immediate task may cancel its group, before spawn has returned", async () => {
    const value = await taskGroup((group) => {
      group.spawn(() => group.cancel(), { immediate: true });
      return group.cancelled;
    });
    expect(value).toBe(true);
  });

  test("R6: an immediate task on a cancelled group runs at once, under an aborted signal", async () => {
    const seen: boolean[] = [];
    await taskGroup((group) => {
      group.cancel();
      group.spawn(({ cancelled }) => void seen.push(cancelled), { immediate: true });
      expect(seen).toEqual([true]);
    });
  });

  test("immediate tasks may spawn immediate tasks", async () => {
    const log: string[] = [];
    await taskGroup((group) => {
      group.spawn(
        () => {
          log.push("outer starts");
          group.spawn(() => void log.push("inner"), { immediate: true });
          log.push("outer ends");
        },
        { immediate: true },
      );
    });
    expect(log).toEqual(["outer starts", "inner", "outer ends"]);
  });

  test("joined before and after an immediate task has ended gives its value", async () => {
    await taskGroup(async (group) => {
      const done = group.spawn(() => "done", { immediate: true });
      expect([await done.join(), await done.join(), done.outcome()]).toEqual([
        "done",
        "done",
        { ok: true, value: "done" },
      ]);
    });
  });
});
