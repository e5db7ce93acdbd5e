import { dump } from "holdfast/inspect";
import type { DumpedScope, ProcessDump } from "holdfast/inspect";
import { findingsOf } from "../../src/inspect/findings.ts";
import type { Look } from "../../src/inspect/look.ts";
import { expect, test } from "../harness.ts";

const main = "file:///app.mjs:9:1";

/** A process with these calls suspended, each `seenBefore` times. */
function lookAt(
  stacks: readonly (readonly string[])[],
  running: readonly string[] = [],
  resources: Readonly<Record<string, number>> = {},
  seenBefore: number = 0,
): Look {
  const outside = stacks.map((_, stack) => ({
    kind: "promise",
    seenBefore,
    seenFor: seenBefore === 0 ? undefined : 1000,
    isLost: false,
    what: undefined,
    task: undefined,
    resource: undefined,
    timeLeft: undefined,
    hasSignal: false,
    stack,
    count: 1,
  }));
  return {
    dump: { ...dump({ stacks: false }), outside, stacks: stacks.map((frames) => ({ frames, count: 1 })) },
    heap: 0,
    isTooLarge: false,
    pause: 0,
    loop: { active: 0, idle: 0 },
    running,
    resources,
    handles: [],
  };
}

const kinds = (look: Look, busy: number, before?: Look, isAlone: boolean = true): string[] =>
  findingsOf({ look, before, busy, isAlone }).map(({ kind }) => kind);

const lock = "Mutex.lock (file:///mutex.mjs:3:1)";
const first = ["transfer (file:///bank.mjs:5:3)", main];
const later = ["transfer (file:///bank.mjs:7:3)", main];

test("calls that wait for a lock are no finding while another call of the same function does something else", () => {
  expect(
    kinds(
      lookAt([
        [lock, ...first],
        [lock, ...first],
        ["query (file:///bank.mjs:20:3)", ...later],
      ]),
      0,
    ),
  ).toEqual([]);
});

test("one call that waits for a lock is no finding", () => {
  expect(kinds(lookAt([[lock, ...later]]), 0)).toEqual([]);
});

test("calls that all wait for a lock are a finding, whatever lines they have come to", () => {
  expect(
    kinds(
      lookAt([
        [lock, ...first],
        [lock, ...later],
      ]),
      0,
    ),
  ).toEqual(["lock-deadlock"]);
});

test("a function whose name only contains the word is not taken for a lock", () => {
  const block = ["Chain.unlockBlocked (file:///chain.mjs:3:1)", ...first];
  expect(kinds(lookAt([block, [block[0] ?? "", ...later]]), 0)).toEqual([]);
});

test("a stack that ends in a function is floating, one that ends in a module is not", () => {
  expect(kinds(lookAt([["audit (file:///app.mjs:3:1)"], ["load (file:///app.mjs:5:1)", main]]), 0)).toEqual([
    "floating-call",
  ]);
});

test("a thread that ran when it was interrupted, but sleeps at times, is not blocked", () => {
  const frames = ["parse (file:///app.mjs:3:1)"];
  expect([kinds(lookAt([], frames), 0.5), kinds(lookAt([], frames), 1), kinds(lookAt([]), 1)]).toEqual([
    [],
    ["blocked-loop"],
    [],
  ]);
});

test("an await of the same promise in two looks is a finding where nothing but timers holds the process open", () => {
  const stacks = [["ask (file:///app.mjs:3:1)", main]];
  const seen = (resources: Readonly<Record<string, number>>): Look => lookAt(stacks, [], resources, 1);
  const before = lookAt(stacks);
  expect(findingsOf({ look: seen({ Timeout: 2, Immediate: 1 }), before, busy: 0, isAlone: true })).toEqual([
    {
      kind: "unsettled-await",
      calls: 1,
      seenFor: 1000,
      timers: 3,
      stacks: [{ frames: stacks[0], count: 1, seenFor: 1000 }],
    },
  ]);
  expect(kinds(seen({}), 0, before)).toEqual(["unsettled-await"]);
  expect(kinds(seen({ Timeout: 1, TCPSocketWrap: 1 }), 0, before)).toEqual([]);
  expect(kinds(lookAt(stacks), 0, before)).toEqual([]);
});

/** One that has just been started in the scope at `parent`. */
function task(id: number, parent: number | undefined, waits: ProcessDump["outside"] = []): DumpedScope {
  return {
    kind: "task",
    parent,
    id,
    name: "load",
    state: "running",
    age: 10,
    item: undefined,
    timeLeft: undefined,
    spawnedAt: undefined,
    functionAt: undefined,
    sawSignal: false,
    cancelled: undefined,
    isShielded: false,
    isOpen: false,
    waits,
    holds: [],
    awaitedAt: [],
    omitted: 0,
  };
}

test("an await in a task of the library is a finding as well", () => {
  const { dump: seen, ...rest } = lookAt([["load (file:///app.mjs:3:1)", main]], [], {}, 1);
  const scopes = [task(1, undefined, seen.outside)];
  expect(kinds({ ...rest, dump: { ...seen, outside: [], scopes } }, 0, lookAt([]))).toEqual(["unsettled-await"]);
});

test("a group that has only grown between two looks is a finding", () => {
  const group: DumpedScope = { ...task(0, undefined), kind: "group", id: undefined, state: undefined, name: "server" };
  const grown = (tasks: number): Look => {
    const look = lookAt([]);
    const scopes = [group, ...Array.from({ length: tasks }, (_, index) => task(index + 1, 0))];
    return { ...look, dump: { ...look.dump, scopes } };
  };
  const codes = (before: Look | undefined): string[] =>
    findingsOf({ look: grown(1200), before, busy: 0, isAlone: true }).flatMap((finding) =>
      finding.kind === "warning" ? [`${finding.code}, ${finding.page}`] : [],
    );
  expect([codes(grown(1100)), codes(grown(1200)), codes(undefined)]).toEqual([
    ["leaky-group, guide/hanging.md#leaky-group"],
    [],
    [],
  ]);
});

test("an await in one look, in a process of several threads, or in one that ran when it was asked, is no finding", () => {
  const stacks = [["ask (file:///app.mjs:3:1)", main]];
  const seen = lookAt(stacks, [], {}, 1);
  expect(kinds(seen, 0)).toEqual([]);
  expect(kinds(seen, 0, lookAt(stacks), false)).toEqual([]);
  expect(kinds(seen, 0, lookAt(stacks, ["parse (file:///app.mjs:9:1)"]))).toEqual([]);
});

test("a stack that another finding shows is no finding of its own", () => {
  const stacks = [["audit (file:///app.mjs:3:1)"]];
  expect(kinds(lookAt(stacks, [], {}, 1), 0, lookAt(stacks))).toEqual(["floating-call"]);
});

test("how busy a thread was goes with the first of two looks", () => {
  const frames = ["parse (file:///app.mjs:3:1)"];
  expect([kinds(lookAt([]), 1, lookAt([], frames)), kinds(lookAt([], frames), 1, lookAt([]))]).toEqual([
    ["blocked-loop"],
    [],
  ]);
});
