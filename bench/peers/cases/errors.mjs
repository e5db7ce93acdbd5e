// @ts-check
import { LONG, pause, pauseUnder, rejectionOf, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const first = new Error("first");
const second = new Error("second");
const BOTH = "both errors can be found in what is thrown";
const ONE = "only one error can be found in what is thrown";

/** Every error that can be reached from `error`. @param {unknown} error @param {(error: unknown) => readonly unknown[]} [more] */
function reachable(error, more) {
  /** @type {Set<unknown>} */
  const found = new Set();
  /** @param {unknown} at */
  const visit = (at) => {
    if (typeof at !== "object" || at === null || found.has(at)) return;
    found.add(at);
    for (const key of [...Object.getOwnPropertyNames(at), ...Object.getOwnPropertySymbols(at)])
      visit(Reflect.get(at, key));
    for (const other of more?.(at) ?? []) visit(other);
  };
  visit(error);
  return found;
}

/** @param {PromiseLike<unknown>} promise @param {(error: unknown) => readonly unknown[]} [more] */
async function judgeBoth(promise, more) {
  const found = reachable(await rejectionOf(promise), more);
  return found.has(first) && found.has(second) ? BOTH : ONE;
}

async function failFirst() {
  await pause(SOON);
  throw first;
}

/** Fails while it is being stopped. @param {AbortSignal} [signal] */
async function failSecond(signal) {
  await pauseUnder(SOON * 3, signal).catch(() => {});
  throw second;
}

/** @type {PeerCase} */
export const twoErrors = {
  name: "two-errors",
  title: "Two of several fail, the second while it is being stopped",
  about:
    "What a task throws on its way out may be the error that matters: a rollback that failed. Can the caller find it?",
  complaints: [13],
  test: ["complaints/tasks.test.ts", "does not hide the second, of a task that fails while it stops"],
  subjects: [
    subject("node", ONE, () => judgeBoth(Promise.all([failFirst(), failSecond()])), "Promise.all"),
    subject("p-map", ONE, async () => {
      const { default: pMap } = await import("p-map");
      return await judgeBoth(pMap([failFirst, failSecond], (run) => run(), { concurrency: 2 }));
    }),
    subject("better-all", ONE, async () => {
      const { all } = await import("better-all");
      return await judgeBoth(
        all({
          first: () => failFirst(),
          async second() {
            await failSecond(this.$signal);
          },
        }),
      );
    }),
    subject("abort-controller-x", ONE, async () => {
      const { all } = await import("abort-controller-x");
      return await judgeBoth(all(new AbortController().signal, (signal) => [failFirst(), failSecond(signal)]));
    }),
    subject(
      "effect",
      ONE,
      async () => {
        const { Effect } = await import("effect");
        const one = Effect.tryPromise({ try: failFirst, catch: (error) => error });
        const two = Effect.tryPromise({ try: (signal) => failSecond(signal), catch: (error) => error });
        return await judgeBoth(Effect.runPromise(Effect.all([one, two], { concurrency: "unbounded" })));
      },
      "Effect.all",
    ),
    subject(
      "effection",
      ONE,
      async () => {
        const effection = await import("effection");
        const two = function* () {
          try {
            yield* effection.sleep(LONG);
          } finally {
            // What it is about: an operation that fails while it is halted.
            // oxlint-disable-next-line no-unsafe-finally
            throw second;
          }
        };
        return await judgeBoth(effection.run(() => effection.all([effection.until(failFirst()), two()])));
      },
      "all",
    ),
    subject(
      "holdfast",
      BOTH,
      async () => {
        const { all, suppressedErrors } = await import("holdfast");
        return await judgeBoth(all([failFirst, ({ signal }) => failSecond(signal)]), suppressedErrors);
      },
      "all",
    ),
  ],
};

/** @type {PeerCase} */
export const cleanupError = {
  name: "cleanup-error",
  title: "The work fails, and so does its cleanup",
  about: "Both say something. Can the caller find both?",
  complaints: [13],
  test: ["complaints/tasks.test.ts", "of a body does not hide that of its cleanup"],
  subjects: [
    subject(
      "node",
      ONE,
      () => {
        const work = async () => {
          try {
            throw first;
          } finally {
            // What it is about.
            // oxlint-disable-next-line no-unsafe-finally
            throw second;
          }
        };
        return judgeBoth(work());
      },
      "try, finally",
    ),
    subject(
      "abort-controller-x",
      ONE,
      async () => {
        const { spawn } = await import("abort-controller-x");
        return await judgeBoth(
          spawn(new AbortController().signal, async (_, scope) => {
            scope.defer(() => {
              throw second;
            });
            throw first;
          }),
        );
      },
      "spawn, defer",
    ),
    subject(
      "effect",
      ONE,
      async () => {
        const { Effect } = await import("effect");
        const program = Effect.acquireUseRelease(
          Effect.void,
          () => Effect.fail(first),
          () => Effect.die(second),
        );
        return await judgeBoth(Effect.runPromise(program));
      },
      "acquireUseRelease",
    ),
    subject(
      "effection",
      ONE,
      async () => {
        const { run, ensure } = await import("effection");
        return await judgeBoth(
          run(function* () {
            yield* ensure(() => {
              throw second;
            });
            throw first;
          }),
        );
      },
      "ensure",
    ),
    subject(
      "holdfast",
      BOTH,
      async () => {
        const { taskGroup } = await import("holdfast");
        return await judgeBoth(
          taskGroup((group) => {
            group.defer(() => {
              throw second;
            });
            throw first;
          }),
        );
      },
      "taskGroup, defer",
    ),
  ],
};

const SILENT = "nothing";
const SAYS = "how many there are, and what they say";

/** @param {unknown} error */
function judgeMessage(error) {
  const message = error instanceof Error ? error.message : "";
  if (message === "") return SILENT;
  return message.includes("2") && message.includes("no 1") ? SAYS : "that there are some";
}

/** @type {PeerCase} */
export const message = {
  name: "message",
  title: "Two calls have failed: what the message of the error says",
  about: "Most logs show the message alone.",
  complaints: [4],
  test: ["complaints/tasks.test.ts", "says in its message how many there are and what they say"],
  subjects: [
    subject(
      "node",
      "that there are some",
      async () => {
        const calls = [1, 2].map((item) => Promise.reject(new Error(`no ${item}`)));
        return judgeMessage(await rejectionOf(Promise.any(calls)));
      },
      "Promise.any",
    ),
    subject(
      "p-map",
      SILENT,
      async () => {
        const { default: pMap } = await import("p-map");
        const run = (/** @type {number} */ item) => Promise.reject(new Error(`no ${item}`));
        return judgeMessage(await rejectionOf(pMap([1, 2], run, { stopOnError: false })));
      },
      "stopOnError: false",
    ),
    subject(
      "holdfast",
      SAYS,
      async () => {
        const { map } = await import("holdfast");
        const run = (/** @type {number} */ item) => Promise.reject(new Error(`no ${item}`));
        return judgeMessage(await rejectionOf(map([1, 2], run, { concurrency: 2, stopOnError: false })));
      },
      "map, stopOnError: false",
    ),
  ],
};
