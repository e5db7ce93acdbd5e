/** A circuit breaker against a plain model, for any sequence of calls, outcomes, cancellations, pauses and interventions. */
import * as fc from "fast-check";
import { type CircuitBreaker, circuitBreaker, CircuitOpenError, type CircuitState } from "holdfast";
import { root } from "holdfast/lowlevel";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

interface Rules {
  readonly size: number;
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly openFor: number;
  readonly probes: number;
  readonly slowCall: { readonly ms: number; readonly ratio: number };
}

/** How a call ends: `cancel` aborts its signal, and the function stops; `leave` aborts it, and the function ends in success when it ends. */
type End = "succeed" | "fail" | "cancel" | "leave" | "refuse";

type Step =
  | { readonly type: "call" }
  | { readonly type: "end"; readonly index: number; readonly how: End }
  | { readonly type: "pause"; readonly ms: number }
  | { readonly type: "open" | "close" | "reload" };

/** A stretch of time in which the circuit has one state; of a half-open one, with one round of probes. */
interface Era {
  readonly state: CircuitState;
  /** Open: when it is over. Half-open: when its probes have had their time. */
  until: number;
  /** Half-open: probes that have a place, or have succeeded. */
  readonly probes: Set<number>;
  readonly ended: { readonly isFailure: boolean; readonly isSlow: boolean }[];
}

class Model {
  readonly #rules: Rules;
  readonly #calls: { readonly era: Era; readonly at: number; isOver: boolean }[] = [];
  #era: Era = { state: "closed", until: 0, probes: new Set(), ended: [] };
  now: number = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  get state(): CircuitState {
    const { state, until } = this.#era;
    return state === "open" && this.now >= until ? "half-open" : state;
  }

  get window(): Era["ended"] {
    return this.#era.state === "closed" ? this.#era.ended.slice(-this.#rules.size) : [];
  }

  begin(state: CircuitState, until = 0): void {
    this.#era = { state, until, probes: new Set(), ended: [] };
  }

  /** Whether it goes through. */
  call(): boolean {
    const { probes, openFor } = this.#rules;
    if (this.state === "open") return false;
    if (this.state === "half-open") {
      if (this.#era.state === "open") this.begin("half-open");
      else if (this.#era.probes.size >= probes) {
        if (this.now < this.#era.until) return false;
        this.begin("half-open");
      }
      this.#era.probes.add(this.#calls.length);
      this.#era.until = this.now + openFor;
    }
    this.#calls.push({ era: this.#era, at: this.now, isOver: false });
    return true;
  }

  end(index: number, how: End): void {
    const call = this.#calls[index];
    if (call === undefined || call.isOver) return;
    call.isOver = true;
    const era = this.#era;
    if (call.era !== era) return;
    // A call of a closed circuit that succeeds all the same counts; a probe that was cancelled does not.
    if (how === "cancel" || how === "refuse" || (how === "leave" && era.state === "half-open")) {
      era.probes.delete(index);
      return;
    }
    const { size, failureRatio, minimumCalls, openFor, probes, slowCall } = this.#rules;
    era.ended.push({ isFailure: how === "fail", isSlow: this.now - call.at >= slowCall.ms });
    if (era.state === "half-open") {
      if (era.ended.some(({ isFailure, isSlow }) => isFailure || isSlow)) this.begin("open", this.now + openFor);
      else if (era.ended.length === probes) this.begin("closed");
      return;
    }
    const last = era.ended.slice(-size);
    const part = (count: number): number => count / last.length;
    const isTripped =
      part(last.filter(({ isFailure }) => isFailure).length) >= failureRatio ||
      part(last.filter(({ isSlow }) => isSlow).length) >= slowCall.ratio;
    if (last.length >= minimumCalls && isTripped) this.begin("open", this.now + openFor);
  }

  /** In another process nobody probes, and nobody knows of calls from here. */
  reload(): void {
    const { until, ended } = this.#era;
    const state = this.state;
    this.begin(state === "half-open" ? "open" : state, state === "half-open" ? this.now : until);
    if (state === "closed") this.#era.ended.push(...ended.slice(-this.#rules.size));
  }
}

class Real {
  readonly #make: () => CircuitBreaker;
  readonly #calls: { readonly gate: Gate; readonly controller: AbortController }[] = [];
  breaker: CircuitBreaker;

  constructor(rules: Rules) {
    this.#make = () => circuitBreaker({ ...rules, window: { calls: rules.size } });
    this.breaker = this.#make();
  }

  async call(): Promise<boolean> {
    const call = { gate: new Gate(), controller: new AbortController() };
    let isCalled = false;
    const promise = this.breaker.run(() => ((isCalled = true), call.gate.promise), { signal: call.controller.signal });
    promise.catch(() => {});
    await turn();
    if (isCalled) this.#calls.push(call);
    return isCalled;
  }

  end(index: number, how: End): void {
    const call = this.#calls[index];
    if (call === undefined) return;
    const { gate, controller } = call;
    if (how === "cancel" || how === "leave") controller.abort();
    if (how === "cancel") gate.fail(controller.signal.reason);
    else if (how === "fail") gate.fail(new Error("failure"));
    else if (how === "refuse") gate.fail(new CircuitOpenError("another", "another", undefined, "open", 5));
    else gate.open();
  }

  reload(): void {
    const snapshot: unknown = JSON.parse(JSON.stringify(this.breaker.snapshot()));
    this.breaker = this.#make();
    this.breaker.restore(snapshot as ReturnType<CircuitBreaker["snapshot"]>);
  }
}

const anyRules: fc.Arbitrary<Rules> = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    failureRatio: fc.constantFrom(0.1, 1 / 3, 0.5, 0.7, 1),
    minimumCalls: fc.integer({ min: 1, max: size }),
    openFor: fc.integer({ min: 1, max: 30 }),
    probes: fc.integer({ min: 1, max: 3 }),
    slowCall: fc.record({ ms: fc.integer({ min: 1, max: 40 }), ratio: fc.constantFrom(0.5, 1) }),
  }),
);

