/**
 * Runs the real program in a folder of its own: what a user has, seen from outside.
 */
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** HOLDFAST_BIN tests another build, an installed one for example. */
const bin = process.env["HOLDFAST_BIN"] ?? fileURLToPath(new URL("../../bin/holdfast.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Written to standard input, which is then closed. Default: empty. `open` leaves it open. */
  readonly stdin?: string | { readonly open: true } | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
}

export class Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  readonly #listeners: Set<() => void> = new Set();

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#told();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#told();
    });
    // Ending before it read everything is the program's right.
    child.stdin.on("error", () => {});
    this.ended = once(child, "close").then(() => {
      this.#told();
      return { code: child.exitCode, signal: child.signalCode, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves when standard error matches; rejects when the program ends first. */
  async saysOnStderr(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stderr);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(
          `ended (${this.child.exitCode ?? this.child.signalCode}) before ${String(pattern)}:\n${this.stderr}`,
        );
      }
      await new Promise<void>((resolve) => {
        const listener = (): void => {
          this.#listeners.delete(listener);
          resolve();
        };
        this.#listeners.add(listener);
        this.child.once("close", listener);
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  #told(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A folder with files in it, the program's working directory; `remove` takes it away. */
export class Workplace {
  readonly path: string = mkdtempSync(join(tmpdir(), "holdfast-test-"));

  readonly #started: ChildProcessWithoutNullStreams[] = [];

  /** Also ends what a failed test left running. */
  remove(): void {
    for (const child of this.#started) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    rmSync(this.path, { recursive: true, force: true });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  /** The lines of `name`, parsed. */
  ndjson(name: string): unknown[] {
    return parseLines(this.read(name));
  }

  start(args: readonly string[], options: StartOptions = {}): Running {
    const child = spawn(process.execPath, [...(options.nodeOptions ?? []), bin, ...args], {
      cwd: this.path,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.path, ...options.env },
    });
    this.#started.push(child);
    const running = new Running(child);
    if (typeof options.stdin !== "object") child.stdin.end(options.stdin ?? "");
    return running;
  }

  run(args: readonly string[], options?: StartOptions): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** As `run`, with `--summary json`, parsed. */
  async summary(args: readonly string[], options?: StartOptions): Promise<Ended & { readonly summary: RunSummary }> {
    const ended = await this.run([...args, "--summary", "json"], options);
    // What the program documents; a test that reads what is not there fails on its own assertion.
    return { ...ended, summary: JSON.parse(ended.stdout) as RunSummary };
  }
}

/** The part of `--summary json` that tests read. */
export interface RunSummary {
  readonly state: string;
  readonly stoppedBy?: string;
  readonly exitCode: number;
  readonly total?: number;
  readonly succeeded: number;
  readonly dead: number;
  readonly left?: number;
  readonly thisRun: {
    readonly succeeded: number;
    readonly dead: number;
    readonly cancelled: number;
    readonly skipped: number;
    readonly rerun?: number;
    readonly duplicates: number;
    readonly duration: number;
  };
  readonly deadLetters: readonly {
    readonly error: string;
    readonly code?: string;
    readonly count: number;
    readonly message: string;
    readonly key: string;
    readonly item?: string;
  }[];
  readonly failedAttempts: { readonly count: number };
  readonly attempts: readonly { readonly attempts: number; readonly succeeded: number; readonly dead: number }[];
  readonly abandoned: { readonly count: number; readonly items: readonly unknown[] };
  readonly lateErrors: number;
  readonly next?: { readonly why: string; readonly command: string };
}

export function parseLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line));
}

/** The numbers from 1 to `last`, a line each. */
export function numbers(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("");
}
