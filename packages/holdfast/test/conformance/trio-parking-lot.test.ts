/**
 * trio's src/trio/_core/_tests/test_parking_lot.py. A parking lot is what locks are made of there, and in everybody's reach; here lines are inside. What they do is told of who stands in them:
 * a latch wakes all, a semaphore as many as there are permits. The titles carry the names from there; README.md has the list.
 */
import { taskGroup } from "holdfast";
import { Latch, Mutex, type Permit, Semaphore } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { Outcomes } from "../sync/outcomes.ts";

const reason = new Error("aborted");

/** All of its permits, held: whoever asks waits. */
function allOf(semaphore: Semaphore): Permit[] {
  const held: Permit[] = [];
  for (let permit = semaphore.tryAcquire(); permit !== undefined; permit = semaphore.tryAcquire()) held.push(permit);
  return held;
}

test("trio test_parking_lot_basic: opening wakes all who wait, in one go; there may be nobody", async () => {
  const latch = new Latch();
  const outcomes = new Outcomes();
  const waiting = [latch.waiting];
  for (const name of ["0", "1", "2"]) void outcomes.note(name, latch.wait());
  const before = await outcomes.names();
  waiting.push(latch.waiting);
  latch.open();
  waiting.push(latch.waiting);
  const after = await outcomes.names();
  latch.close();
  latch.open();
  expect([waiting, before, after]).toEqual([[0, 3, 0], [], ["0", "1", "2"]]);
});

test("trio test_parking_lot_basic: waking one by one is strictly first come, first served", async () => {
  const semaphore = new Semaphore(3);
  const permits = allOf(semaphore);
  const outcomes = new Outcomes();
  for (const name of ["0", "1", "2"]) void outcomes.note(name, semaphore.acquire());
  const log: unknown[] = [await outcomes.names()];
  for (const permit of permits) {
    permit.release();
    log.push(await outcomes.names(), semaphore.waiting);
  }
  expect(log).toEqual([[], ["0"], 2, ["0", "1"], 1, ["0", "1", "2"], 0]);
});

test("trio test_parking_lot_basic: waking two of three leaves the third; a number that is none is refused", async () => {
  const semaphore = new Semaphore(3);
  const permits = allOf(semaphore);
  const outcomes = new Outcomes();
  for (const name of ["0", "1", "2"]) void outcomes.note(name, semaphore.acquire());
  for (const permit of permits.slice(1)) permit.release();
  expect([await outcomes.names(), semaphore.waiting]).toEqual([["0", "1"], 1]);
  expect(() => new Semaphore(1.5)).toThrow("permits must be an integer >= 1 or Infinity, got 1.5 (number)");
});

test("trio test_parking_lot_cancel: who is cancelled leaves the line, and only that one", async () => {
  const latch = new Latch();
  const outcomes = new Outcomes();
  const controller = new AbortController();
  void outcomes.note("1", latch.wait());
  outcomes.note("2", latch.wait({ signal: controller.signal })).catch(() => {});
  void outcomes.note("3", latch.wait());
  const before = await outcomes.names();
  controller.abort(reason);
  const cancelled = [await outcomes.names(), latch.waiting];
  latch.open();
  await turn();
  expect([before, cancelled, outcomes.settled]).toEqual([
    [],
    [["2"], 2],
    [
      ["2", reason],
      ["1", undefined],
      ["3", undefined],
    ],
  ]);
});

test("trio test_parking_lot_cancel: a permit goes past who was cancelled to the next in line", async () => {
  const semaphore = new Semaphore(1);
  const [permit] = allOf(semaphore);
  const outcomes = new Outcomes();
  const controller = new AbortController();
  const cancelled = semaphore.acquire({ signal: controller.signal });
  void outcomes.note("next", semaphore.acquire());
  controller.abort(reason);
  permit?.release();
  expect([await errorOf(cancelled), await outcomes.names(), semaphore.available, semaphore.waiting]).toEqual([
    reason,
    ["next"],
    0,
    0,
  ]);
});

test("trio test_parking_lot_breaker_basic: a lock is not broken when its holder dies: who fails or is cancelled gives it back, and the next has it", async () => {
  const mutex = new Mutex();
  const failure = new Error("the holder died");
  const gate = new Gate<never>();
  const controller = new AbortController();
  const outcomes = new Outcomes();
  const dead = errorOf(taskGroup((group) => void group.spawn(() => mutex.run(() => gate.promise))));
  await turn();
  outcomes
    .note(
      "second",
      mutex.run(({ sleep: pause }) => pause(Infinity), { signal: controller.signal }),
    )
    .catch(() => {});
  void outcomes.note(
    "third",
    mutex.run(() => "has it"),
  );
  const waiting = mutex.waiting;
  gate.fail(failure);
  expect(await dead).toMatchObject({ name: "ErrorGroup", errors: [failure] });
  const afterFailure = [await outcomes.names(), mutex.waiting];
  controller.abort(reason);
  await turn();
  expect([waiting, afterFailure, outcomes.settled, mutex.available]).toEqual([
    2,
    [[], 1],
    [
      ["second", reason],
      ["third", "has it"],
    ],
    1,
  ]);
});