const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant("call" as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("end" as const),
        index: fc.nat(12),
        how: fc.constantFrom<End[]>("succeed", "succeed", "fail", "fail", "cancel", "leave", "refuse"),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("pause" as const), ms: fc.integer({ min: 1, max: 30 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constantFrom("open" as const, "close" as const, "reload" as const) }),
    },
  ),
  { minLength: 20, maxLength: 60 },
);

test("a circuit breaker is at any time in the state of the model, calls when the model calls, and counts what it counts", async () => {
  const reached: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(anyRules, anySteps, async (rules, steps) => {
      const [model, real] = [new Model(rules), new Real(rules)];
      model.now = clock.now();
      let calls = 0;
      const running: number[] = [];
      for (const step of steps) {
        if (step.type === "call") {
          const goesThrough = model.call();
          expect(await real.call()).toBe(goesThrough);
          if (goesThrough) running.push(calls++);
        } else if (step.type === "end") {
          const [index] = running.splice(step.index % running.length, 1);
          if (index === undefined) continue;
          model.end(index, step.how);
          real.end(index, step.how);
        } else if (step.type === "pause") {
          model.now += step.ms;
          clock.block(step.ms);
        } else if (step.type === "open") {
          model.begin("open", model.now + rules.openFor);
          real.breaker.open();
        } else if (step.type === "close") {
          model.begin("closed");
          real.breaker.close();
        } else {
          model.reload();
          real.reload();
        }
        await turn();
        reached[model.state] = (reached[model.state] ?? 0) + 1;
        expect([real.breaker.state, real.breaker.stats]).toEqual([
          model.state,
          {
            calls: model.window.length,
            failures: model.window.filter(({ isFailure }) => isFailure).length,
            slow: model.window.filter(({ isSlow }) => isSlow).length,
          },
        ]);
      }
      for (const index of running) real.end(index, "succeed");
      await turn();
      expect([clock.made, root().kids]).toEqual([0, undefined]);
    }),
    { seed: 1, numRuns: 400 },
  );
  // The model is not asked about one state only.
  expect(Object.values(reached).filter((times) => times > 1000).length).toBe(3);
}, 30_000);
