/**
 * A program: one function that runs until it ends or is told to, and a process that ends with it.
 *
 *   running ──first signal──▶ stopping ──drain, second signal──▶ cancelled ──grace──▶ given up
 *      │                          │                                  │                   │
 *      └──────main and all that it has spawned ended─────────────────┴───────────────────┴──▶ flushing ──▶ exit
 *
 * A third signal exits from anywhere.
 *
 * Invariants
 * - MAIN-1: nothing is listened to before `runMain` is called, nor after its promise has settled; debug mode alone is told of the exit.
 * - MAIN-2: every error of the program is told to the handler, each object once.
 * - MAIN-3: the process is asked to exit once, after the reporters were flushed; only a third signal goes before that.
 * - MAIN-4: once told to stop, it exits within drain, three times grace and the flush, whatever hangs.
 */
import {
  abortable,
  type Awaitable,
  CancelledError,
  type Context,
  ErrorGroup,
  isTimeout,
  onLateError,
  shield,
  splitError,
  type TaskContext,
  type TaskGroup,
  taskGroup,
  timeout,
} from "../core/index.ts";
import { callSite, coldOf, messageOf, rejecting, Scope, scopeOf, startWatchdog } from "../core/lowlevel.ts";
import { formatError } from "./format-error.ts";
import { hasColors } from "./print-error.ts";
import { type MainContext, ProgramContext } from "./run-main-context.ts";
import { durationText, oneLine } from "./format-error-facts.ts";
import { KEEP_ALIVE, linesOfHanging } from "./run-main-hanging.ts";
import { drained, isBrokenPipe, listenTo, type MainProcess } from "./run-main-process.ts";
import {
  checkMain,
  codeOfSignal,
  type ErrorOrigin,
  type MainOptions,
  type MainSettings,
  type MainShutdown,
} from "./run-main-options.ts";
import { StopControl } from "./run-main-stop.ts";
import { after } from "./run-main-timer.ts";

export type { MainContext } from "./run-main-context.ts";

/** Of what was no failure of main's. */
const TITLES: Partial<Record<ErrorOrigin, string>> = {
  unhandledRejection: "unhandled rejection",
  uncaughtException: "uncaught exception",
};

/** What is always there where a standard stream is no file. */
const STANDARD_STREAMS: ReadonlySet<string> = new Set(["PipeWrap", "TTYWrap"]);

/** Milliseconds: a handler that keeps the limit says at its end what is missing. */
const FLUSH_GRACE = 100;

/** What a shell shows for a process that nobody reads any more: 128 + SIGPIPE. */
const BROKEN_PIPE = 141;

/**
 * Calls `main` at once, in a task group, keeps the process alive until it and all that it has spawned have ended, and then ends the process.
 *
 * - The first SIGINT or SIGTERM aborts `stopping`; `signal` follows after `drain`, or at once if nobody has looked at `stopping`. The second cancels now, the third exits.
 * - What does not end within its grace is named on standard error, with its age, what it waits for, and where it was spawned; then the process exits all the same.
 * - Errors of main and its tasks, unhandled rejections and uncaught exceptions go to the handler, each once; the last two also cancel main, unless the program has a
 *   listener of its own for them. Reporters are flushed, at most for `grace` and at most for two seconds.
 * - The exit code is 1 after an error, else 128 + n after signal n (130 for SIGINT, 143 for SIGTERM), else 141 when the reader of standard output went away, else 0.
 * - After 0 the process ends when nothing holds it any more, as without `runMain`. What still holds it after `grace` is named, and it exits with 1.
 *
 * With HOLDFAST_DEBUG=1 in the environment the program says what is wrong with it while it runs, and main is called a moment later: see the guide on debugging.
 *
 * Nothing is listened to before this is called. The promise resolves when all is over, and never rejects for an error of main's.
 *
 * @throws {TypeError | RangeError} for options that can't be, or another HOLDFAST_DEBUG, as a rejection
 */
export function runMain(main: (context: MainContext) => Awaitable<unknown>, options: MainOptions = {}): Promise<void> {
  const site = callSite(runMain);
  return rejecting(() => new Program(main, options, checkMain(main, options), site).run());
}

class Program {
  readonly #process: MainProcess;
  readonly #main: (context: MainContext) => Awaitable<unknown>;
  readonly #options: MainOptions;
  readonly #settings: MainSettings;
  readonly #site: string | undefined;
  readonly #stop: StopControl;
  readonly #told: WeakSet<object> = new WeakSet();
  #scope: Scope | undefined;
  #signals = 0;
  #signal: string | undefined;
  #hasFailed = false;
  #isOutputClosed = false;
  #hasGivenUp = false;
  #hasExited = false;
  #stopTimer: () => void = () => {};
  #giveUp: () => void = () => {};

  constructor(
    main: (context: MainContext) => Awaitable<unknown>,
    options: MainOptions,
    settings: MainSettings,
    site: string | undefined,
  ) {
    // Holds: Node's process has all of it; its overloads, one for each event, are what the compiler can't match.
    this.#process = options.process ?? (process as unknown as MainProcess);
    this.#main = main;
    this.#options = options;
    this.#settings = settings;
    this.#site = site;
    this.#stop = new StopControl(settings.name, settings.drain, options.shutdown !== undefined);
  }

