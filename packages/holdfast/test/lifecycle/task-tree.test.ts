/** What the process's own tasks are doing, as a tree. */
import { retry, sleep, taskGroup, timeout } from "holdfast";
import { taskTree } from "holdfast/lifecycle";
import type { TaskTreeNode } from "holdfast/lifecycle";
import { Queue, Semaphore } from "holdfast/sync";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

/** Without the places, which depend on the file. */
function text(): string {
  return String(taskTree()).replaceAll(/, spawned [^\n]*/gu, "");
}

test("TREE-1: everything that runs or waits is below its owner, with what it waits for, its age and its deadline", async () => {
  const queue = new Queue<number>({ capacity: 1, name: "orders" });
  const running = taskGroup(
    async (group) => {
      group.spawn(({ sleep: pause }) => pause(5_000), { name: "sleeper" });
      group.spawn(({ signal }) => queue.get({ signal }), { name: "consumer" });
      group.spawn(
        (context) =>
          timeout(
            2_000,
            async function fetchPrice({ signal }) {
              await sleep(60_000, { signal });
            },
            context,
          ).catch(() => {}),
        { name: "price" },
      );
      group.spawn(
        ({ signal }) =>
          taskGroup(
            async (inner) => {
              inner.spawn(({ sleep: pause }) => pause(3_000), { name: "child" });
            },
            { signal, name: "inner" },
          ),
        { name: "parent" },
      );
      await group.spawn(() => {}, { name: "short" }).join();
      queue.tryPut(1);
      await sleep(1_500, { signal: group.signal });
    },
    { name: "outer", timeout: 10_000 },
  );
  await clock.advanceBy(1_250);
  expect(text()).toBe(
    [
      'group "outer", waits for sleep, 8.8 s left',
      '├─ task "sleeper", running for 1.3 s, waits for sleep, 8.8 s left',
      '├─ task "price", running for 1.3 s, 8.8 s left',
      '│  └─ call "price", waits for sleep, 750 ms left',
      '└─ task "parent", running for 1.3 s, 8.8 s left',
      '   └─ group "inner", 8.8 s left',
      '      └─ task "child", running for 1.3 s, waits for sleep, 8.8 s left',
    ].join("\n"),
  );
  expect(taskTree()).toMatchObject({ version: 1, tasks: 4, omitted: 0 });
  await clock.advanceUntilIdle();
  await running;
  expect(text()).toBe("no tasks");
});

test("a node has the place where it was spawned, its id and its state", async () => {
  const running = taskGroup(
    async (group) => {
      const first = group.spawn(({ sleep: pause }) => pause(100), { name: "first" });
      group.spawn(() => {}, { name: "second" });
      const [tree] = taskTree().roots;
      expect(tree).toMatchObject({
        kind: "group",
        name: "limited",
        id: undefined,
        state: undefined,
        cancelled: undefined,
      });
      expect(tree?.spawnedAt).toContain("task-tree.test.ts");
      expect(tree?.children.map(({ name, state, age }) => ({ name, state, age }))).toEqual([
        { name: "first", state: "waiting", age: undefined },
        { name: "second", state: "waiting", age: undefined },
      ]);
      expect(tree?.children[0]).toMatchObject({ kind: "task", id: first.id, sawSignal: false });
      expect(tree?.children[0]?.spawnedAt).toContain("task-tree.test.ts");
    },
    { name: "limited", concurrency: 1 },
  );
  await clock.advanceUntilIdle();
  await running;
});

test("who was cancelled says why, and by whom, and whether it can know", async () => {
  let release = (): void => {};
  const deaf = new Promise<void>((resolve) => {
    release = resolve;
  });
  const running = taskGroup(
    async (group) => {
      group.spawn(() => deaf, { name: "deaf" });
      await turn();
      group.cancel("enough");
    },
    { name: "request" },
  );
  await clock.runCurrent();
  const [tree] = taskTree().roots;
  expect(tree?.cancelled).toMatchObject({ kind: "cancel", by: expect.stringContaining("task-tree.test.ts") });
  expect(tree?.children[0]).toMatchObject({ name: "deaf", state: "running", sawSignal: false, cancelled: undefined });
  release();
  await running;
});

test("waits under a foreign signal are below its calls, and the signal itself is no node", async () => {
  const { signal } = new AbortController();
  const semaphore = new Semaphore(1);
  const running = Promise.all([
    semaphore.run(({ sleep: pause }) => pause(10), { signal, name: "holder" }),
    semaphore.run(() => {}, { signal, name: "next" }),
    retry(({ sleep: pause }) => pause(10), { signal, name: "poll", timeout: 100 }),
  ]);
  await turn();
  const { roots } = taskTree();
  const flat = (nodes: readonly TaskTreeNode[]): string[] =>
    nodes.flatMap((node) => [`${node.kind} ${node.name}: ${node.waitsFor.join()}`, ...flat(node.children)]);
  expect(flat(roots)).toEqual(["call holder: sleep", "call poll: ", "call poll: sleep"]);
  await clock.advanceUntilIdle();
  await running;
});

test("TREE-1: beyond the limit tasks are counted, and the text says so", async () => {
  const running = taskGroup(
    async (group) => {
      for (let index = 0; index < 100; index++) group.spawn(({ sleep: pause }) => pause(10), { name: `task ${index}` });
      await turn();
      const tree = taskTree({ limit: 11 });
      expect(tree.roots[0]?.children.length).toBe(10);
      expect({ tasks: tree.tasks, omitted: tree.omitted }).toEqual({ tasks: 100, omitted: 90 });
      expect(String(tree).split("\n").at(-1)).toBe("and 90 more groups, tasks and calls");
    },
    { name: "many" },
  );
  await clock.advanceUntilIdle();
  await running;
});

test("the tree is JSON as it is", async () => {
  const running = taskGroup(({ spawn }) => void spawn(({ sleep: pause }) => pause(10), { name: "one" }), {
    name: "all",
  });
  await turn();
  expect(JSON.parse(JSON.stringify(taskTree()))).toMatchObject({
    version: 1,
    tasks: 1,
    omitted: 0,
    roots: [{ kind: "group", name: "all", children: [{ kind: "task", name: "one", waitsFor: ["sleep"] }] }],
  });
  await clock.advanceUntilIdle();
  await running;
});

test("what a name brings along can't move the cursor", async () => {
  const running = taskGroup(
    ({ spawn }) => void spawn(({ sleep: pause }) => pause(10), { name: "\u001b[2Jclear\nline" }),
  );
  await turn();
  expect(text()).toBe('group "group"\n└─ task "\\u001b[2Jclear\\nline", running for 0 ms, waits for sleep');
  await clock.advanceUntilIdle();
  await running;
});

test("a reason, and who gave it, are in the line of their task", async () => {
  const gate = new Gate();
  const running = taskGroup(
    async (group) => {
      group.spawn(() => gate.promise, { name: "deaf" });
      group.spawn(() => Promise.reject(new Error("x")), { name: "a\n└─ forged" });
    },
    { name: "g\nh" },
  ).catch(() => {});
  await clock.runCurrent();
  expect(text()).toBe(
    [
      'group "g\\nh", cancelled: group "g\\nh" was cancelled because task "a\\n└─ forged" failed (by task "a\\n└─ forged")',
      '└─ task "deaf", running for 0 ms',
    ].join("\n"),
  );
  gate.open();
  await running;
});
