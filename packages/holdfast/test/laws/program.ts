/**
 * Random programs, as data: what a program does is a list of steps, and steps hold blocks of steps. Numbers that name something (a group, a task) are
 * taken modulo what there is, so that every tree is a program, and every part of it that a shrinker leaves.
 *
 * No program can wait for ever: work takes its time, whatever else waits sees a cancellation in the end. See {@link END}.
 */
import * as fc from "fast-check";

/** When every foreign signal of a program is aborted at the latest, in milliseconds. */
export const END = 1000;

export type Fault =
  | { readonly kind: "fresh" }
  | { readonly kind: "shared"; readonly index: number }
  | { readonly kind: "primitive"; readonly value: string | number | null };

/** What a program does with an error that it catches. */
export type Reaction =
  | "rethrow"
  | "swallow"
  /** A failure of its own, with the caught error as its cause. */
  | "convert"
  /** An AbortError with the caught error as its cause, and one without: as older libraries throw them. */
  | "abort-error"
  | "bare-abort-error"
  /** An AggregateError of it, and one with a failure beside it. */
  | "aggregate"
  | "mixed-aggregate"
  /** Goes on for a while, then throws it on. */
  | "linger"
  /** Spawns another task, then throws it on. */
  | "spawn";

export interface Block {
  readonly steps: readonly Step[];
  /** Throws or returns synchronously where it can. */
  readonly isSync: boolean;
}

export interface GroupSpec {
  readonly timeout?: number;
  readonly grace?: number;
  readonly cleanupGrace?: number;
  readonly concurrency?: number;
  readonly stopOnError?: boolean;
  readonly onTaskError?: "note" | "throw";
}

export type GroupStep = {
  readonly do: "group";
  readonly options: GroupSpec;
  readonly body: Block;
  /** With `openTaskGroup` and `close()`. */
  readonly isOpen: boolean;
  readonly link: Link;
};

/** Whose cancellation a call follows: the context's that it is made in, or a foreign signal's. */
export type Link = "context" | "foreign";

export type CombineStep = {
  readonly do: "combine";
  readonly how: "all" | "race" | "any" | "settle";
  readonly blocks: readonly Block[];
  readonly timeout?: number;
  readonly grace?: number;
};

export type MapStep = {
  readonly do: "map";
  readonly how: "map" | "forEach" | "mapStream";
  readonly items: number;
  readonly source: "array" | "iterator" | "stream";
  readonly concurrency: number;
  readonly stopOnError: boolean;
  readonly timeout?: number;
  readonly block: Block;
  /** Of a stream: how many results are taken. */
  readonly takes: number;
};

export type TimeoutStep = {
  readonly do: "timeout";
  readonly ms: number;
  readonly grace?: number;
  readonly hasFallback: boolean;
  readonly link: Link;
  readonly block: Block;
};

export type StartStep = {
  readonly do: "start";
  readonly into: number;
  readonly isReady: boolean;
  readonly isLinked: boolean;
  readonly before: Block;
  readonly after: Block;
};

export type Step =
  | { readonly do: "sleep"; readonly ms: number }
  | { readonly do: "work"; readonly ms: number }
  | { readonly do: "hops"; readonly count: number }
  | { readonly do: "hang"; readonly how: "sleep" | "listen" | "abortable" }
  | { readonly do: "abortable"; readonly ms: number; readonly fails: boolean; readonly hookThrows: boolean }
  | { readonly do: "throw"; readonly fault: Fault }
  | { readonly do: "guard"; readonly block: Block; readonly reaction: Reaction }
  | {
      readonly do: "spawn";
      readonly into: number;
      readonly block: Block;
      readonly timeout?: number;
      readonly immediate: boolean;
    }
  | { readonly do: "service"; readonly into: number; readonly block: Block }
  | StartStep
  | { readonly do: "defer"; readonly into: number; readonly block: Block; readonly isResource: boolean }
  | { readonly do: "cancel"; readonly into: number }
  | { readonly do: "cancel-task"; readonly which: number }
  | {
      readonly do: "join";
      readonly which: number;
      readonly how: "join" | "settled" | "forget";
      readonly isLinked: boolean;
    }
  | GroupStep
  | TimeoutStep
  | { readonly do: "shield"; readonly grace: number; readonly block: Block }
  | CombineStep
  | MapStep;

export interface Program {
  /** Of the order in which what is due at the same time happens. */
  readonly order: number;
  /** Foreign signals: when each aborts, and with what. */
  readonly foreign: readonly { readonly at: number; readonly reason: "error" | "none" | "null" | "text" }[];
  readonly root: GroupStep;
}

const ms = fc.integer({ min: 0, max: 12 });
const limit = fc.option(fc.integer({ min: 1, max: 15 }), { nil: undefined, freq: 3 });
const grace = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 2 });
const into = fc.constantFrom(0, 0, 0, 1, 2);
const index = fc.nat({ max: 3 });

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fault>({ kind: "fresh" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("shared" as const), index: fc.nat({ max: 1 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("primitive" as const), value: fc.constantFrom("text", 7, null) }),
  },
);

