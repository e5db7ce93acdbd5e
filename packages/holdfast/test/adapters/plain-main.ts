/**
 * The program that `npm run test:runtimes` starts on each host: loads the bundled test files named in its arguments,
 * runs them one after the other and writes one JSON line for each test, then one for the file.
 */
import { installPlain } from "./plain.ts";

export interface TestLine {
  readonly file: string;
  readonly title: string;
  /** Stacks; empty when the test passed. */
  readonly errors: readonly string[];
}

const runner = installPlain();

for (const file of process.argv.slice(2)) {
  await import(file);
  for (const { title, errors } of await runner.runRegistered()) {
    const line: TestLine = { file, title, errors: errors.map(describeError) };
    process.stdout.write(`@holdfast ${JSON.stringify(line)}\n`);
  }
}

// A timer that a test left behind must not keep this process: what it may leave behind, tests of their own assert.
process.stdout.write(`@holdfast ${JSON.stringify({ done: true })}\n`, () => process.exit(0));

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const head = `${error.name}: ${error.message}`;
  return error.stack === undefined
    ? head
    : error.stack.includes(error.message)
      ? error.stack
      : `${head}\n${error.stack}`;
}
