/** A semaphore against a plain model of one: a number of free permits and a line. */
import * as fc from "fast-check";
import { type Permit, Semaphore } from "holdfast/sync";
import { expect, test } from "../harness.ts";
import { Gate } from "../core/outcome.ts";
import { Call, checkModel, type Step } from "./model.ts";

/** "acquire", "run", and what has been given by `tryAcquire`. */
class Holder extends Call {
  readonly kind: "acquire" | "run";
  permit: Permit | undefined;
  readonly gate: Gate = new Gate();
  /** Of `run`: whether its function was called. */
  isCalled: boolean = false;
  /** In the model; "granted" is a run that has a permit and was not called yet, "ending" one whose function is about to return. */
  state: "waiting" | "granted" | "holding" | "ending" | "gone" = "waiting";

  constructor(id: number, kind: "acquire" | "run") {
    super(id);
    this.kind = kind;
  }
}

class Model {
  readonly semaphore: Semaphore;
  free: number;
  readonly line: Holder[] = [];
  readonly all: Holder[] = [];

  constructor(permits: number) {
    this.semaphore = new Semaphore(permits);
    this.free = permits;
  }

  make(kind: "acquire" | "run"): Holder {
    const holder = new Holder(this.all.length, kind);
    this.all.push(holder);
    return holder;
  }

  enter(holder: Holder): void {
    if (this.free > 0) {
      this.free--;
      this.#give(holder, true);
    } else this.line.push(holder);
  }

  #give(holder: Holder, isAtOnce: boolean): void {
    holder.state = holder.kind === "run" && !isAtOnce ? "granted" : "holding";
    if (holder.kind === "acquire") holder.expected = "value undefined";
  }

  /** Its permit goes to the next. */
  pass(holder: Holder): void {
    holder.state = "gone";
    const next = this.line.shift();
    if (next === undefined) this.free++;
    else this.#give(next, false);
  }

  /** Runs that were granted are called, or give up; those whose function returns leave. */
  settle(): void {
    const isReady = ({ state }: Holder): boolean => state === "granted" || state === "ending";
    for (let holder = this.all.find(isReady); holder !== undefined; holder = this.all.find(isReady))
      if (holder.state === "ending") {
        holder.expected = "value undefined";
        this.pass(holder);
      } else if (holder.signal.aborted) {
        holder.expected = holder.cancelled;
        this.pass(holder);
      } else holder.state = "holding";
  }
}

const isRunning = ({ kind, state }: Holder): boolean => kind === "run" && state === "holding";

const steps: readonly fc.Arbitrary<Step<Model>>[] = [
  fc.boolean().map((isAborted) => ({
    name: isAborted ? "acquire under an aborted signal" : "acquire",
    run: (model) => {
      const holder = model.make("acquire");
      if (isAborted) holder.abort();
      holder.watch(
        model.semaphore.acquire({ signal: holder.signal }).then((permit) => {
          holder.permit = permit;
        }),
      );
      if (isAborted) {
        holder.expected = holder.cancelled;
        holder.state = "gone";
      } else model.enter(holder);
    },
  })),
  fc.constant({
    name: "tryAcquire",
    run: (model) => {
      const permit = model.semaphore.tryAcquire();
      expect(permit !== undefined).toBe(model.free > 0);
      if (permit === undefined) return;
      const holder = model.make("acquire");
      holder.permit = permit;
      holder.watch(Promise.resolve());
      model.enter(holder);
    },
  }),
  fc.constant({
    name: "run",
    run: (model) => {
      const holder = model.make("run");
      const run = async (): Promise<void> => {
        holder.isCalled = true;
        await holder.gate.promise;
      };
      holder.watch(model.semaphore.run(run, { signal: holder.signal }));
      model.enter(holder);
    },
  }),
  fc.nat().map((pick) => ({
    name: `release ${pick}`,
    can: (model) => model.all.some(({ permit }) => permit !== undefined),
    run: (model) => {
      const having = model.all.filter(({ permit }) => permit !== undefined);
      const holder = having[pick % having.length];
      holder?.permit?.release();
      // A second release does nothing.
      if (holder?.state === "holding") model.pass(holder);
    },
  })),
  fc.nat().map((pick) => ({
    name: `end the function of run ${pick}`,
    can: (model) => model.all.some(isRunning),
    run: (model) => {
      const running = model.all.filter(isRunning);
      const holder = running[pick % running.length];
      if (holder === undefined) return;
      holder.gate.open();
      holder.state = "ending";
    },
  })),
  fc.nat().map((pick) => ({
    name: `abort ${pick}`,
    can: (model) => model.all.length > 0,
    run: (model) => {
      const holder = model.all[pick % model.all.length];
      if (holder === undefined) return;
      holder.abort();
      if (holder.state !== "waiting") return;
      holder.state = "gone";
      holder.expected = holder.cancelled;
      model.line.splice(model.line.indexOf(holder), 1);
    },
  })),
];

test("SEMAPHORE-1, SEMAPHORE-2, SEMAPHORE-3: whatever is acquired, run, released and cancelled when, it does what a number and a line do", async () => {
  await checkModel<Model>({
    make: fc.integer({ min: 1, max: 3 }).map((permits) => () => new Model(permits)),
    steps,
    verify: ({ semaphore, free, line, all }, isQuiet) => {
      expect([semaphore.available, semaphore.waiting]).toEqual([free, line.length]);
      if (!isQuiet) return;
      expect(all.map(({ outcome }) => outcome)).toEqual(all.map(({ expected }) => expected));
      const runs = all.filter(({ kind }) => kind === "run");
      expect(runs.map(({ isCalled }) => isCalled)).toEqual(
        runs.map(({ state, expected }) => state === "holding" || state === "ending" || expected === "value undefined"),
      );
    },
    settle: (model) => model.settle(),
    finish: (model) => {
      for (const holder of model.all) {
        holder.gate.open();
        holder.abort();
      }
      for (const { permit } of model.all) permit?.release();
      for (const holder of model.line.splice(0)) {
        holder.state = "gone";
        holder.expected = holder.cancelled;
      }
      for (const holder of model.all.filter(({ state }) => state === "holding"))
        if (holder.kind === "run") holder.state = "ending";
        else model.pass(holder);
    },
    runs: 500,
  });
});
