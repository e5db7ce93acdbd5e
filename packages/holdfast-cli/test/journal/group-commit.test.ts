import { GroupCommit } from "../../src/journal/group-commit.ts";
import { expect, test } from "../harness.ts";
import { ManualTimer } from "./recording.ts";

function grouping(commit?: (batch: readonly number[]) => void): {
  group: GroupCommit<number>;
  timer: ManualTimer;
  batches: number[][];
  failures: unknown[];
} {
  const timer = new ManualTimer();
  const batches: number[][] = [];
  const failures: unknown[] = [];
  const group = new GroupCommit<number>({
    commit: commit ?? ((batch) => batches.push([...batch])),
    onTimerFailure: (error) => failures.push(error),
    schedule: timer.schedule,
  });
  return { group, timer, batches, failures };
}

test("group commit: what is added within 5 ms of the first is one commit", () => {
  const { group, timer, batches } = grouping();
  group.add(1);
  group.add(2);
  group.add(3);
  expect([batches, timer.log]).toEqual([[], ["set 5"]]);
  timer.fire();
  group.add(4);
  timer.fire();
  expect(batches).toEqual([[1, 2, 3], [4]]);
});

test("group commit: the 500th is committed at once, without a timer left behind", () => {
  const { group, timer, batches } = grouping();
  for (let n = 1; n <= 1001; n++) group.add(n);
  expect(batches.map((batch) => [batch.length, batch[0], batch.at(-1)])).toEqual([
    [500, 1, 500],
    [500, 501, 1000],
  ]);
  expect(timer.log).toEqual(["set 5", "clear", "set 5", "clear", "set 5"]);
  timer.fire();
  expect(batches[2]).toEqual([1001]);
});

test("group commit: flush commits what waits and nothing twice", () => {
  const { group, timer, batches } = grouping();
  group.flush();
  group.add(1);
  group.flush();
  group.flush();
  timer.fire();
  expect(batches).toEqual([[1]]);
});

test("group commit: drop forgets what waits and clears the timer", () => {
  const { group, timer, batches } = grouping();
  group.add(1);
  group.drop();
  expect(timer.log).toEqual(["set 5", "clear"]);
  timer.fire();
  group.flush();
  expect(batches).toEqual([]);
});

test("group commit: a failure reaches the caller of add, and from the timer the one who is to know", () => {
  const error = new Error("full");
  const { group, timer, failures } = grouping(() => {
    throw error;
  });
  group.add(1);
  timer.fire();
  expect(failures).toEqual([error]);
  group.add(2);
  expect(() => group.flush()).toThrow(error);
  expect(failures).toEqual([error]);
});
