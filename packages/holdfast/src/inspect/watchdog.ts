/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Says which line and which task blocks the event loop, while it is still blocked.
 *
 *   main thread:  a timer counts up ──────────────╮ shared memory
 *   watchdog:     sees the count stand still ◀────╯, interrupts the main thread through V8's inspector, and reads its stack
 *
 * The interrupted code goes on as if nothing had happened: all that runs in between is `new Error().stack`. Which task it is, is in the stack, because tasks are given their names while
 * a watchdog is there: as V8 prints them, `at async task 3 "report".run`. Native code (a long `JSON.parse`, `execSync`) is not interrupted: the line that has called it is named when it returns.
 *
 * Invariants
 * - WATCHDOG-1: a stall is reported once, however long it is; one that is shorter than the threshold never.
 * - WATCHDOG-2: it does not keep the process alive.
 */
import { isMainThread, Worker } from "node:worker_threads";
import { checkDuration, setProbe, startWatchdog } from "../core/lowlevel.ts";
import { setTag } from "./tag.ts";
import { printable } from "./text.ts";
import { readTree, type TreeScope } from "./tree.ts";
import { homeOf } from "./user-frames.ts";
import { BEATS, BEATS_KEY, watchdogSource } from "./watchdog-thread.ts";

/** For {@link watchdog}. */
export interface WatchdogOptions {
  /** Milliseconds that the loop may stand still, from 20 up. Default 200. */
  readonly threshold?: number | undefined;
}

/**
 * Starts a thread that writes to stderr when the event loop of the main thread has not turned for `threshold` milliseconds or somewhat more: for how long, in which task, and at which line. Costs a timer, the
 * memory of a thread, and a name for each task that starts. One at a time; until it is disposed of.
 *
 * @throws {RangeError | TypeError} for a threshold below 20, or NaN
 * @throws {Error} where the host allows no threads
 * @throws {TypeError} in a worker thread, which no other thread can interrupt; and for a second one
 */
export function watchdog(options?: WatchdogOptions): Disposable {
  const { threshold = 200 } = options ?? {};
  checkDuration("threshold", threshold, 20, "watchdog");
  if (!isMainThread) throw new TypeError("watchdog watches the main thread only; call it there");
  if (Reflect.has(globalThis, BEATS_KEY)) throw new TypeError("watchdog is on already; dispose of that one first");
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(watchdogSource, {
    eval: true,
    // It must not run what the program preloads: that may be what has started it.
    execArgv: [],
    workerData: { beats, threshold, home: homeOf() },
  });
  thread.unref();
  // Not before: where no thread can be started, nothing is on.
  Reflect.set(globalThis, BEATS_KEY, beats);
  const untagAll = tagTasks();
  let isOn = true;
  const beat = (): void => {
    if (!isOn) return;
    Atomics.add(beats, 0, 1);
    startWatchdog(beat, threshold / BEATS);
  };
  beat();
  return {
    [Symbol.dispose]: () => {
      if (!isOn) return;
      isOn = false;
      untagAll();
      Reflect.deleteProperty(globalThis, BEATS_KEY);
      void thread.terminate();
    },
  };
}

/** Gives every task its name in stacks, those that run and those that will start. Returns what ends that. */
function tagTasks(): () => void {
  const name = (subject: TreeScope): void => {
    if (subject.id !== undefined) setTag(subject, printable(`task ${subject.id} "${subject.name}"`));
  };
  for (const { scope } of readTree(Infinity).entries) name(scope);
  const before = setProbe((event, subject) => {
    // Holds: what starts is a task.
    if (event === "start") name(subject as TreeScope);
    before?.(event, subject);
  });
  return () => {
    setProbe(before);
    for (const { scope } of readTree(Infinity).entries) setTag(scope, undefined);
  };
}
