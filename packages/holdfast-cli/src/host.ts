/**
 * The process as the program uses it: its streams, environment and clock.
 */
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import type { Screen } from "./progress/progress.ts";

export interface Host {
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Standard error. */
  readonly screen: Screen;
  /** To standard output. */
  print(text: string): void;
}

export function processHost(): Host {
  // Whoever read them went away: there is nobody left to tell. What the results lose is the output's own business.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  return {
    stdin: process.stdin,
    env: process.env,
    clock: systemClock,
    screen: {
      isTTY: process.stderr.isTTY,
      get columns() {
        return process.stderr.columns ?? 80;
      },
      write: (text) => void process.stderr.write(text),
    },
    print: (text) => void process.stdout.write(text),
  };
}
