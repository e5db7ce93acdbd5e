/** Programs that are debugged, in a process that the test owns. */
import { sleep } from "holdfast";
import "holdfast/inspect";
import type { MainContext } from "holdfast/lifecycle";
import { type FakeClock, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { afterAll, beforeAll } from "../harness.ts";
import { FakeProcess, start, type Started } from "./run-main-process.ts";

/** Where a watchdog would be: it is another thread, with a clock of its own. */
const WATCHDOG = Symbol.for("holdfast.beats/1");

/** A fake clock, and no watchdog, for all tests of a file. */
export function useDebugClock(): FakeClock {
  beforeAll(async () => {
    Reflect.set(globalThis, WATCHDOG, new Int32Array(1));
    // Loads the rest of what is loaded on demand, which takes its time on a busy machine.
    await (
      await debug(() => {})
    ).ended;
  });
  afterAll(() => void Reflect.deleteProperty(globalThis, WATCHDOG));
  return useFakeClock();
}

/** Starts a program that is debugged; resolves when main is called: loading is no matter of the clock. */
export async function debug(main: (context: MainContext) => unknown): Promise<Started> {
  const process = new FakeProcess();
  process.env = { HOLDFAST_DEBUG: "1" };
  const begun = new Gate();
  const started = start(
    (context) => {
      begun.open();
      return main(context);
    },
    { process: process.host, name: "main" },
  );
  await begun.promise;
  return { ...started, process };
}

/** What a program that is debugged was told, without places, up to its exit. */
export async function told(clock: FakeClock, main: (context: MainContext) => unknown): Promise<string> {
  const { process, ended } = await debug(main);
  await clock.run(() => ended);
  process.emit("exit");
  return process.stderr.written.replaceAll(/(?: at)? \S* ?\(?\S*debug[a-z-]*\.test\.ts:\d+:\d+\)?/gu, "");
}

/** Resolves after so many milliseconds, whatever is cancelled. */
export const later = (ms: number): Promise<void> => sleep(ms);
