/** The program that `npm run test:runtimes` starts on Node, Bun and Deno; its arguments are the test files. */
import { runFiles } from "./plain-run.ts";

const write = (line: string): Promise<void> =>
  new Promise((resolve) => void process.stdout.write(line, () => resolve()));

await runFiles(process.argv.slice(2), write);
// A timer that a test left behind must not keep this process: what may be left behind, tests of their own assert.
process.exit(0);
