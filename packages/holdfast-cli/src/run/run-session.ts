/**
 * One run: output, journal, setup, items, teardown, in that order, and back.
 *
 * SESSION-1: the journal's run ends as finished, stopped or failed on every way out of this process that runs code.
 * SESSION-2: `teardown` is called exactly once if `setup` succeeded, unless the process is ended from inside.
 * SESSION-3: items count as done only when the journal has committed them.
 */
import { onLateError } from "holdfast";
import { formatWithOptions } from "node:util";
import { formatDuration } from "../duration.ts";
import type { Log } from "../handler/handler-context.ts";
import type { HandlerModule } from "../handler/handler-module.ts";
import type { Host } from "../host.ts";
import type { Input, InputFacts } from "../input/index.ts";
import { openJournal } from "../journal/index.ts";
import type { Journal } from "../journal/index.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { OutputClosedError, openOutput } from "../output/index.ts";
import type { OutputFile } from "../output/index.ts";
import type { CliError } from "../cli-error.ts";
import type { Progress } from "../progress/progress.ts";
import { RunStatus } from "../progress/run-status.ts";
import { activityText, count, counted, doneText, oneLine, rateText } from "../progress/status-text.ts";
import { programName, resumeStep } from "../report/command-line.ts";
import { settingsText } from "../report/settings-text.ts";
import { summarize } from "../report/summarize.ts";
import type { Summary } from "../report/summary.ts";
import { earlyStop } from "./early-stop.ts";
import type { ExitCause } from "./exit-guard.ts";
import { exitMessage } from "./exit-message.ts";
import type { Stage } from "./exit-message.ts";
import { FailureLimit } from "./failure-limit.ts";
import { describeFlying } from "./in-flight.ts";
import type { FlyingItem } from "./in-flight.ts";
import { ItemSource } from "./item-source.ts";
import { itemsLeft } from "./items-left.ts";
import { setUp, tearDown } from "./run-hooks.ts";
import { runItems } from "./run-loop.ts";
import { StopControl } from "./stop-control.ts";

export interface RunSessionOptions {
  readonly settings: RunSettings;
  /** As given after `holdfast run`: the report says how to go on. */
  readonly args: readonly string[];
  readonly module: HandlerModule;
  readonly input: Input;
  readonly facts: InputFacts | undefined;
  readonly journalPath: string;
  readonly progress: Progress;
  readonly host: Host;
}

export interface SessionResult {
  readonly summary: Summary;
  /** What went wrong beside the items; told after the report. */
  readonly errors: readonly CliError[];
}

const shownFlying = 10;
const shownLateErrors = 20;

export class RunSession {
  readonly stop: StopControl;
  readonly #options: RunSessionOptions;
  readonly #flying: Map<number, FlyingItem> = new Map();
  readonly #log: Log;
  #stage: Stage = "opening";
  #journal: Journal | undefined;
  #output: OutputFile | undefined;
  #status: RunStatus | undefined;
  #lateErrors = 0;

  constructor(options: RunSessionOptions) {
    this.#options = options;
    this.stop = new StopControl(options.host.clock, options.settings.drain);
    this.#log = (...values) => options.progress.log(formatWithOptions({ colors: false }, ...values));
  }

