/** What still survived the tests of `mutant-gaps-*.test.ts`: who is abandoned and when, what tools are told, what goes with an error. See `docs/mutation-score.md`. */
import {
  attemptsOf,
  ErrorGroup,
  handleErrors,
  openTaskGroup,
  retry,
  sleep,
  suppressedErrors,
  type Task,
  type TaskFrame,
  taskGroup,
  tasksOf,
  taskStack,
  timeout,
} from "holdfast";
import { callSite, registry, suppress } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, waitUntilAborted } from "./outcome.ts";

const clock = useFakeClock();

const failure = new Error("work");

/** Goes on for so long, whatever is cancelled. */
const stubborn = (ms: number) => (): Promise<void> => sleep(ms);

/** What was printed while `body` ran, with the time. */
async function printedBy(body: () => Promise<unknown>): Promise<readonly string[]> {
  const console: object = globalThis.console;
  const print: unknown = Reflect.get(console, "error");
  const printed: string[] = [];
  Reflect.set(console, "error", (text: unknown) => void printed.push(`${clock.now()}: ${String(text).split("\n")[0]}`));
  try {
    await clock.run(body);
  } finally {
    Reflect.set(console, "error", print);
  }
  return printed;
}

describe("R19: the grace of a group", () => {
  for (const body of ["that has returned", "that goes on"])
    test(`counts anew for a task that waited for the place of one that was abandoned, with a body ${body}`, async () => {
      const events: (readonly [string, number])[] = [];
      const note = (task: Task<unknown>): void =>
        void task.settled().then(() => events.push([task.state, clock.now()] as const));
      await printedBy(async () => {
        await taskGroup(
          async (group) => {
            note(group.spawn(stubborn(100)));
            note(group.spawn(stubborn(100)));
            await turn();
            group.cancel();
            if (body === "that goes on") await sleep(100);
          },
          { concurrency: 1, grace: 10 },
        ).catch(() => {});
        await sleep(200 - clock.now());
      });
      expect(events).toEqual([
        ["abandoned", 10],
        ["abandoned", 20],
      ]);
    });

  test("does not end a task that was cancelled alone while the services closed", async () => {
    let left: Task<void> | undefined;
    await clock.run(() =>
      taskGroup(
        (group) => {
          group.spawnService(async ({ signal }) => {
            await aborted(signal);
            left = group.spawn(stubborn(100));
            await turn();
            left.cancel();
          });
        },
        { grace: 10 },
      ),
    );
    expect([left?.state, clock.now()]).toEqual(["succeeded", 100]);
  });

  test("counts from its own cancel, although what is around it is cancelled later", async () => {
    const outer = new AbortController();
    const group = openTaskGroup({ signal: outer.signal, grace: 100 });
    group.spawn(stubborn(500));
    await turn();
    group.cancel();
    await clock.advanceBy(50);
    outer.abort(failure);
    expect(await clock.run(() => errorOf(group.close()))).toBe(failure);
    expect(clock.now()).toBe(100);
    await clock.advanceUntilIdle();
  });
});

test("R20: a group that had nobody to report when its services closed reports who does not stop after its cancel", async () => {
  const group = openTaskGroup({ name: "request" });
  group.spawnService(async ({ signal }) => {
    await aborted(signal);
    group.spawn(stubborn(20_000));
  });
  const printed = await printedBy(async () => {
    const closing = group.close();
    await sleep(6000);
    group.cancel();
    await closing;
  });
  expect(printed).toEqual([
    '11000: holdfast: group "request" was cancelled 5000 ms ago and still waits: group "request" was cancelled',
  ]);
});

describe("what goes with an error", () => {
  test("R3: an ErrorGroup prints its errors once: they are no property that is listed", () => {
    expect(Object.keys(new ErrorGroup([failure]))).toEqual(["code"]);
  });

  test("R21: what was suppressed beside a bare error stays with it, also when it goes out in a group", async () => {
    const bare = new Error("bare");
    suppress(bare, [failure], "task");
    const judge = (): never => {
      throw new Error("judge");
    };
    const out = await errorOf(handleErrors(bare, [judge, () => {}]));
    expect([suppressedErrors(out), suppressedErrors(bare)]).toEqual([[], [failure]]);
  });

  test("R21: a reason that passes through a call keeps what it carries, as often as it did", async () => {
    const outer = new AbortController();
    const reason = new Error("outer");
    suppress(reason, ["text"], "task");
    const call = timeout(100, ({ signal }) => waitUntilAborted(signal), { signal: outer.signal });
    outer.abort(reason);
    expect([await errorOf(call), suppressedErrors(reason)]).toEqual([reason, ["text"]]);
  });

  test("attempts have the time that they began at, and that they took", async () => {
    await clock.advanceBy(40);
    const error = await clock.run(() =>
      errorOf(
        retry(
          async () => {
            await sleep(10);
            throw failure;
          },
          { retries: 1, delay: () => 5 },
        ),
      ),
    );
    expect(attemptsOf(error)).toMatchObject([
      { attempt: 1, startedAt: 40, duration: 10, delay: 5 },
      { attempt: 2, startedAt: 55, duration: 10, delay: undefined },
    ]);
  });
});

describe("R27: where and when", () => {
  test("a call site leaves the stack limit as it was, and has no blanks around it", () => {
    const limit = Error.stackTraceLimit;
    try {
      Error.stackTraceLimit = 7;
      const site = callSite(undefined);
      expect([Error.stackTraceLimit, site?.trim()]).toEqual([7, site]);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });

  test("the frame of a service, of an immediate task, and of one with options of a user's own, has its age and no item", async () => {
    const frames: unknown[] = [];
    const note = (error: unknown): void => void frames.push(tasksOf(error)[0]);
    const own: { readonly name: string; readonly immediate: true } & { readonly index: number } = {
      name: "own",
      immediate: true,
      index: 7,
    };
    await clock.run(() =>
      taskGroup(
        async (group) => {
          await sleep(30);
          group.spawn(() => Promise.reject(new Error("own")), own);
          group.spawnService(
            async () => {
              await sleep(10);
              throw new Error("service");
            },
            { name: "service" },
          );
          await sleep(20);
        },
        { onTaskError: note },
      ),
    );
    expect(frames).toMatchObject([
      { task: "own", age: 0, item: undefined },
      { task: "service", age: 10, item: undefined },
    ]);
  });

  test("R24: each form of a spawn site becomes the place of a stack frame", () => {
    const error = new Error("404");
    const frame = (task: string, spawnedAt: string | undefined): TaskFrame => ({
      task,
      group: "group",
      spawnedAt,
      age: 0,
      item: undefined,
    });
    registry().tasks.set(error, [
      frame("called", "at main (file:///app.ts:1:2)"),
      frame("bare", "at file:///look at (this)/app.ts:3:4"),
      frame("unknown", undefined),
    ]);
    expect(taskStack(error).slice(String(error.stack).length).split("\n").slice(1)).toEqual([
      '    at task "called" (file:///app.ts:1:2)',
      '    at task "bare" (file:///look at (this)/app.ts:3:4)',
      '    at task "unknown"',
    ]);
  });
});
