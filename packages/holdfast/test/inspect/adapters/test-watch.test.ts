/** Whom a task is laid to the charge of. */
import { type OpenTaskGroup, openTaskGroup, sleep, taskGroup } from "holdfast";
import type { ProcessDump } from "holdfast/inspect";
import { afterEach, expect, test } from "../../harness.ts";

interface Problem extends Error {
  readonly code: string;
  readonly tests: readonly string[];
  readonly dump: ProcessDump;
}
interface WatchedTest {
  timedOut(): Problem | undefined;
  end(): Promise<Problem | undefined>;
}

// Not exported: there is no other way to it than by its path. Holds: that is what is there.
const { TestWatch } = (await import(new URL("../../../src/inspect/adapters/test-watch.ts", import.meta.url).href)) as {
  readonly TestWatch: new () => { begin(name: string): WatchedTest };
};

const opened: OpenTaskGroup[] = [];
afterEach(async () => {
  for (const group of opened.splice(0)) await group[Symbol.asyncDispose]();
});

function open(name: string): OpenTaskGroup {
  const group = openTaskGroup({ name });
  opened.push(group);
  return group;
}

function leave(name: string, group: OpenTaskGroup = open(`group of ${name}`)): void {
  group.spawn((context) => context.sleep(60_000), { name });
}

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** The first line of what is said, and the names of what it shows. */
function gist(problem: Problem | undefined): unknown {
  if (problem === undefined) return undefined;
  return [problem.code, problem.message.split("\n")[0], ...problem.dump.scopes.map(({ name }) => name)];
}

test("a test that has ended with all that it has started is told nothing", async () => {
  const watched = new TestWatch().begin("clean");
  await taskGroup((group) => group.spawn(() => 1).join());
  expect(await watched.end()).toBe(undefined);
});

test("what a test has left is shown, and nothing that was there before it", async () => {
  leave("older");
  const watched = new TestWatch().begin("leaky");
  leave("left");
  expect(gist(await watched.end())).toEqual([
    "ERR_TASKS_LEFT",
    'test "leaky" left 1 task behind; await or cancel what it starts before it ends',
    "group of left",
    "left",
  ]);
});

test("groups and calls that are left are counted where no task is", async () => {
  const watched = new TestWatch().begin("leaky");
  open("idle");
  const { signal, abort } = abortable();
  const call = taskGroup((group) => sleep(60_000, group), { name: "call", signal }).catch(() => {});
  expect(gist(await watched.end())).toEqual([
    "ERR_TASKS_LEFT",
    'test "leaky" left 2 groups behind; await or cancel what it starts before it ends',
    "idle",
    "call",
  ]);
  abort();
  await call;
});

test("a task that a test has spawned in an older group belongs to that group", async () => {
  const shared = open("server");
  const watched = new TestWatch().begin("request");
  leave("connection", shared);
  expect(await watched.end()).toBe(undefined);
});

test("what was told to stop may do so before it is judged", async () => {
  const watched = new TestWatch().begin("closing");
  const group = open("closing");
  group.spawn(async (context) => {
    try {
      await context.sleep(60_000);
    } finally {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  });
  group.cancel();
  void group.close().catch(() => {});
  expect(await watched.end()).toBe(undefined);
});

test("TEST-WATCH-1: of tests that overlap the last to end answers for all, and the next begins anew", async () => {
  const watch = new TestWatch();
  const [first, second] = [watch.begin("first"), watch.begin("second")];
  leave("somebody's");
  const said = [await first.end(), await second.end(), await watch.begin("third").end()];
  expect(said.map(gist)).toEqual([
    undefined,
    [
      "ERR_TASKS_LEFT",
      'one of the tests that ran at the same time, "first", "second", left 1 task behind; await or cancel what it starts before it ends',
      "group of somebody's",
      "somebody's",
    ],
    undefined,
  ]);
});

test("a test that begins while another is judged answers for both", async () => {
  const watch = new TestWatch();
  const first = watch.begin("first");
  leave("of the first");
  const judged = first.end();
  const second = watch.begin("second");
  expect([await judged, (await second.end())?.tests]).toEqual([undefined, ["first", "second"]]);
});

test("a test that did not end shows how it was when its time was over, whatever its hooks have ended since", async () => {
  const watch = new TestWatch();
  const group = open("request");
  const watched = watch.begin("hangs");
  leave("query", group);
  watched.timedOut();
  await group[Symbol.asyncDispose]();
  expect(gist(await watched.end())).toEqual([
    "ERR_TEST_TIMEOUT",
    'test "hangs" did not end; this is what ran, and what it waited for',
    "request",
    "query",
  ]);
  expect(watched.timedOut()?.code).toBe("ERR_TEST_TIMEOUT");
});

test("a test that did not end does not show what others have left before it", async () => {
  const watch = new TestWatch();
  const leaky = watch.begin("leaky");
  leave("left");
  await leaky.end();
  const watched = watch.begin("hangs");
  leave("query");
  expect(watched.timedOut()?.dump.scopes.map(({ name }) => name)).toEqual(["group of query", "query"]);
});

test("more tasks than a dump lists are counted all the same", async () => {
  const watched = new TestWatch().begin("many");
  const group = open("many");
  for (let index = 0; index < 6000; index++) leave("one of many", group);
  const problem = await watched.end();
  expect(problem?.message.split("\n")[0]).toContain(" left 6000 tasks behind;");
});

test("nothing of an error but its text is enumerable: runners print all that is", async () => {
  const watched = new TestWatch().begin("leaky");
  leave("left");
  const problem = await watched.end();
  expect([problem?.name, problem === undefined ? undefined : Object.keys(problem)]).toEqual(["TasksLeftError", []]);
});