  async run(): Promise<void> {
    const { handler, shutdown } = this.#options;
    const { cancelling } = this.#stop;
    const unlisten = listenTo(this.#process, this.#settings.signals, {
      onSignal: (signal) => this.#onSignal(signal),
      onCrash: (error, origin, isOurs) => this.#onCrash(error, origin, isOurs),
      onOutputClosed: () => {
        this.#isOutputClosed = true;
        this.#stop.cancel("the reader of standard output, which went away");
      },
    });
    // Without a handler they are printed as everywhere.
    const late = handler && onLateError((error, { task }) => this.#tell(error, "lateError", task));
    if (shutdown !== undefined) {
      // Its failure is taken below, where the same run is waited for.
      const start = (): void => void shutdown.run({ signal: cancelling }).catch(() => {});
      this.#stop.stopping.addEventListener("abort", start, { once: true });
    }
    const stopDebug = this.#settings.isDebugged ? await this.#debug() : undefined;
    await this.#runGroup();
    this.#stopTimer();
    if (shutdown !== undefined) await this.#shutDown(shutdown);
    this.#stop.dispose();
    await this.#flush();
    stopDebug?.();
    late?.[Symbol.dispose]();
    unlisten();
    this.#exit(this.#code());
  }

  /** Loaded only here: a program that is not debugged has nothing of it. */
  async #debug(): Promise<(() => void) | undefined> {
    try {
      const { startDebug } = await import("./debug.ts");
      return await startDebug({
        write: (text) => this.#write(`debug: ${text}`),
        onExit: (callback) => void this.#process.on("exit", callback),
        isTold: (error) => this.#told.has(Object(error)),
      });
    } catch (error) {
      // A program that is looked at does what it does all the same.
      this.#say(`debug mode could not be turned on: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Settles when main and all that it has spawned has ended, or was given up. */
  #runGroup(): Promise<void> {
    const { name, grace } = this.#settings;
    const options = { name, grace, cleanupGrace: grace / 2, signal: this.#stop.cancelling };
    return new Promise((resolve) => {
      this.#giveUp = resolve;
      taskGroup((group) => this.#body(group), options).then(
        () => resolve(),
        (error: unknown) => {
          this.#failed(error);
          resolve();
        },
      );
    });
  }

  /** Settles when `shutdown` is over, or was given up. */
  async #shutDown(shutdown: MainShutdown): Promise<void> {
    const { name, drain, grace } = this.#settings;
    const { cancelling, isStopping } = this.#stop;
    // A main that has ended by itself leaves it as much time as one that was told to.
    const stop = isStopping ? undefined : after(drain, () => this.#stop.cancel("the end of its drain"));
    const run = async (context: Context): Promise<void> => {
      try {
        await abortable(shutdown.run({ signal: cancelling }), context);
      } catch (error) {
        if (!context.cancelled) return this.#failed(error);
        this.#hasGivenUp = true;
        this.#say(`${name}'s shutdown still runs ${durationText(grace)} after it was told to hurry; it is given up`);
      }
    };
    await shield(run, { signal: cancelling, grace });
    stop?.();
  }

  #body(group: TaskGroup): void {
    const { name, grace } = this.#settings;
    const scope = (this.#scope = scopeOf(group.signal));
    // By then the group may just have given up those that run.
    const states = ["running", "abandoned"];
    const watch = (): void => this.#watch(messageOf(group.signal.reason), scope, states, grace, () => {});
    group.signal.addEventListener("abort", watch, { once: true });
    group.spawnService((context) => this.#keepAlive(context, scope), { name: KEEP_ALIVE });
    // Called through a variable, or it would see us as its `this`, and its frames would be ours.
    const main = this.#main;
    const task = group.spawn((context) => main(new ProgramContext(context, this.#stop)), { name, immediate: true });
    // Whoever called runMain has spawned it, and not this line.
    for (const one of [scope, task]) if (one instanceof Scope) coldOf(one).site = this.#site;
  }

  /** Holds the process with its timer, and learns when the group closes: the last task has ended, services and cleanups are left. */
  async #keepAlive({ sleep }: TaskContext, scope: Scope): Promise<void> {
    const { name, grace } = this.#settings;
    try {
      await sleep(Infinity);
    } finally {
      this.#watch(`${name} has ended`, scope, ["running"], grace * 2, () => this.#abandon(scope));
    }
  }

  /** After `limit` says who in one of `states` still hangs, `why` being what has told them to end. */
  #watch(why: string, scope: Scope, states: readonly string[], limit: number, then: () => void): void {
    this.#stopTimer();
    this.#stopTimer = after(limit, () => {
      const lines = linesOfHanging(scope, states, KEEP_ALIVE);
      if (lines.length > 0) {
        this.#hasGivenUp = true;
        this.#say(`${why}; ${durationText(limit)} later it still waits for`, lines);
      }
      then();
    });
  }

  /** Leaves a group that will not settle, with what is known of its failure. */
  #abandon(scope: Scope): void {
    this.#hasGivenUp = true;
    const reason = scope.ownReason();
    if (reason instanceof CancelledError && reason.kind === "sibling") this.#failed(reason.cause);
    this.#giveUp();
  }

