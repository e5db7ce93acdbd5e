/**
 * What `holdfast run` was asked to do, after parsing: durations in milliseconds, nothing left to interpret.
 */
import type { InputFormat } from "../input/index.ts";
import type { Backoff } from "./backoff.ts";

export interface RunSettings {
  /** Path of the handler module, as given. */
  readonly handler: string;
  /** Path of the input, as given; `-` is standard input. */
  readonly input: string;
  readonly format: InputFormat | undefined;
  readonly key: string | undefined;
  readonly concurrency: number;
  /** Milliseconds per attempt; undefined = as long as it takes. */
  readonly timeout: number | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoff: Backoff;
  /** Milliseconds between two starts; undefined = as fast as it goes. */
  readonly interval: number | undefined;
  /** Path of the results; `-` is standard output; undefined = results are kept in the journal only. */
  readonly output: string | undefined;
  readonly journal: string | undefined;
  readonly resume: "auto" | "never" | "require";
  readonly fresh: boolean;
  readonly limit: number | undefined;
  readonly dryRun: boolean;
  readonly maxFailures: number | `${number}%` | undefined;
  /** Milliseconds that items in flight may take to finish after the first signal. */
  readonly drain: number;
  readonly progress: "auto" | "tty" | "plain" | "json" | "none";
  readonly summary: "text" | "json";
  readonly quiet: boolean;
}
