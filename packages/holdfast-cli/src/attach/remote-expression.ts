/**
 * What is evaluated in the other process: closes the inspector first, then works, then writes the answer. Synchronous, so that it works on top of a loop that never ends.
 */

export interface RemoteCall {
  readonly pid: number;
  /** A function expression `(builtin, input) => value`. */
  readonly source: string;
  /** Plain data. */
  readonly input: unknown;
  readonly folder: { readonly part: string; readonly file: string };
  /** Whether the inspector was opened for this. */
  readonly closes: boolean;
}

export function remoteExpression({ pid, source, input, folder, closes }: RemoteCall): string {
  // Without `process.getBuiltinModule` (Node 18, 20.15) the inspector's own `require` is at hand. The pid is compared: the port may have changed hands.
  return `(() => {
    if (process.pid !== ${pid}) return;
    ${closes ? "process._debugEnd();" : ""}
    const builtin = (name) => process.getBuiltinModule === undefined ? require(name) : process.getBuiltinModule(name);
    let answer;
    try {
      answer = { value: (${source})(builtin, ${JSON.stringify(input)}) };
    } catch (error) {
      answer = { error: String(error && error.message || error) };
    }
    const { writeFileSync, renameSync } = builtin("node:fs");
    try {
      writeFileSync(${JSON.stringify(folder.part)}, JSON.stringify(answer), { flag: "wx", mode: 0o600 });
      renameSync(${JSON.stringify(folder.part)}, ${JSON.stringify(folder.file)});
    } catch {
      // Whoever asked has gone.
    }
  })()`;
}
