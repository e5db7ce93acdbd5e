/** What model-based tests have in common: calls that a signal may end, and how they turned out. */
import * as fc from "fast-check";
import { turn } from "../clock/fake-clock.ts";

/** How a call turned out: "pending", or a value or an error, as text. */
export class Call {
  readonly controller: AbortController = new AbortController();
  readonly reason: Error;
  /** What really happened. */
  outcome: string = "pending";
  /** What the model says. */
  expected: string = "pending";

  constructor(id: number) {
    this.reason = new Error(`abort ${id}`);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  watch(promise: Promise<unknown>): void {
    promise.then(
      (value) => (this.outcome = `value ${describe(value)}`),
      (error: unknown) => (this.outcome = `error ${describe(error)}`),
    );
  }

  abort(): void {
    this.controller.abort(this.reason);
  }

  /** By its signal. */
  get cancelled(): string {
    return `error ${this.reason.message}`;
  }
}

function describe(value: unknown): string {
  if (value instanceof Error) return "code" in value ? String(value.code) : value.message;
  return JSON.stringify(value) ?? "undefined";
}

/** One step of a test: what it does to the model and to the real thing, and whether it can. Synchronous. */
export interface Step<M> {
  readonly name: string;
  readonly can?: (model: M) => boolean;
  readonly run: (model: M) => void;
}

interface Rules<M> {
  /** Compares the model with the real thing; `isQuiet`: nothing is ready any more. */
  readonly verify: (model: M, isQuiet: boolean) => void;
  /** What happens by itself until nothing is ready any more. */
  readonly settle?: (model: M) => void;
}

/** Steps of one turn, so that a cancellation meets whatever it can meet, and then all that they made ready. */
class Turn<M extends object> implements fc.AsyncCommand<M, object> {
  readonly #steps: readonly Step<M>[];
  readonly #rules: Rules<M>;

  constructor(steps: readonly Step<M>[], rules: Rules<M>) {
    this.#steps = steps;
    this.#rules = rules;
  }

  check(): boolean {
    return true;
  }

  async run(model: M): Promise<void> {
    for (const { can, run } of this.#steps) {
      if (can?.(model) === false) continue;
      run(model);
      this.#rules.verify(model, false);
    }
    await quiet(model, this.#rules);
  }

  toString(): string {
    return this.#steps.map(({ name }) => name).join(" + ");
  }
}

async function quiet<M>(model: M, { settle, verify }: Rules<M>): Promise<void> {
  await turn();
  settle?.(model);
  verify(model, true);
}

/** Runs random steps against `make()`, several a turn, and compares after each; `finish` ends all that still waits. */
export async function checkModel<M extends object>(
  options: Rules<M> & {
    readonly make: fc.Arbitrary<() => M>;
    readonly steps: readonly fc.Arbitrary<Step<M>>[];
    readonly finish: (model: M) => void;
    readonly runs: number;
  },
): Promise<void> {
  const turns = fc
    .array(fc.oneof(...options.steps), { minLength: 1, maxLength: 6 })
    .map((steps) => new Turn(steps, options));
  await fc.assert(
    fc.asyncProperty(options.make, fc.commands([turns], { maxCommands: 25 }), async (make, script) => {
      const model = make();
      await fc.asyncModelRun(() => ({ model, real: {} }), script);
      options.finish(model);
      await quiet(model, options);
    }),
    { numRuns: options.runs },
  );
}
