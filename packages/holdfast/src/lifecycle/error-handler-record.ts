/**
 * What reporters are told.
 */
import type { Awaitable, TaskFrame } from "../core/index.ts";

/**
 * What an error means for whoever runs the program: "defect", somebody has to repair the program; "timeout", something was too slow; "expected", what can go wrong outside
 * of it did; "cancelled", it was told to stop.
 */
export type ErrorKind = "defect" | "timeout" | "expected" | "cancelled";

/** From the worst to the most harmless. */
export const ERROR_KINDS: readonly ErrorKind[] = ["defect", "timeout", "expected", "cancelled"];

/** What is known where an error was: of a request, a job, a user. Reporters pass it on; values should be strings and numbers. */
export interface ErrorContext {
  /** The name of the task, where the error does not know it. */
  readonly task?: string | undefined;
  /** Which net caught it, like "unhandledRejection". */
  readonly origin?: string | undefined;
  readonly [name: string]: unknown;
}

/** One error that is no group: a leaf of what was reported, or that itself. */
export interface ErrorFacts {
  readonly error: unknown;
  readonly kind: ErrorKind;
  /** The name of its class; of what is no Error, its type, like "string". */
  readonly type: string;
  readonly code: string | undefined;
  /** At most 2,000 characters. */
  readonly message: string;
  /** The innermost task that it failed, else that of the context. */
  readonly task: string | undefined;
  /** Those with the same one are the same fault: name, code, message without numbers, ids and quoted values, and the top frame of the user's. */
  readonly fingerprint: string;
}

/** What a reporter is given. */
export interface ErrorRecord extends ErrorFacts {
  /** What was reported, as it was thrown: a group as a whole. The facts are those of its worst leaf that is due to be reported. */
  readonly error: unknown;
  /** Of all leaves, the first 100; for an error that is no group, itself. */
  readonly leaves: readonly ErrorFacts[];
  /** The tasks that it failed, the innermost first. */
  readonly tasks: readonly TaskFrame[];
  /** Calls of `retry` that it took; 1 without one. */
  readonly attempts: number;
  readonly context: ErrorContext;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Milliseconds since 1970, of this fingerprint, as far back as it is remembered. */
  readonly firstSeen: number;
  /** How many of this fingerprint, this one included, as far back as it is remembered. */
  readonly count: number;
  /** How many of this fingerprint were not reported since the last one that was, because of the limits. */
  readonly suppressed: number;
}

/** How many reports the limits have kept back since the last {@link Reporter.summary}. */
export interface SuppressionSummary {
  readonly suppressed: number;
  /** Those of them that most were kept back of, at most 10. */
  readonly fingerprints: readonly { readonly fingerprint: string; readonly suppressed: number }[];
}

/** Where reports go. What it throws, rejects with, or never finishes, is its own affair: the handler counts it, says so on stderr once a minute, and goes on. */
export interface Reporter {
  /** In statistics, and when it fails. */
  readonly name: string;
  /** Called at most as often as the limits of the handler say, and not while 100 earlier calls have not settled. */
  report(record: ErrorRecord): Awaitable<unknown>;
  /** Called for every error, limits or not, silent kinds too: for metrics. Must not wait. */
  count?(facts: ErrorFacts): void;
  /** Called by `flush` when the limits have kept something back that nobody has been told. */
  summary?(summary: SuppressionSummary): Awaitable<unknown>;
  /** Resolves when everything that was reported is where it belongs. Called with the milliseconds that are left. */
  flush?(limit: number): Awaitable<unknown>;
}