  /** Runs to the end. @throws {@link CliError} When output or journal can't be opened or setup fails. */
  async run(): Promise<SessionResult> {
    const late = onLateError((error, { task }) => this.#noteLateError(error, task));
    try {
      return await this.#run(this.#open());
    } finally {
      late[Symbol.dispose]();
      this.stop.dispose();
      this.#close("failed");
    }
  }

  get #program(): string {
    return programName(this.#options.host.env);
  }

  /** Inside the end of the process: commits and closes what there is, and says what was in flight. */
  endedBy(cause: ExitCause): string {
    const now = this.#options.host.clock.now();
    const lines = [
      `holdfast: ${exitMessage(cause, this.#stage)}`,
      ...describeFlying(this.#flying.values(), now, shownFlying),
    ];
    const failure = this.#close("failed");
    if (failure !== undefined) lines.push(`holdfast: ${failure.message}`);
    const { succeeded = 0, dead = 0 } = this.#journal?.totals ?? {};
    const { why, command } = resumeStep(this.#program, this.#options.args, this.#options.settings);
    lines.push(`done and kept: ${count(succeeded + dead)}; ${why}:`, `  ${command}`);
    return `${lines.join("\n")}\n`;
  }

  /** Before the process ends at once: what has its result keeps it. */
  leave(): void {
    this.#close("stopped");
  }

  /** The status in words, with everything counted that has its result: SIGUSR2. */
  describe(): string {
    const journal = this.#journal;
    if (journal !== undefined && this.#stage === "items") this.#guard(() => journal.flush());
    const now = this.#options.host.clock.now();
    const status = this.#status?.snapshot(now);
    if (status === undefined) return `status: ${this.#stage}`;
    const head = `status: ${doneText(status)} after ${formatDuration(status.elapsed)}, ${rateText(status.rate)}, ${activityText(status)}`;
    return [head, ...describeFlying(this.#flying.values(), now, shownFlying)].join("\n");
  }

  get inFlight(): number {
    return this.#flying.size;
  }

  async #run(journal: Journal): Promise<SessionResult> {
    const { settings, args, module, input, facts, journalPath, progress, host } = this.#options;
    const { stop } = this;
    const status = this.#watch(journal);

    this.#stage = "setup";
    const resources = await setUp(module, stop, this.#log);

    this.#stage = "items";
    const isDone = (index: number, key: string | undefined): boolean => journal.isDone(index, key);
    const source = new ItemSource({
      input,
      isDone,
      limit: settings.limit,
      interval: settings.interval,
      clock: host.clock,
    });
    if (stop.phase !== "running") source.stop();
    stop.stopping.addEventListener("abort", () => source.stop());
    progress.start({ title: this.#title(journal), facts: this.#startFacts(journal) }, status);
    const startedAt = host.clock.now();
    const loop = await runItems({
      name: module.name,
      handler: module.handler,
      settings,
      failureLimit: new FailureLimit(settings.maxFailures, facts?.items),
      source,
      record: (outcome) => this.#guard(() => journal.record(outcome)),
      status,
      flying: this.#flying,
      stop,
      shared: { log: this.#log, stopping: stop.stopping, shared: resources.shared },
      clock: host.clock,
    });
    this.#guard(() => journal.flush());
    const duration = host.clock.now() - startedAt;

    this.#stage = "teardown";
    const teardownError = await tearDown(module, resources, stop, this.#log);

    this.#stage = "closing";
    // Asked twice: finishing writes too, and may be what breaks.
    const left = itemsLeft(source, settings, facts, journal);
    const before = earlyStop(stop.cause, source, settings, left);
    this.#guard(() => journal.finish(before === undefined ? "finished" : before.failed ? "failed" : "stopped"));
    const early = earlyStop(stop.cause, source, settings, left);
    progress.stop();
    const summary = summarize({
      settings,
      args,
      program: this.#program,
      handler: module.name,
      journalPath,
      journal,
      input,
      facts,
      source,
      loop,
      lateErrors: this.#lateErrors,
      duration,
      earlyStop: early,
      left,
      teardownError,
    });
    return { summary, errors: [early?.error, teardownError].filter((error) => error !== undefined) };
  }

  #open(): Journal {
    const { settings, module, input, facts, journalPath, host } = this.#options;
    if (settings.output !== undefined) {
      this.#output = openOutput(settings.output, { onClosed: () => this.stop.abort(new OutputClosedError()) });
    }
    this.#journal = openJournal({
      path: journalPath,
      handler: module.name,
      options: { ...settings },
      input: { name: settings.input, format: input.format, facts, key: settings.key },
      resume: settings.resume,
      fresh: settings.fresh,
      output: this.#output,
      onCommit: (outcomes) => this.#status?.acknowledged(outcomes, host.clock.now()),
      onFailure: (error) => this.stop.abort(error),
    });
    return this.#journal;
  }

  #watch(journal: Journal): RunStatus {
    const { facts, host } = this.#options;
    const status = new RunStatus({
      total: facts?.items,
      before: journal.before,
      now: host.clock.now(),
      inFlight: () => this.#flying.size,
    });
    this.stop.stopping.addEventListener("abort", () => (status.phase = this.stop.phase));
    this.stop.signal.addEventListener("abort", () => (status.phase = "aborting"));
    this.#status = status;
    return status;
  }

  /** A write that fails ends the run: what can't be recorded must not be begun. */
  #guard(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.stop.abort(error);
    }
  }

  /** Idempotent. A run that was finished stays so. The error is of the last commit. */
  #close(state: "failed" | "stopped"): Error | undefined {
    let failure: Error | undefined;
    if (this.#stage !== "closing") {
      this.#stage = "closing";
      try {
        this.#journal?.finish(state);
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
      }
    }
    this.#journal?.close();
    this.#output?.close();
    this.#output = undefined;
    return failure;
  }

  #noteLateError(error: unknown, task: string): void {
    this.#lateErrors += 1;
    if (this.#lateErrors > shownLateErrors) return;
    const shown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.#log(`late error of ${task}, abandoned before: ${oneLine(shown, 200)}`);
  }

  #title(journal: Journal): string {
    const { settings, module, facts, journalPath } = this.#options;
    const items = facts?.items === undefined ? "" : `, ${counted(facts.items, "item")}`;
    const { succeeded, dead } = journal.before;
    const before = journal.resumed ? `, going on: ${count(succeeded + dead)} done before` : "";
    return `holdfast run ${module.name} over ${settings.input}${items}${before}; ${settingsText(settings)}; journal ${journalPath}`;
  }

  #startFacts(journal: Journal): Readonly<Record<string, unknown>> {
    const { settings, module, facts, journalPath } = this.#options;
    return {
      handler: module.name,
      input: settings.input,
      total: facts?.items,
      journal: journalPath,
      output: settings.output,
      resumed: journal.resumed,
      before: journal.before,
      concurrency: settings.concurrency,
      retries: settings.retries,
      timeout: settings.timeout,
    };
  }
}
