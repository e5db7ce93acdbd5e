/**
 * Runs a program on the library and notes what happens. What can be seen on the spot is checked here; what became of each call is checked in `judge.ts`.
 */
import { runCombine, runMap, runShield, runTimeout } from "./calls.ts";
import { runGroup } from "./groups.ts";
import { cancelGroup, cancelTask, defer, join, spawn, spawnService, start } from "./members.ts";
import type { Block, Fault, Reaction, Step } from "./program.ts";
import { LawError } from "./record.ts";
import { hang, sleepFor, waitAbortable } from "./waits.ts";
import { at, type Env, World } from "./world.ts";

export class Interpreter extends World {
  readonly #shared: readonly LawError[] = [new LawError("shared 0"), new LawError("shared 1")];

  async step(step: Step, env: Env): Promise<void> {
    switch (step.do) {
      case "sleep":
        return await sleepFor(this, step.ms, env);
      case "work":
        return await this.work(step.ms);
      case "hops":
        for (let count = 0; count < step.count; count++) await Promise.resolve();
        return;
      case "hang":
        return await hang(this, step.how, env);
      case "abortable":
        return await waitAbortable(this, step, env);
      case "throw":
        return this.throw(step.fault);
      case "guard":
        return await this.#guard(step.block, step.reaction, env);
      case "spawn":
        return spawn(this, step, env);
      case "service":
        return spawnService(this, step, env);
      case "start":
        return await start(this, step, env);
      case "defer":
        return defer(this, step, env);
      case "cancel":
        return cancelGroup(this, at(env.groups, step.into), env);
      case "cancel-task":
        return cancelTask(this, step.which, env);
      case "join":
        return await join(this, step, env);
      case "group":
        return await runGroup(this, step, env);
      case "timeout":
        return await runTimeout(this, step, env);
      case "shield":
        return await runShield(this, step, env);
      case "combine":
        return await runCombine(this, step, env);
      case "map":
        return await runMap(this, step, env);
    }
  }

  throw(fault: Fault): void {
    if (fault.kind === "fresh") throw this.fresh("error");
    if (fault.kind === "shared") throw this.#shared[fault.index];
    throw fault.value;
  }

  async #guard(block: Block, reaction: Reaction, env: Env): Promise<void> {
    try {
      await this.steps(block, env);
    } catch (error) {
      switch (reaction) {
        case "swallow":
          return;
        case "convert":
          throw this.fresh("converted", error);
        case "abort-error":
          throw abortError(error);
        case "bare-abort-error":
          this.signal(env);
          throw abortError();
        case "aggregate":
          throw aggregate(error);
        case "mixed-aggregate":
          throw aggregate(error, this.fresh("beside"));
        case "linger":
          await this.work(3);
          throw error;
        case "spawn":
          spawn(
            this,
            { do: "spawn", into: 0, block: { steps: [{ do: "sleep", ms: 1 }], isSync: false }, immediate: false },
            env,
          );
          throw error;
        case "rethrow":
          throw error;
      }
    }
  }
}

function abortError(cause?: unknown): Error {
  const error = cause === undefined ? new Error("aborted") : new Error("aborted", { cause });
  error.name = "AbortError";
  return error;
}

function aggregate(...errors: readonly unknown[]): AggregateError {
  return new AggregateError(errors);
}
