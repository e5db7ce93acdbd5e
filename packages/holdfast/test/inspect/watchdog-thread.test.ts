/** What the thread of a watchdog says, with a clock, a count and an inspector of the test's. */
import { runInNewContext } from "node:vm";
import { expect, test } from "../harness.ts";

// No entry of the package exports it. Holds: that is what is there.
const { watchdogSource } = (await import(new URL("../../src/inspect/watchdog-thread.ts", import.meta.url).href)) as {
  readonly watchdogSource: string;
};

const THRESHOLD = 200;

class Thread {
  time = 0;
  beat = 0;
  readonly said: string[] = [];
  #look: () => void = () => {};

  constructor() {
    const thread = this;
    class Session {
      connectToMainThread(): void {}
      disconnect(): void {}
      post(_method: string, _parameters: object, answer: (error: null, result: object) => void): void {
        answer(null, { result: { value: JSON.stringify([thread.beat, "Error\n    at parse (/app.mjs:3:3)"]) } });
      }
    }
    const modules: Readonly<Record<string, object>> = {
      "node:inspector": { Session },
      "node:fs": { writeSync: (_fd: number, text: string) => thread.said.push(text) },
      "node:worker_threads": { workerData: { beats: [0], threshold: THRESHOLD, home: null } },
    };
    runInNewContext(watchdogSource, {
      require: (name: string) => modules[name],
      performance: { now: () => this.time },
      Atomics: { load: () => this.beat },
      setTimeout: (look: () => void) => (this.#look = look),
    });
  }

  /** It looks after `ms`; by then the main thread has counted, or not. */
  after(ms: number, hasCounted: boolean): void {
    this.time += ms;
    if (hasCounted) this.beat++;
    this.#look();
  }
}

test("WATCHDOG-1: a stall is told once, also when the thread that watches was late itself meanwhile", () => {
  const thread = new Thread();
  thread.after(50, true);
  for (let looks = 0; looks < 10; looks++) thread.after(50, false);
  const first = [...thread.said];
  // The machine gives it no time, then time again.
  thread.after(THRESHOLD + 1, false);
  for (let looks = 0; looks < 10; looks++) thread.after(50, false);
  expect([first, thread.said]).toEqual([
    ["holdfast: the event loop has been blocked for 250 ms\n    at parse (/app.mjs:3:3)\n"],
    first,
  ]);
  // The next one is another.
  thread.after(50, true);
  for (let looks = 0; looks < 10; looks++) thread.after(50, false);
  expect(thread.said.length).toBe(2);
});

test("WATCHDOG-1: who was late itself has seen no stall, for as long as it did not look", () => {
  const thread = new Thread();
  thread.after(50, true);
  thread.after(THRESHOLD + 1, false);
  for (let looks = 0; looks < 4; looks++) thread.after(50, false);
  const early = [...thread.said];
  thread.after(50, false);
  expect([early, thread.said.length]).toEqual([[], 1]);
});