const reaction: fc.Arbitrary<Reaction> = fc.constantFrom<Reaction>(
  "rethrow",
  "swallow",
  "swallow",
  "convert",
  "abort-error",
  "bare-abort-error",
  "aggregate",
  "mixed-aggregate",
  "linger",
  "spawn",
);

/** Leaves out what is undefined: options that are not there. */
function given<T extends object>(spec: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Holds: what was undefined is gone.
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

const groupSpec: fc.Arbitrary<GroupSpec> = fc
  .record({
    timeout: limit,
    grace: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 5 }),
    cleanupGrace: fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }),
    concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 }),
    stopOnError: fc.option(fc.boolean(), { nil: undefined, freq: 3 }),
    onTaskError: fc.option(fc.constantFrom("note" as const, "throw" as const), { nil: undefined, freq: 6 }),
  })
  .map(given);

const leaf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("sleep" as const), ms }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("work" as const), ms }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("hops" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("hang" as const),
      how: fc.constantFrom("sleep" as const, "listen" as const, "abortable" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("abortable" as const),
      ms,
      fails: fc.boolean(),
      hookThrows: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("throw" as const), fault }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), into }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel-task" as const), which: index }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("join" as const),
      which: index,
      how: fc.constantFrom("join" as const, "join" as const, "settled" as const, "forget" as const),
      isLinked: fc.boolean(),
    }),
  },
);

const link = fc.constantFrom<Link>("context", "context", "context", "context", "foreign");

const { group } = fc.letrec<{ block: Block; body: Block; step: Step; group: GroupStep }>((tie) => ({
  block: fc.record({
    steps: fc.array(tie("step"), { maxLength: 5, size: "max", depthIdentifier: "program" }),
    isSync: fc.constantFrom(false, false, true),
  }),
  body: fc.record({
    steps: fc.array(tie("step"), { minLength: 1, maxLength: 6, size: "max", depthIdentifier: "program" }),
    isSync: fc.constantFrom(false, false, false, true),
  }),
  group: fc.record({
    do: fc.constant("group" as const),
    options: groupSpec,
    body: tie("body"),
    isOpen: fc.constantFrom(false, false, false, false, true),
    link,
  }),
  step: fc.oneof(
    { maxDepth: 7, depthSize: "medium", depthIdentifier: "program", withCrossShrink: true },
    { weight: 14, arbitrary: leaf },
    {
      weight: 10,
      arbitrary: fc
        .record({
          do: fc.constant("spawn" as const),
          into,
          block: tie("block"),
          timeout: limit,
          immediate: fc.constantFrom(false, false, false, true),
        })
        .map(given),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("service" as const), into: fc.constant(0), block: tie("block") }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("start" as const),
        into,
        isReady: fc.constantFrom(true, true, true, false),
        isLinked: fc.boolean(),
        before: tie("block"),
        after: tie("block"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("defer" as const),
        into,
        block: tie("block"),
        isResource: fc.constantFrom(false, false, true),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("guard" as const), block: tie("block"), reaction }) },
    { weight: 5, arbitrary: tie("group") },
    {
      weight: 2,
      arbitrary: fc
        .record({
          do: fc.constant("timeout" as const),
          ms: fc.integer({ min: 0, max: 15 }),
          grace,
          hasFallback: fc.boolean(),
          link,
          block: tie("block"),
        })
        .map(given),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("shield" as const),
        grace: fc.integer({ min: 0, max: 15 }),
        block: tie("block"),
      }),
    },
    {
      weight: 3,
      arbitrary: fc
        .record({
          do: fc.constant("combine" as const),
          how: fc.constantFrom("all" as const, "race" as const, "any" as const, "settle" as const),
          blocks: fc.array(tie("block"), { minLength: 1, maxLength: 3, depthIdentifier: "program" }),
          timeout: limit,
          grace: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined, freq: 3 }),
        })
        .map(given),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({
          do: fc.constant("map" as const),
          how: fc.constantFrom("map" as const, "forEach" as const, "mapStream" as const),
          items: fc.integer({ min: 0, max: 4 }),
          source: fc.constantFrom("array" as const, "iterator" as const, "stream" as const),
          concurrency: fc.integer({ min: 1, max: 3 }),
          stopOnError: fc.boolean(),
          timeout: limit,
          block: tie("block"),
          takes: fc.integer({ min: 0, max: 4 }),
        })
        .map(given),
    },
  ),
}));

export const anyProgram: fc.Arbitrary<Program> = fc.record({
  order: fc.nat(),
  foreign: fc.array(
    fc.record({
      at: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(END)),
      reason: fc.constantFrom("error" as const, "none" as const, "null" as const, "text" as const),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  root: group,
});
