/** Programs in a process that the test owns: it hears what the test emits, and remembers what it is told. */
import { EventEmitter } from "node:events";
import { type MainContext, type MainOptions, type MainProcess, runMain } from "holdfast/lifecycle";

class FakeStream extends EventEmitter {
  written = "";
  writableLength = 0;
  /** What waits for a slow reader. */
  readonly callbacks: (() => void)[] = [];

  write(text: string, written?: () => void): boolean {
    this.written += text;
    if (written !== undefined) this.callbacks.push(written);
    return true;
  }
}

export class FakeProcess extends EventEmitter {
  readonly stdout: FakeStream = new FakeStream();
  readonly stderr: FakeStream = new FakeStream();
  readonly exits: number[] = [];
  resources: string[] = [];
  env: Record<string, string> = {};

  exit(code: number): void {
    this.exits.push(code);
  }

  getActiveResourcesInfo(): string[] {
    return this.resources;
  }

  /** As the library sees it. */
  get host(): MainProcess {
    // Holds: all of it is here; only the types of an emitter's listeners are wider.
    return this as unknown as MainProcess;
  }

  /** The events that anybody listens to, on the process and its streams. */
  get listened(): string[] {
    const names = (emitter: EventEmitter): string[] => emitter.eventNames().map(String);
    return [...names(this), ...names(this.stdout), ...names(this.stderr)];
  }
}

/** An errorHandler that writes down what it is told. */
export class Recorder {
  readonly log: unknown[] = [];
  readonly report = (error: unknown, context: { readonly origin: string; readonly task: string }): void => {
    this.log.push([context.origin, context.task, error]);
  };
  readonly flush = async (limit: number): Promise<void> => {
    this.log.push(["flush", limit]);
  };
}

/** The last thing that a recorder is told. */
export const flushed: unknown = ["flush", 2000];

export interface Started {
  readonly process: FakeProcess;
  readonly ended: Promise<void>;
  readonly handler: Recorder;
  /** The codes that it has exited with. */
  readonly codes: number[];
}

/** Starts a program, and gives what a test looks at. */
export function start(main: (context: MainContext) => unknown, options?: MainOptions): Started {
  const process = new FakeProcess();
  const handler = new Recorder();
  const codes: number[] = [];
  const exit = (code: number): void => void codes.push(code);
  return { process, ended: runMain(main, { handler, exit, process: process.host, ...options }), handler, codes };
}
