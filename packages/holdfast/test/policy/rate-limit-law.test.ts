/** Rate limits against a plain model, for any sequence of calls, cancellations and pauses. */
import * as fc from "fast-check";
import { type RateLimit, rateLimit, RateLimitedError, type RateLimitOptions } from "holdfast";
import { root } from "holdfast/lowlevel";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** One call, as both sides note it. */
interface Note {
  readonly weight: number;
  readonly cameAt: number;
  outcome: "waits" | "called" | "refused" | "cancelled";
  at: number;
}

/** What has to hold of all that was let through so far, with one more. */
type Fits = (taken: readonly Note[], weight: number, at: number) => boolean;

/** A line, and a rule that is asked at every whole millisecond. */
class Model {
  readonly notes: Note[] = [];
  readonly #line: Note[] = [];
  readonly #fits: Fits;
  readonly #maxQueue: number;
  now: number = 0;

  constructor(fits: Fits, maxQueue: number) {
    this.#fits = fits;
    this.#maxQueue = maxQueue;
  }

  get waiting(): number {
    return this.#line.length;
  }

  call(weight: number): void {
    const note: Note = { weight, cameAt: this.now, outcome: "waits", at: this.now };
    this.notes.push(note);
    this.#line.push(note);
    this.serve();
    if (note.outcome !== "waits" || this.#line.length <= this.#maxQueue) return;
    this.#line.pop();
    note.outcome = "refused";
  }

  cancel(index: number): void {
    const note = this.notes[index];
    if (note?.outcome !== "waits") return;
    this.#line.splice(this.#line.indexOf(note), 1);
    note.outcome = "cancelled";
    note.at = this.now;
    this.serve();
  }

  /** One millisecond. */
  tick(): void {
    this.now++;
    this.serve();
  }

  serve(): void {
    const taken = this.notes.filter(({ outcome }) => outcome === "called");
    for (let first = this.#line[0]; first !== undefined; first = this.#line[0]) {
      if (!this.#fits(taken, first.weight, this.now)) return;
      first.outcome = "called";
      first.at = this.now;
      taken.push(first);
      this.#line.shift();
    }
  }
}

/** The same calls, made of the library. */
class Real {
  readonly notes: Note[] = [];
  readonly #controllers: AbortController[] = [];
  readonly limit: RateLimit;

  constructor(options: RateLimitOptions) {
    this.limit = rateLimit(options);
  }

  call(weight: number): void {
    const controller = new AbortController();
    const note: Note = { weight, cameAt: clock.now(), outcome: "waits", at: clock.now() };
    const end = (outcome: Note["outcome"]): void => {
      note.outcome = outcome;
      note.at = clock.now();
    };
    this.notes.push(note);
    this.#controllers.push(controller);
    this.limit
      .run(() => end("called"), { weight, signal: controller.signal })
      .catch((error: unknown) => {
        if (error instanceof RateLimitedError) end("refused");
        else if (error === controller.signal.reason) end("cancelled");
      });
  }

  cancel(index: number): void {
    this.#controllers[index]?.abort();
  }
}

type Step =
  | { readonly type: "call"; readonly weight: number }
  | { readonly type: "cancel"; readonly index: number }
  | { readonly type: "pause"; readonly ms: number };

const anySteps = (most: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ type: fc.constant("call" as const), weight: fc.integer({ min: 1, max: most }) }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("cancel" as const), index: fc.nat(20) }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant("pause" as const), ms: fc.integer({ min: 1, max: 60 }) }) },
    ),
    { maxLength: 25 },
  );

async function play(options: RateLimitOptions, fits: Fits, steps: readonly Step[]): Promise<readonly Note[]> {
  const [model, real] = [new Model(fits, options.maxQueue ?? 0), new Real(options)];
  model.now = clock.now();
  const compare = (): void => {
    expect(real.notes).toEqual(model.notes);
    expect(real.limit.waiting).toBe(model.waiting);
  };
  for (const step of steps) {
    if (step.type === "call") {
      model.call(step.weight);
      real.call(step.weight);
    } else if (step.type === "cancel") {
      model.cancel(step.index);
      real.cancel(step.index);
    } else {
      for (let ms = 0; ms < step.ms; ms++) model.tick();
      await clock.advanceBy(step.ms);
    }
    await turn();
    compare();
  }
  while (model.waiting > 0) model.tick();
  await clock.advanceUntilIdle();
  compare();
  expect([clock.pending, root().kids]).toEqual([0, undefined]);
  return real.notes.filter(({ outcome }) => outcome === "called");
}

const rules = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  interval: fc.integer({ min: 1, max: 50 }),
  maxQueue: fc.nat(6),
});

/** What went through from `from` on, before `to`. */
function weightWithin(taken: readonly Note[], from: number, to: number): number {
  return taken.reduce((sum, { at, weight }) => (at >= from && at < to ? sum + weight : sum), 0);
}

describe("RATE-1: a sliding window", () => {
  test("never lets more than limit through in a stretch of an interval's length, and nothing waits longer than it must", async () => {
    await fc.assert(
      fc.asyncProperty(
        rules.chain((options) => fc.tuple(fc.constant(options), anySteps(options.limit))),
        async ([options, steps]) => {
          const { limit, interval } = options;
          const taken = await play(
            { ...options, algorithm: "sliding-window" },
            (before, weight, at) => weightWithin(before, at - interval + 1, at + 1) + weight <= limit,
            steps,
          );
          for (const { at } of taken) expect(weightWithin(taken, at, at + interval)).toBeLessThanOrEqual(limit);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  }, 30_000);
});

describe("RATE-2: a token bucket", () => {
  test("never lets more through than the burst and what was added since, and nothing waits longer than it must", async () => {
    await fc.assert(
      fc.asyncProperty(
        rules.chain((options) =>
          fc
            .integer({ min: 1, max: 8 })
            .chain((burst) => fc.tuple(fc.constant({ ...options, burst }), anySteps(burst))),
        ),
        async ([options, steps]) => {
          const { limit, interval, burst } = options;
          // From any call on: what it and all after it have used is at most the burst and what came in since.
          const isWithin = (taken: readonly Note[]): boolean =>
            taken.every(({ at }, index) =>
              taken
                .slice(index)
                .every(
                  (last, count, rest) =>
                    weightWithin(rest.slice(0, count + 1), at, Infinity) * interval <=
                    burst * interval + limit * (last.at - at),
                ),
            );
          const taken = await play(
            options,
            (before, weight, at) => isWithin([...before, { weight, at, cameAt: at, outcome: "called" }]),
            steps,
          );
          expect(isWithin(taken)).toBe(true);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  }, 30_000);
});
