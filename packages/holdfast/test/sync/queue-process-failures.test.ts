import { suppressedErrors } from "holdfast";
import { describe, expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";
import { left, queueOf, Work } from "./work.ts";

const reason = new Error("aborted");
const failure = new Error("failure");

describe("an item that fails", () => {
  test("QUEUE-PROCESS-2: ends it with that error itself; the others that run are cancelled and are back in the queue, in order", async () => {
    const queue = queueOf([1, 2, 3, 4, 5]);
    const work = new Work<number>();
    const error = errorOf(queue.process(work.run, { concurrency: 4 }));
    await turn();
    await work.fail(2, failure);
    expect(await error).toBe(failure);
    expect([work.started, queue.running, queue.size, left(queue)]).toEqual([[1, 2, 3, 4], 0, 4, [1, 3, 4, 5]]);
  });

  test("is waited for with the others: those that do not stop keep it from settling, and are done if they return", async () => {
    const queue = queueOf([1, 2, 3]);
    const gate = new Gate();
    const outcomes = new Outcomes();
    outcomes
      .note(
        "process",
        queue.process(
          (item, { signal }) =>
            item === 1
              ? turn().then(() => Promise.reject(failure))
              : item === 2
                ? gate.promise
                : waitUntilAborted(signal),
          {
            concurrency: 3,
          },
        ),
      )
      .catch(() => {});
    await turn();
    await turn();
    expect([await outcomes.names(), queue.running, queue.size]).toEqual([[], 1, 1]);
    gate.open();
    await turn();
    expect([outcomes.settled, left(queue)]).toEqual([[["process", failure]], [3]]);
  });

  test("and others that fail after it are in the error's suppressedErrors; they are not put back", async () => {
    const other = new Error("other");
    const queue = queueOf([1, 2]);
    const error = await errorOf(
      queue.process(
        (item, { signal }) => (item === 1 ? Promise.reject(failure) : waitUntilAborted(signal, () => other)),
        {
          concurrency: 2,
        },
      ),
    );
    expect([error, suppressedErrors(error), left(queue)]).toEqual([failure, [other], []]);
  });

  test("goes with its error to onDeadLetter, which is waited for, and the queue goes on", async () => {
    const queue = queueOf(["a", "b", "c"]);
    const letters: unknown[] = [];
    const gate = new Gate();
    const started: string[] = [];
    const processing = queue.process(
      (item) => {
        started.push(item);
        if (item !== "c") throw new Error(`${item} failed`);
      },
      {
        concurrency: 1,
        onDeadLetter: async (item, error) => {
          letters.push([item, String(error)]);
          if (item === "a") await gate.promise;
        },
      },
    );
    await turn();
    const before = [[...started], queue.running];
    gate.open();
    await processing;
    expect([before, started, letters, queue.isIdle]).toEqual([
      [["a"], 1],
      ["a", "b", "c"],
      [
        ["a", "Error: a failed"],
        ["b", "Error: b failed"],
      ],
      true,
    ]);
  });

  test("with an onDeadLetter that throws: that is thrown, with the item's error in its suppressedErrors", async () => {
    const broken = new Error("no disk");
    for (const onDeadLetter of [
      (): never => {
        throw broken;
      },
      (): Promise<void> => Promise.reject(broken),
    ]) {
      const queue = queueOf([1, 2, 3]);
      const error = await errorOf(
        queue.process((item, { signal }) => (item === 1 ? Promise.reject(failure) : waitUntilAborted(signal)), {
          concurrency: 2,
          onDeadLetter,
        }),
      );
      expect([error, suppressedErrors(error), left(queue)]).toEqual([broken, [failure], [2, 3]]);
    }
  });

  test("QUEUE-PROCESS-2: with an onDeadLetter that a cancellation cuts short: is back in the queue", async () => {
    const queue = queueOf([1, 2]);
    const controller = new AbortController();
    const { signal } = controller;
    const processing = queue.process(() => Promise.reject(failure), {
      concurrency: 1,
      signal,
      onDeadLetter: () => waitUntilAborted(signal),
    });
    await turn();
    controller.abort(reason);
    const error = await errorOf(processing);
    expect([error, suppressedErrors(error), left(queue)]).toEqual([reason, [failure], [1, 2]]);
  });
});
