import { StopControl, abortGrace } from "../../src/run/stop-control.ts";
import { expect, test } from "../harness.ts";
import { ManualClock, settled } from "../manual-clock.ts";

function open(drain: number) {
  const clock = new ManualClock();
  const stop = new StopControl(clock, drain);
  const log: string[] = [];
  stop.stopping.addEventListener("abort", () => log.push(`${clock.now()}: stopping ${String(stop.stopping.reason)}`));
  stop.signal.addEventListener("abort", () => log.push(`${clock.now()}: aborting ${String(stop.signal.reason)}`));
  void stop.gaveUp.then(() => log.push(`${clock.now()}: gave up`));
  return { clock, stop, log };
}

test("STOP-1: after a stop, what is in flight has the drain, then its signal aborts", async () => {
  const { clock, stop, log } = open(10_000);
  stop.stop("SIGINT");
  expect(stop.phase).toBe("stopping");
  clock.advance(9_999);
  expect(stop.phase).toBe("stopping");
  clock.advance(1);
  expect(stop.phase).toBe("aborting");
  await settled();
  expect(log).toEqual(["0: stopping SIGINT", "10000: aborting SIGINT"]);
});

test("a second stop aborts at once", () => {
  const { clock, stop, log } = open(10_000);
  stop.stop("SIGINT");
  clock.advance(100);
  stop.stop("SIGTERM");
  expect([stop.phase, stop.cause, log]).toEqual(["aborting", "SIGINT", ["0: stopping SIGINT", "100: aborting SIGINT"]]);
});

test("STOP-1: an abort is a stop first, and keeps the first cause", () => {
  const { stop, log } = open(10_000);
  stop.abort("disk full");
  stop.abort("SIGINT");
  stop.stop("SIGTERM");
  expect([stop.cause, log]).toEqual(["disk full", ["0: stopping disk full", "0: aborting disk full"]]);
});

test("STOP-2: what ignores its signal is given up after the grace", async () => {
  const { clock, stop, log } = open(0);
  stop.abort("enough");
  clock.advance(abortGrace - 1);
  await settled();
  expect(log).not.toContain(`${abortGrace}: gave up`);
  clock.advance(1);
  await settled();
  expect(log.at(-1)).toBe(`${abortGrace}: gave up`);
});

test("a run that is over leaves no timer", () => {
  const { clock, stop } = open(10_000);
  stop.stop("SIGINT");
  stop.dispose();
  expect(clock.pending).toBe(0);
});