  #onSignal(signal: string): void {
    this.#signal ??= signal;
    this.#signals += 1;
    if (this.#signals === 1) this.#stop.stop(signal);
    else if (this.#signals === 2) this.#stop.cancel(signal);
    else this.#exit(this.#code());
  }

  #onCrash(error: unknown, origin: ErrorOrigin, isOurs: boolean): void {
    // Nobody awaits it, but it only says what was asked for.
    if (this.#isExpected(error)) return;
    this.#tell(error, origin, this.#settings.name);
    if (!isOurs) return;
    this.#hasFailed = true;
    this.#stop.cancel(origin === "unhandledRejection" ? "an unhandled rejection" : "an uncaught exception", error);
  }

  /** Takes an error that the group or the shutdown has thrown. */
  #failed(error: unknown): void {
    let [, rest] = splitError(error, (one: unknown) => this.#isExpected(one));
    if (rest === undefined) return;
    this.#hasFailed = true;
    // A single one needs no group around it to be read.
    while (rest instanceof ErrorGroup && rest.errors.length === 1) rest = rest.errors[0];
    this.#tell(rest, "main", this.#settings.name);
  }

  /** Whether it only says that the program was stopped. */
  #isExpected(error: unknown): boolean {
    return this.#stop.isEcho(error) || (this.#isOutputClosed && isBrokenPipe(error));
  }

  #tell(error: unknown, origin: ErrorOrigin, task: string): void {
    // A shutdown that main has waited for fails both, each with a group around the same errors. What is no object is a failure of its own.
    const inner: readonly unknown[] = error instanceof ErrorGroup ? error.leaves() : [];
    // A group without errors is one itself: it must not be lost.
    const leaves = (inner.length > 0 ? inner : [error]).map((leaf): object => Object(leaf));
    if (leaves.every((leaf) => this.#told.has(leaf))) return;
    for (const leaf of leaves) this.#told.add(leaf);
    const { handler } = this.#options;
    try {
      if (handler !== undefined) handler.report(error, { origin, task });
      else this.#print(error, origin, task);
    } catch (thrown) {
      this.#print(error, origin, task);
      this.#print(thrown, "main", "handler.report");
    }
  }

  #print(error: unknown, origin: ErrorOrigin, task: string): void {
    const title = oneLine(TITLES[origin] ?? `${task} failed`);
    this.#write(`${title}: ${formatError(error, { color: hasColors(this.#process.stderr) })}`);
  }

  #say(sentence: string, lines: readonly string[] = []): void {
    this.#write([oneLine(sentence), ...lines].join("\n"));
  }

  #write(text: string): void {
    this.#process.stderr.write(`holdfast: ${text}\n`);
  }

  async #flush(): Promise<void> {
    const { flushLimit } = this.#settings;
    const { handler } = this.#options;
    const { stdout, stderr } = this.#process;
    if (handler !== undefined)
      try {
        const call = { name: "handler.flush", grace: FLUSH_GRACE };
        const result = await timeout(flushLimit, () => handler.flush(flushLimit), call);
        // Holds: whatever it is, a list that is no array of names is not taken for one.
        const { unfinished } = Object(result) as { readonly unfinished?: unknown };
        if (Array.isArray(unfinished) && unfinished.length > 0)
          this.#say(
            `handler.flush did not come to an end within ${flushLimit} ms for ${unfinished.join(", ")}; what is not sent is lost`,
          );
      } catch (error) {
        if (isTimeout(error))
          this.#say(`handler.flush took longer than ${flushLimit} ms; what it has not sent is lost`);
        else this.#print(error, "main", "handler.flush");
      }
    await Promise.all([drained(stdout, flushLimit), drained(stderr, flushLimit)]);
  }

  #code(): number {
    if (this.#hasFailed) return 1;
    if (this.#signal !== undefined) return codeOfSignal(this.#signal) ?? 1;
    if (this.#isOutputClosed) return BROKEN_PIPE;
    // The group has given up those by itself, and has said so.
    return this.#hasGivenUp || this.#scope?.cold?.unresponsive !== undefined ? 1 : 0;
  }

  #exit(code: number): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    const { exit } = this.#options;
    if (exit !== undefined) exit(code);
    else if (code !== 0) this.#process.exit(code);
    else this.#endByItself();
  }

  /** As any process does; only, it says what keeps it from it. */
  #endByItself(): void {
    const { name, grace } = this.#settings;
    if (grace === Infinity) return;
    startWatchdog(() => {
      const held = this.#process.getActiveResourcesInfo?.().filter((resource) => !STANDARD_STREAMS.has(resource)) ?? [];
      this.#say(
        `${name} has returned; ${durationText(grace)} later the process is still held by ${held.join(", ") || "something"}; end what it has started, or wait for it in ${name}`,
      );
      this.#process.exit(1);
    }, grace);
  }
}
