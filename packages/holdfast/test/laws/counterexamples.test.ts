/** Programs that broke a law once, each named by the seed that found it. */
import { expect, test } from "../harness.ts";
import type { Block, GroupSpec, Program, StartStep, Step } from "./program.ts";
import { runProgram } from "./run.ts";

function block(...steps: readonly Step[]): Block {
  return { steps, isSync: false };
}

function group(options: GroupSpec, ...steps: readonly Step[]): Program["root"] {
  return { do: "group", options, body: block(...steps), isOpen: false, link: "context" };
}

function program(root: Program["root"], abortAt = 1000, order = 0): Program {
  return { order, foreign: [{ at: abortAt, reason: "error" }], root };
}

const fresh: Step = { do: "throw", fault: { kind: "fresh" } };
const nil: Step = { do: "throw", fault: { kind: "primitive", value: null } };
const shared: Step = { do: "throw", fault: { kind: "shared", index: 0 } };
const hang: Step = { do: "hang", how: "sleep" };
const work = (ms: number): Step => ({ do: "work", ms });
const spawn = (...steps: readonly Step[]): Step => ({ do: "spawn", into: 0, block: block(...steps), immediate: false });
const start = (...steps: readonly Step[]): StartStep => ({
  do: "start",
  into: 0,
  isReady: true,
  isLinked: false,
  before: block(),
  after: block(...steps),
});

const limited = (limits: { readonly grace?: number }, ...steps: readonly Step[]): Step => ({
  do: "timeout",
  ms: 1,
  ...limits,
  hasFallback: false,
  link: "context",
  block: block(...steps),
});

/** A timeout under a signal that has nothing to do with the group. */
const foreignLimit = (...steps: readonly Step[]): Step => ({
  do: "timeout",
  ms: 1,
  hasFallback: false,
  link: "foreign",
  block: block(...steps),
});

const foreignNow: Program["foreign"] = [
  { at: 1000, reason: "error" },
  { at: 0, reason: "none" },
];

const text: Step = { do: "throw", fault: { kind: "primitive", value: "text" } };

const joinNone: Step = { do: "join", which: 0, how: "join", isLinked: false };

const service = (...steps: readonly Step[]): Step => ({ do: "service", into: 0, block: block(...steps) });

