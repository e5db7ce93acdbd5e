/**
 * How a service ends without losing what it has accepted.
 *
 *   running ──run()──▶ announce ──delay──▶ intake ──▶ drain ──▶ close ──▶ flush ──▶ stopped
 *                      not ready           no more    finish    give      send what
 *                      any more            work       what is   back      is buffered
 *                                                     there
 *
 * The names are those of the field: lightship, terminus and close-with-grace have a part of it each, Kubernetes has the delay and the limit.
 *
 * Invariants
 * - SHUTDOWN-1: every function of every part is called once, in the order of the phases, whatever failed or hung before; of a part that came late, too.
 * - SHUTDOWN-2: it runs once, however often and by whomever it is started, and everybody gets its outcome.
 * - SHUTDOWN-3: it is over `timeout` and half a second for each call that was cut short after it began, whatever hangs.
 * - SHUTDOWN-4: what failed is in its ErrorGroup, once, and what was cut short, by name.
 */
import { setMaxListeners } from "node:events";
import { abortable, type Awaitable, type Context, ErrorGroup, isTimeout, settle, sleep } from "../core/index.ts";
import { checkFunction, now, rejecting } from "../core/lowlevel.ts";
import { ShutdownOverError, type ShutdownPhase, ShutdownTimeoutError } from "./shutdown-errors.ts";
import { checkShutdown, limitOf, PHASES, type ShutdownOptions, type ShutdownSettings } from "./shutdown-options.ts";

/** Milliseconds that what was told to stop has for it. */
const GRACE = 500;

/** Something that has to be put in order: a server, a queue, a group of tasks, a pool of connections. It has a function for each phase in which it takes part. */
export type ShutdownPart = {
  /** In errors. */
  readonly name: string;
  /** What it waits for at the moment, in words, for the error of a limit that ran out. */
  readonly waitingFor?: (() => readonly string[]) | undefined;
} & { readonly [P in ShutdownPhase]?: ((context: Context) => Awaitable<unknown>) | undefined };

export interface Shutdown {
  /** Where it is. During the delay it is "announce". */
  readonly state: "running" | ShutdownPhase | "stopped";
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Aborts when it begins: for what should end early because of it, like a long poll. */
  readonly stopping: AbortSignal;
  /**
   * Registers `part`. In `announce`, `intake`, `drain` and `flush` all parts are called at the same time; in `close` one at a time, the last added first, each with an equal
   * share of what is left of the phase, so that one that hangs leaves something for the others. One that is added while the shutdown runs makes up for the phases
   * that it has missed. Dispose of what this returns when the part is gone before.
   *
   * @throws {ShutdownOverError} when the shutdown is over
   * @throws {TypeError} for what is no part
   */
  readonly add: (part: ShutdownPart) => Disposable;
  /**
   * Starts it, if it does not run yet, and waits for it. When `signal` aborts it hurries: no more delay, what runs is told to stop, and what has not run has its half second.
   *
   * @throws {ErrorGroup} of what parts threw, and a ShutdownTimeoutError for each that was cut short
   */
  readonly run: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>;
  /** Waits until it is over, without starting it, and settles as `run` does. `signal` ends the waiting. */
  readonly join: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>;
}

/**
 * A shutdown in phases. Add the parts, give it to `runMain`, or call `run()` yourself when it is time.
 *
 * @throws {TypeError | RangeError} for options that can't be
 */
export function gracefulShutdown(options: ShutdownOptions = {}): Shutdown {
  return new PhasedShutdown(checkShutdown(options));
}

/** A part, and the first phase that it has not seen. */
interface Entry {
  readonly part: ShutdownPart;
  next: number;
}

class PhasedShutdown implements Shutdown {
  state: "running" | ShutdownPhase | "stopped" = "running";
  readonly #settings: ShutdownSettings;
  readonly #stopping: AbortController = new AbortController();
  readonly #hurry: AbortController = new AbortController();
  readonly #over: Promise<void>;
  readonly #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  readonly #errors: unknown[] = [];
  #entries: Entry[] = [];
  #unlink: (() => void)[] = [];
  #until = Infinity;
  #hurriedAt = Infinity;

