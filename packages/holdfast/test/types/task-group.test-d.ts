/** What users' editors infer for task groups, and what must not compile. */
import { expectTypeOf } from "expect-type";
import { taskGroup } from "holdfast";
import type { Result, Task, TaskContext, TaskGroup, TaskState } from "holdfast";
import { describe, test } from "../harness.ts";

declare const group: TaskGroup;

describe("taskGroup", () => {
  test("resolves with what the body returns, awaited", () => {
    expectTypeOf(taskGroup(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(taskGroup(async () => "text")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(taskGroup(() => {})).toEqualTypeOf<Promise<void>>();
  });

  test("gives the body a group and takes strict options", () => {
    void taskGroup((inner) => void expectTypeOf(inner).toEqualTypeOf<TaskGroup>());
    void taskGroup(() => 1, { signal: undefined, name: undefined });
    // @ts-expect-error a signal, not its controller
    void taskGroup(() => 1, { signal: new AbortController() });
    // @ts-expect-error no such option
    void taskGroup(() => 1, { nmae: "group" });
  });
});

describe("spawn", () => {
  test("gives a task of what the function returns, awaited", () => {
    expectTypeOf(group.spawn(() => 1)).toEqualTypeOf<Task<number>>();
    expectTypeOf(group.spawn(async () => ["a"])).toEqualTypeOf<Task<string[]>>();
    expectTypeOf(group.spawn(() => {})).toEqualTypeOf<Task<void>>();
  });

  test("gives the function one context", () => {
    group.spawn((context) => void expectTypeOf(context).toEqualTypeOf<TaskContext>());
    group.spawn(({ signal, sleep, timeLeft }) => {
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(timeLeft).toEqualTypeOf<number>();
      expectTypeOf(sleep(1)).toEqualTypeOf<Promise<void>>();
    });
  });

  test("refuses a promise where a function belongs", () => {
    // @ts-expect-error already started, so nobody could cancel it
    group.spawn(Promise.resolve(1));
  });

  test("members can be taken from the group and the context without losing this", () => {
    const { spawn, cancel } = group;
    expectTypeOf(spawn(() => 1)).toEqualTypeOf<Task<number>>();
    expectTypeOf(cancel).toBeFunction();
  });
});

describe("a task", () => {
  const task = group.spawn(() => 1);

  test("is joined to its value or looked at as a result", () => {
    expectTypeOf(task.join()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(task.settled()).toEqualTypeOf<Promise<Result<number>>>();
    expectTypeOf(task.outcome()).toEqualTypeOf<Result<number> | undefined>();
    expectTypeOf(task.state).toEqualTypeOf<TaskState>();
  });

  test("is not thenable, so that await can't join it by accident", () => {
    expectTypeOf(task).not.toHaveProperty("then");
  });

  test("of something narrower is a task of something wider, never the other way round", () => {
    expectTypeOf<Task<1>>().toExtend<Task<number>>();
    expectTypeOf<Task<number>>().not.toExtend<Task<string>>();
  });
});
