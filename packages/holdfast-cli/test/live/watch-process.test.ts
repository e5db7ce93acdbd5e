import type { LiveCancellation, LiveGauges, LiveSnapshot } from "holdfast/inspect";
import type { LiveConnection } from "../../src/live/live-connection.ts";
import { ProcessWatch } from "../../src/live/watch-process.ts";
import type { WatchOptions } from "../../src/live/watch-process.ts";
import { beforeEach, describe, expect, test } from "../harness.ts";
import { ManualClock, settled } from "../manual-clock.ts";
import { dump, gauges } from "./fake-watched.ts";

/** A process that answers when it is told to, or at once. */
class FakeConnection implements LiveConnection {
  readonly closed: Promise<void> = new Promise(() => {});
  readonly log: string[] = [];
  isClosed = false;
  pause = 1;
  /** What is asked waits in it, while it is there. */
  silence: (() => void)[] | undefined;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  sinceLast(): Promise<LiveGauges> {
    return this.#answer("numbers", gauges);
  }
  snapshot(): Promise<LiveSnapshot> {
    return this.#answer("tasks", { dump, pause: this.pause, allowsCancel: true });
  }
  cancel(id: number): Promise<LiveCancellation> {
    return this.#answer(`cancel ${id}`, { id, isCancelled: true, why: undefined });
  }
  close(): void {
    this.isClosed = true;
  }

  #answer<T>(question: string, answer: T): Promise<T> {
    this.log.push(`${this.#clock.now()}: ${question}`);
    return new Promise((resolve, reject) => {
      const settle = (): void => (this.isClosed ? reject(new Error("hung up")) : resolve(answer));
      if (this.silence === undefined) settle();
      else this.silence.push(settle);
    });
  }
}

let clock: ManualClock;
let connection: FakeConnection;
let seen: string[];
beforeEach(() => {
  clock = new ManualClock();
  connection = new FakeConnection(clock);
  seen = [];
});

function watchWith(options: Partial<WatchOptions> = {}): ProcessWatch {
  return new ProcessWatch({
    pid: 4711,
    connection,
    clock,
    interval: 1000,
    count: Infinity,
    isPaused: () => false,
    onChange: ({ silence, blockedBy }, isSnapshot) => {
      const silent = silence === undefined ? "" : ` silent for ${silence}`;
      seen.push(
        `${clock.now()}:${isSnapshot ? " tasks" : ""}${silent}${blockedBy === undefined ? "" : ` by ${String(blockedBy)}`}`,
      );
    },
    findBlock: () => Promise.resolve("a loop"),
    ...options,
  });
}

async function advance(ms: number): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end;) {
    await settled();
    clock.advance(50);
  }
  await settled();
}

describe("ProcessWatch", () => {
  test("asks for numbers and tasks at each interval; the first numbers are about nothing and are not shown", async () => {
    const watch = watchWith({ count: 3 });
    const running = watch.run();
    await advance(3000);
    await running;
    expect([connection.log, seen, connection.isClosed, clock.pending]).toEqual([
      ["0: numbers", "250: numbers", "250: tasks", "1250: numbers", "1250: tasks", "2250: numbers", "2250: tasks"],
      ["250: tasks", "1250: tasks", "2250: tasks"],
      true,
      0,
    ]);
  });

  test("WATCH-1: tasks that take the process 100 ms are asked for every two seconds after the first time, numbers as before", async () => {
    connection.pause = 100;
    const watch = watchWith({ count: 3 });
    const running = watch.run();
    await advance(5000);
    await running;
    expect(connection.log.filter((line) => line.endsWith("tasks"))).toEqual([
      "250: tasks",
      "1250: tasks",
      "3250: tasks",
    ]);
    expect(connection.log.filter((line) => line.endsWith("numbers")).length).toBe(5);
  });

  test("while it is paused only numbers are asked for; when it goes on tasks at once", async () => {
    let isPaused = true;
    const watch = watchWith({ isPaused: () => isPaused });
    const running = watch.run();
    await advance(2000);
    isPaused = false;
    watch.refresh();
    await settled();
    watch.stop();
    await running;
    expect(connection.log).toEqual(["0: numbers", "250: numbers", "1250: numbers", "2000: numbers", "2000: tasks"]);
  });

  test("a task is cancelled between two questions, and what became of it is told", async () => {
    const watch = watchWith();
    const running = watch.run();
    await advance(500);
    const answers: LiveCancellation[] = [];
    watch.cancel(7, (answer) => answers.push(answer));
    await settled();
    watch.stop();
    await running;
    expect([answers, connection.log.slice(3)]).toEqual([
      [{ id: 7, isCancelled: true, why: undefined }],
      ["500: cancel 7", "500: numbers"],
    ]);
  });

  test("a process that does not answer is said not to after a second; after three it is asked once what it runs", async () => {
    let sought = 0;
    const watch = watchWith({
      findBlock: () => {
        sought += 1;
        return Promise.resolve("a loop");
      },
    });
    const running = watch.run();
    await advance(500);
    connection.silence = [];
    await advance(4000);
    const answer = connection.silence;
    connection.silence = undefined;
    for (const settle of answer) settle();
    await settled();
    watch.stop();
    await running;
    expect([sought, seen.slice(0, 2), seen.find((line) => line.includes(" by ")), seen.at(-1)]).toEqual([
      1,
      ["250: tasks", "2250: silent for 1000"],
      "4250: silent for 3000 by a loop",
      "4500: tasks",
    ]);
  });

  test("after a silence it goes on as before: nothing is asked twice", async () => {
    const watch = watchWith();
    const running = watch.run();
    await advance(500);
    connection.silence = [];
    await advance(4000);
    const [answer] = connection.silence;
    connection.silence = undefined;
    answer?.();
    await advance(1500);
    watch.stop();
    await running;
    expect(connection.log.slice(3)).toEqual(["1250: numbers", "4500: tasks", "5500: numbers", "5500: tasks"]);
  });

  test("it ends at once when it is told to, also while an answer is missing", async () => {
    connection.silence = [];
    const watch = watchWith();
    const running = watch.run();
    await advance(100);
    watch.stop();
    for (const settle of connection.silence) settle();
    await running;
    expect([connection.isClosed, clock.pending]).toEqual([true, 0]);
  });

  test("a process that hangs up ends it with that error", async () => {
    const watch = watchWith();
    const running = watch.run();
    await advance(500);
    connection.isClosed = true;
    const failed = expect(running).rejects.toThrow("hung up");
    await advance(1000);
    await failed;
    expect(clock.pending).toBe(0);
  });
});
