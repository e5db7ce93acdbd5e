import { Latch } from "holdfast/sync";
import { kidsOf, scopeOf } from "holdfast/lowlevel";
import { describe, expect, test } from "../harness.ts";
import { errorOf } from "../core/outcome.ts";
import { Outcomes } from "./outcomes.ts";

const reason = new Error("aborted");

describe("Latch", () => {
  test("is closed at first, unless told", () => {
    expect([new Latch().isOpen, new Latch(true).isOpen]).toEqual([false, true]);
  });

  test("LATCH-1: opening it wakes everybody who waits, in the order in which they came", async () => {
    const latch = new Latch();
    const outcomes = new Outcomes();
    for (const name of ["a", "b", "c"]) void outcomes.note(name, latch.wait());
    const before = [await outcomes.names(), latch.waiting];
    latch.open();
    expect([...before, await outcomes.names(), latch.waiting, latch.isOpen]).toEqual([[], 3, ["a", "b", "c"], 0, true]);
  });

  test("lets everybody through while it is open, and nobody who comes after it was closed", async () => {
    const latch = new Latch();
    latch.open();
    latch.open();
    await latch.wait();
    latch.close();
    const outcomes = new Outcomes();
    void outcomes.note("late", latch.wait());
    expect([await outcomes.names(), latch.isOpen]).toEqual([[], false]);
    latch.open();
    expect(await outcomes.names()).toEqual(["late"]);
  });

  test("LATCH-1: closing it in the turn in which it was opened takes nobody back", async () => {
    const latch = new Latch();
    const outcomes = new Outcomes();
    void outcomes.note("early", latch.wait());
    latch.open();
    latch.close();
    void outcomes.note("late", latch.wait());
    expect([await outcomes.names(), latch.waiting]).toEqual([["early"], 1]);
    latch.open();
  });

  test("who is cancelled leaves at once, with the reason of the signal, and disturbs nobody", async () => {
    const latch = new Latch();
    const controller = new AbortController();
    const outcomes = new Outcomes();
    void outcomes.note("first", latch.wait());
    outcomes.note("cancelled", latch.wait({ signal: controller.signal })).catch(() => {});
    void outcomes.note("last", latch.wait());
    expect(kidsOf(scopeOf(controller.signal))).toMatchObject([{ kind: "latch", resource: latch }]);
    controller.abort(reason);
    expect([latch.waiting, await outcomes.names()]).toEqual([2, ["cancelled"]]);
    latch.open();
    await outcomes.names();
    expect(outcomes.settled).toEqual([
      ["cancelled", reason],
      ["first", undefined],
      ["last", undefined],
    ]);
  });

  test("rejects under a signal that is aborted, although it is open", async () => {
    expect(await errorOf(new Latch(true).wait({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});