const programs: Readonly<Record<string, Program>> = {
  "seed 1:19: a group whose grace is 0 lets tasks that wait for a place have one": program(
    group({ timeout: 7, grace: 0, concurrency: 1 }, spawn(spawn(hang), spawn(fresh), work(11), hang), spawn(hang)),
  ),
  "seed 1:593: a task that waits for the start of another, for which there is no place, ends by its abort": program(
    group({ concurrency: 1 }, spawn(start())),
    0,
  ),
  "seed 1:190: a group that is opened under the signal of one that has settled is born cancelled": program(
    group({ timeout: 1, grace: 0 }, work(2), { ...group({}, hang), isOpen: true }),
    3,
  ),
  "seed 1:803: a shield under the signal of a group that has settled is over after its grace": program(
    group({ timeout: 1, grace: 0 }, work(2), { do: "shield", grace: 0, block: block({ do: "sleep", ms: 0 }, hang) }),
    3,
  ),
  "seed 3:1511: a second null is a second failure": program(
    group(
      {},
      {
        do: "map",
        how: "map",
        items: 2,
        source: "array",
        concurrency: 2,
        stopOnError: true,
        block: block(nil),
        takes: 0,
      },
    ),
  ),
  "seed 13:1751: any() lists an error that two have thrown once": program(
    group({}, { do: "combine", how: "any", blocks: [block(shared), block(shared)] }),
  ),
  "seed 32:2025: failures of any() stay with an abort that came after its deadline": program(
    group(
      {},
      {
        do: "combine",
        how: "any",
        blocks: [
          block(fresh),
          block({
            do: "map",
            how: "map",
            items: 1,
            source: "array",
            concurrency: 1,
            stopOnError: false,
            block: block(work(4)),
            takes: 0,
          }),
        ],
        timeout: 3,
        grace: 1,
      },
    ),
    4,
    607_280_898,
  ),
  "seed 1:1586: a task that throws at once, which another has joined before its start, is no unhandled rejection":
    program(
      group(
        { concurrency: 1 },
        spawn(
          { do: "spawn", into: 0, block: { steps: [fresh], isSync: true }, immediate: false },
          { do: "join", which: 0, how: "forget", isLinked: false },
        ),
      ),
    ),
  "seed 770000:20693: a group that closes its services waits for a task that one of them has spawned meanwhile":
    program(
      group({ grace: 0 }, service(spawn(), { do: "join", which: 0, how: "join", isLinked: false }, spawn(hang)), {
        do: "join",
        which: 0,
        how: "join",
        isLinked: false,
      }),
    ),
  "seed 770000:13581: a task that was cancelled alone is not abandoned because the services of its group close":
    program(
      group(
        { grace: 1 },
        service(
          { do: "combine", how: "all", blocks: [block()] },
          { do: "spawn", into: 0, block: block(work(5)), timeout: 4, immediate: false },
        ),
      ),
    ),
  "seed 880000:21916: the grace of tasks counts from the cancel, although services were closing before": program(
    group(
      { timeout: 3, grace: 1 },
      service(spawn(work(2)), { do: "join", which: 0, how: "join", isLinked: false }, spawn(work(1), work(0))),
    ),
  ),
  "seed 880000:24164: an AbortError without a cause from an item is an echo, also when nobody waits for it any more":
    program(
      group(
        { timeout: 1, grace: 0 },
        {
          do: "map",
          how: "map",
          items: 1,
          source: "array",
          concurrency: 1,
          stopOnError: false,
          block: block(work(2), { do: "guard", block: block(hang), reaction: "bare-abort-error" }),
          takes: 0,
        },
      ),
    ),
  "seed 6000000:45991: who waits for the start of a task in a group that is cancelled stops waiting by its own abort":
    program(
      group(
        { concurrency: 1 },
        spawn({ do: "shield", grace: 0, block: block({ do: "cancel", into: 0 }, start()) }),
        fresh,
      ),
    ),
  "seed 2087051264:83778: an abort from outside is no late error of a deadline that lost to a primitive before it":
    program(
      group(
        {},
        limited({}, limited({ grace: 2 }, work(2), { do: "throw", fault: { kind: "primitive", value: "text" } })),
        hang,
      ),
      2,
    ),
  "seed 2087429121:7014: a task that was refused by another group was not refused by its own": program(
    group(
      { timeout: 1, grace: 0 },
      group({}, { ...start(), before: block(work(2), { ...start(), into: 1 }) }, joinNone),
      { do: "throw", fault: { kind: "primitive", value: "text" } },
    ),
  ),
  "seed 2094622789:86039: an AbortError that a service has not from its signal is a failure until the service is cancelled":
    {
      ...program(group({}, service(foreignLimit(hang)))),
      foreign: foreignNow,
    },
  "seed 2094361865:55099: so is one of a task whose start is cancelled in the same turn": {
    ...program(
      group(
        { concurrency: 1 },
        work(0),
        { do: "spawn", into: 0, block: block(start(foreignLimit())), immediate: true },
        { do: "cancel-task", which: 0 },
        { do: "sleep", ms: 0 },
      ),
    ),
    foreign: foreignNow,
  },
  "seed 2094649700:65749: an error that two have thrown behind a primitive is late once": program(
    group(
      {},
      group(
        {},
        { do: "combine", how: "all", blocks: [block(work(0), shared), block(work(0), shared), block(text)] },
        work(0),
      ),
      { do: "sleep", ms: 0 },
    ),
    0,
  ),
  "seed 2087100257:81921: a task has ended by the time its starter learns that its own abort came first": program(
    group(
      { concurrency: 3 },
      spawn(
        spawn({
          do: "map",
          how: "map",
          items: 0,
          source: "array",
          concurrency: 1,
          stopOnError: false,
          block: block(),
          takes: 0,
        }),
        spawn(),
        { do: "throw", fault: { kind: "primitive", value: "text" } },
      ),
      limited(
        {},
        spawn(
          { do: "cancel", into: 0 },
          { do: "guard", block: block(), reaction: "rethrow" },
          { do: "hops", count: 1 },
        ),
        {
          do: "shield",
          grace: 0,
          block: block({
            do: "combine",
            how: "all",
            blocks: [
              block(start()),
              block({ do: "hops", count: 5 }, { do: "throw", fault: { kind: "primitive", value: "text" } }),
            ],
          }),
        },
      ),
      { do: "hops", count: 1 },
    ),
    0,
  ),
};

for (const [title, each] of Object.entries(programs))
  test(title, async () => {
    expect(await runProgram(each)).toEqual([]);
  });
