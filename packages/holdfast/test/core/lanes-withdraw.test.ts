/** Inputs of one's own that can take back what they gave. */
import { forEach, onLateError } from "holdfast";
import type { Withdrawable } from "holdfast/lowlevel";
import { turn } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "./outcome.ts";
import { expect, test } from "../harness.ts";

const reason = new Error("stop");

/** Gives 1, 2, 3, each when it is let; notes what it is asked. */
class Input implements AsyncIterable<number>, AsyncIterator<number, undefined>, Withdrawable {
  readonly log: string[] = [];
  readonly gates: readonly Gate[] = [new Gate(), new Gate(), new Gate()];
  #next: number = 0;

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<number, undefined>> {
    const gate = this.gates[this.#next++];
    this.log.push("next");
    await gate?.promise;
    return gate === undefined ? { done: true, value: undefined } : { done: false, value: this.#next };
  }

  async return(): Promise<IteratorResult<number, undefined>> {
    this.log.push("return");
    return { done: true, value: undefined };
  }

  "holdfast.withdraw/1"(): void {
    this.log.push("withdraw");
    this.gates[this.#next - 1]?.open();
  }
}

test("a cancellation withdraws the next() that waits, in its own turn, and then closes the input", async () => {
  const input = new Input();
  const outer = new AbortController();
  const started: number[] = [];
  const run = errorOf(forEach(input, (item) => void started.push(item), { concurrency: 2, signal: outer.signal }));
  await turn();
  outer.abort(reason);
  expect(input.log).toEqual(["next", "withdraw"]);
  expect([await run, input.log, started]).toEqual([reason, ["next", "withdraw", "return"], []]);
});

test("a cancellation while an item runs, and none is asked for, withdraws nothing", async () => {
  const input = new Input();
  const outer = new AbortController();
  const gate = new Gate();
  input.gates[0]?.open();
  const run = errorOf(forEach(input, () => gate.promise, { concurrency: 1, signal: outer.signal }));
  await turn();
  outer.abort(reason);
  gate.open();
  expect([await run, input.log]).toEqual([reason, ["next", "return"]]);
});

test("nothing is withdrawn of an input that has been read to its end", async () => {
  const input = new Input();
  const outer = new AbortController();
  const gate = new Gate();
  for (const each of input.gates) each.open();
  const run = forEach(input, () => gate.promise, { concurrency: 4, signal: outer.signal });
  await turn();
  outer.abort(reason);
  gate.open();
  await run;
  expect(input.log).toEqual(["next", "next", "next", "next"]);
});

test("R17: what a withdrawal throws is reported once, and the rest is cancelled all the same", async () => {
  const problem = new Error("withdraw");
  class Broken extends Input {
    override "holdfast.withdraw/1"(): void {
      super["holdfast.withdraw/1"]();
      throw problem;
    }
  }
  const late: unknown[] = [];
  const listener = onLateError((error) => void late.push(error));
  const outer = new AbortController();
  const run = errorOf(forEach(new Broken(), () => {}, { concurrency: 1, signal: outer.signal }));
  await turn();
  outer.abort(reason);
  expect([await run, late]).toEqual([reason, [problem]]);
  listener[Symbol.dispose]();
});