  constructor(settings: ShutdownSettings) {
    this.#settings = settings;
    let outcome = { resolve: (): void => {}, reject: (_error: unknown): void => {} };
    this.#over = new Promise((resolve, reject) => {
      outcome = { resolve, reject };
    });
    this.#settle = outcome;
    // Every request in flight may listen: a hundred listeners are no leak here.
    setMaxListeners(0, this.#stopping.signal);
  }

  get timeout(): number {
    return this.#settings.timeout;
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get add(): Shutdown["add"] {
    return (part) => {
      checkPart(part);
      if (this.state === "stopped") throw new ShutdownOverError(part.name);
      const entry = { part, next: 0 };
      this.#entries.push(entry);
      return {
        [Symbol.dispose]: () => {
          this.#entries = this.#entries.filter((other) => other !== entry);
        },
      };
    };
  }

  get run(): Shutdown["run"] {
    return (options) =>
      rejecting(() => {
        if (options?.signal !== undefined) this.#hurryWith(options.signal);
        if (this.state === "running") void this.#start();
        return this.join();
      });
  }

  get join(): Shutdown["join"] {
    // A promise of its own for each caller: a shared one would cut the stacks of all.
    return async (options) =>
      await (options?.signal === undefined ? this.#over : abortable(this.#over, { signal: options.signal }));
  }

  #hurryWith(signal: AbortSignal): void {
    const hurry = (): void => {
      this.#hurriedAt = Math.min(this.#hurriedAt, now());
      this.#hurry.abort(signal.reason);
    };
    if (signal.aborted) hurry();
    else if (this.state !== "stopped") {
      signal.addEventListener("abort", hurry, { once: true });
      this.#unlink.push(() => signal.removeEventListener("abort", hurry));
    }
  }

  async #start(): Promise<void> {
    this.#until = now() + this.#settings.timeout;
    this.state = "announce";
    this.#stopping.abort();
    for (const [index, phase] of PHASES.entries()) {
      this.state = phase;
      const until = now() + limitOf(phase, this.#until - now(), this.#settings);
      // Again until there is none: a part may add another, at any time until the next state.
      for (let due = this.#due(index); due.length > 0; due = this.#due(index)) await this.#runPhase(due, index, until);
      if (phase === "announce") await this.#delay();
    }
    this.state = "stopped";
    for (const unlink of this.#unlink) unlink();
    if (this.#errors.length === 0) this.#settle.resolve();
    else this.#settle.reject(new ErrorGroup(this.#errors));
  }

  async #delay(): Promise<void> {
    const { delay } = this.#settings;
    const left = Math.max(0, this.#until - now());
    const { signal } = this.#hurry;
    // By an abort it ends early, and that is all there is to it.
    if (delay > 0) await sleep(Math.min(delay, left), { signal }).catch(() => {});
  }

  #due(index: number): Entry[] {
    return this.#entries.filter(({ next }) => next <= index);
  }

  /** Those who are `due`, or of `close` the last of them. */
  async #runPhase(due: readonly Entry[], index: number, until: number): Promise<void> {
    const isClose = PHASES[index] === "close";
    const round = isClose ? due.slice(-1) : due;
    await Promise.all(round.map((entry) => this.#catchUp(entry, index, until, isClose ? due.length : 1)));
  }

  /** Calls the functions of `entry` up to those of phase `index`. `shares`: among how many what is left is to be divided. Never rejects. */
  async #catchUp(entry: Entry, index: number, until: number, shares: number): Promise<void> {
    while (entry.next <= index) {
      const phase = PHASES[entry.next++];
      if (phase !== undefined) await this.#call(entry.part, phase, Math.ceil(Math.max(1, (until - now()) / shares)));
    }
  }

  async #call(part: ShutdownPart, phase: ShutdownPhase, limit: number): Promise<void> {
    if (part[phase] === undefined) return;
    const since = now();
    const name = `${part.name}: ${phase}`;
    let own: { readonly error: unknown } | undefined;
    const run = async (context: Context): Promise<void> => {
      try {
        await part[phase]?.(context);
      } catch (error) {
        own = { error };
        throw error;
      }
    };
    const told = (): number => Math.min(limit, Math.max(0, Math.round(this.#hurriedAt - since)));
    const { signal } = this.#hurry;
    // In a hurry it is called all the same: it may own what nobody else gives back.
    const limits = signal.aborted ? { timeout: 1 } : { timeout: limit, signal };
    try {
      const result = await settle(run, { ...limits, name, grace: GRACE });
      if (result.ok) return;
      if (own !== undefined && result.error === own.error) this.#errors.push(result.error);
      else this.#cutShort(part, phase, told(), result.error);
    } catch (reason) {
      this.#cutShort(part, phase, told(), reason, own !== undefined);
    }
  }

  #cutShort(part: ShutdownPart, phase: ShutdownPhase, limit: number, cause: unknown, hasStopped?: boolean): void {
    const isOver = hasStopped ?? !(isTimeout(cause) && "unresponsive" in cause && isFilled(cause.unresponsive));
    let waitingFor: readonly string[] = [];
    try {
      const words: unknown = part.waitingFor?.() ?? [];
      if (!Array.isArray(words))
        throw new TypeError(`shutdown: waitingFor of "${part.name}" must return a list of texts, got ${typeof words}`);
      waitingFor = words.map(String);
    } catch (error) {
      this.#errors.push(error);
    }
    // That its time was over is what the error says itself; who was in a hurry, and why, is not.
    const hurry = isTimeout(cause) ? undefined : cause;
    this.#errors.push(new ShutdownTimeoutError(part.name, phase, limit, waitingFor, isOver, hurry));
  }
}

function isFilled(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function checkPart(part: ShutdownPart): void {
  // Holds: nothing is taken for granted of what may come from JavaScript.
  const given = Object(part) as { readonly [K in keyof ShutdownPart]?: unknown };
  const { name } = given;
  const phases = PHASES.join(", ");
  if (typeof name !== "string")
    throw new TypeError(
      `shutdown.add takes an object with a name and a function for a phase (${phases}), got ${typeof part}`,
    );
  const members = PHASES.filter((phase) => given[phase] !== undefined);
  if (members.length === 0) throw new TypeError(`shutdown.add: "${name}" has no function for a phase (${phases})`);
  for (const member of members) checkFunction(member, given[member], name);
  if (given.waitingFor !== undefined) checkFunction("waitingFor", given.waitingFor, name);
}
