/** Runs bundled test files one after the other on a host without a test runner, and says what came of each test. */
import { installPlain } from "./plain.ts";

/** One line for each test, as JSON after the marker; then `{ "done": true }`. */
const marker = "@holdfast ";

interface TestLine {
  readonly file: string;
  readonly title: string;
  /** Stacks; empty when the test passed. */
  readonly errors: readonly string[];
}

/** `files` are what `import()` understands on this host. */
export async function runFiles(files: readonly string[], write: (line: string) => unknown): Promise<void> {
  const runner = installPlain();
  for (const file of files) {
    await import(file);
    for (const { title, errors } of await runner.runRegistered()) {
      const line: TestLine = { file, title, errors: errors.map(describeError) };
      await write(`${marker}${JSON.stringify(line)}\n`);
    }
  }
  await write(`${marker}${JSON.stringify({ done: true })}\n`);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const head = `${error.name}: ${error.message}`;
  if (error.stack === undefined) return head;
  return error.stack.includes(error.message) ? error.stack : `${head}\n${error.stack}`;
}
