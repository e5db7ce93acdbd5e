// @ts-check
import { AT_ONCE, failure, LONG, pause, pauseUnder, SOON, subject } from "../probe.mjs";

/** @import { PeerCase } from "../types.d.ts" */

const RUNS_ON = "the others run on";
const NOT_WAITED = "stops the others, and rejects while they still clean up";
const WAITED = "stops the others, and waits until they have cleaned up";

/** Siblings that know when they are stopped, and clean up for a while. */
class Siblings {
  stopped = false;
  cleanedUp = false;

  /** @param {AbortSignal | undefined} signal */
  sibling = async (signal) => {
    try {
      await pauseUnder(LONG, signal);
    } catch (error) {
      this.stopped = true;
      await pause(SOON * 2);
      this.cleanedUp = true;
      throw error;
    }
  };

  failing = async () => {
    await pause(SOON);
    throw failure;
  };

  winning = async () => {
    await pause(SOON);
    return "won";
  };

  /** @param {PromiseLike<unknown>} all */
  async judge(all) {
    try {
      await all;
    } catch {
      // What matters is when.
    }
    const { cleanedUp } = this;
    await pause(AT_ONCE);
    if (!this.stopped) return RUNS_ON;
    return cleanedUp ? WAITED : NOT_WAITED;
  }
}

/** An Effect that runs as a sibling does. @param {typeof import("effect").Effect} Effect @param {Siblings} siblings */
function effectSibling(Effect, siblings) {
  return Effect.onInterrupt(Effect.sleep(LONG), () =>
    Effect.promise(async () => {
      siblings.stopped = true;
      await pause(SOON * 2);
      siblings.cleanedUp = true;
    }),
  );
}

/** An effection operation that runs as a sibling does. @param {typeof import("effection")} effection @param {Siblings} siblings */
function effectionSibling({ sleep }, siblings) {
  return function* () {
    try {
      yield* sleep(LONG);
    } finally {
      siblings.stopped = true;
      yield* sleep(SOON * 2);
      siblings.cleanedUp = true;
    }
  };
}

/** @type {PeerCase} */
export const failFast = {
  name: "fail-fast",
  title: "One of several fails",
  about:
    "Three calls at once; one fails, the others would go on. Are they stopped, and have they ended when the caller hears of it?",
  complaints: [3],
  test: ["complaints/tasks.test.ts", "cancels the others, and comes when they have cleaned up"],
  subjects: [
    subject(
      "node",
      RUNS_ON,
      async () => {
        const siblings = new Siblings();
        return await siblings.judge(Promise.all([siblings.failing(), siblings.sibling(undefined)]));
      },
      "Promise.all",
    ),
    subject("p-map", RUNS_ON, async () => {
      const { default: pMap } = await import("p-map");
      const siblings = new Siblings();
      /** @param {(signal: AbortSignal | undefined) => Promise<unknown>} run @param {unknown[]} given */
      const call = (run, ...given) => run(given.find((value) => value instanceof AbortSignal));
      return await siblings.judge(
        pMap([siblings.failing, siblings.sibling], (run, ...rest) => call(run, ...rest), { concurrency: 2 }),
      );
    }),
    subject("p-all", RUNS_ON, async () => {
      const { default: pAll } = await import("p-all");
      const siblings = new Siblings();
      return await siblings.judge(pAll([siblings.failing, () => siblings.sibling(undefined)], { concurrency: 2 }));
    }),
    subject(
      "async",
      RUNS_ON,
      async () => {
        const { default: async } = await import("async");
        const siblings = new Siblings();
        return await siblings.judge(
          async.parallel([async () => await siblings.failing(), async () => await siblings.sibling(undefined)]),
        );
      },
      "parallel",
    ),
    subject("better-all", NOT_WAITED, async () => {
      const { all } = await import("better-all");
      const siblings = new Siblings();
      return await siblings.judge(
        all({
          first: () => siblings.failing(),
          async second() {
            await siblings.sibling(this.$signal);
          },
        }),
      );
    }),
    subject("abort-controller-x", WAITED, async () => {
      const { all } = await import("abort-controller-x");
      const siblings = new Siblings();
      return await siblings.judge(
        all(new AbortController().signal, (signal) => [siblings.failing(), siblings.sibling(signal)]),
      );
    }),
    subject(
      "effect",
      WAITED,
      async () => {
        const { Effect } = await import("effect");
        const siblings = new Siblings();
        const failing = Effect.tryPromise(siblings.failing);
        return await siblings.judge(
          Effect.runPromise(Effect.all([failing, effectSibling(Effect, siblings)], { concurrency: "unbounded" })),
        );
      },
      "Effect.all",
    ),
    subject(
      "effection",
      WAITED,
      async () => {
        const effection = await import("effection");
        const siblings = new Siblings();
        const sibling = effectionSibling(effection, siblings);
        return await siblings.judge(
          effection.run(() => effection.all([effection.until(siblings.failing()), sibling()])),
        );
      },
      "all",
    ),
    subject(
      "holdfast",
      WAITED,
      async () => {
        const { all } = await import("holdfast");
        const siblings = new Siblings();
        return await siblings.judge(all([siblings.failing, ({ signal }) => siblings.sibling(signal)]));
      },
      "all",
    ),
  ],
};

/** @type {PeerCase} */
export const losers = {
  name: "losers",
  title: "One of several wins",
  about: "A race, and a winner. Are the losers stopped, and have they ended when the caller hears of it?",
  complaints: [3],
  test: ["complaints/tasks.test.ts", "comes when the losers have been stopped and have cleaned up"],
  subjects: [
    subject(
      "node",
      RUNS_ON,
      async () => {
        const siblings = new Siblings();
        return await siblings.judge(Promise.race([siblings.winning(), siblings.sibling(undefined)]));
      },
      "Promise.race",
    ),
    subject(
      "async",
      RUNS_ON,
      async () => {
        const { default: async } = await import("async");
        const siblings = new Siblings();
        return await siblings.judge(
          new Promise((resolve) => {
            async.race([async () => await siblings.winning(), async () => await siblings.sibling(undefined)], resolve);
          }),
        );
      },
      "race",
    ),
    subject("abort-controller-x", WAITED, async () => {
      const { race } = await import("abort-controller-x");
      const siblings = new Siblings();
      return await siblings.judge(
        race(new AbortController().signal, (signal) => [siblings.winning(), siblings.sibling(signal).then(() => "")]),
      );
    }),
    subject(
      "effect",
      WAITED,
      async () => {
        const { Effect } = await import("effect");
        const siblings = new Siblings();
        const winning = Effect.promise(siblings.winning);
        return await siblings.judge(Effect.runPromise(Effect.race(winning, effectSibling(Effect, siblings))));
      },
      "Effect.race",
    ),
    subject(
      "effection",
      WAITED,
      async () => {
        const effection = await import("effection");
        const siblings = new Siblings();
        const sibling = effectionSibling(effection, siblings);
        /** @type {import("effection").Operation<unknown>[]} */
        const entrants = [effection.until(siblings.winning()), sibling()];
        return await siblings.judge(effection.run(() => effection.race(entrants)));
      },
      "race",
    ),
    subject(
      "holdfast",
      WAITED,
      async () => {
        const { race } = await import("holdfast");
        const siblings = new Siblings();
        return await siblings.judge(race([siblings.winning, ({ signal }) => siblings.sibling(signal)]));
      },
      "race",
    ),
  ],
};
