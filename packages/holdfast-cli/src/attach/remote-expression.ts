/**
 * What is evaluated in the other process: closes the inspector first, then works, then writes the answer. Synchronous, so that it works on top of a loop that never ends.
 */

export interface RemoteCall {
  readonly pid: number;
  /** A function expression `(builtin, input, folder, isAgain) => value`. */
  readonly source: string;
  /** Plain data. */
  readonly input: unknown;
  readonly folder: { readonly path: string };
  /** Whether the inspector was opened for this. */
  readonly closes: boolean;
  /** Milliseconds until it is called once more, if the process is still there and has time; undefined: once only. */
  readonly again: number | undefined;
}

/** Of the files in the folder: the first answer, and the second. */
export const answerNames: readonly [first: string, second: string] = ["answer", "answer-again"];

export function remoteExpression({ pid, source, input, folder, closes, again }: RemoteCall): string {
  // Without `process.getBuiltinModule` (Node 18, 20.15) the inspector's own `require` is at hand. The pid is compared: the port may have changed hands.
  return `(() => {
    if (process.pid !== ${pid}) return;
    ${closes ? "process._debugEnd();" : ""}
    const builtin = (name) => process.getBuiltinModule === undefined ? require(name) : process.getBuiltinModule(name);
    const folder = ${JSON.stringify(folder.path)};
    const { existsSync, writeFileSync, renameSync } = builtin("node:fs");
    const tell = (name) => {
      const isAgain = name !== ${JSON.stringify(answerNames[0])};
      // Whoever asked may have gone since: what costs something is not done for nobody.
      if (isAgain && !existsSync(folder)) return;
      let answer;
      try {
        answer = { value: (${source})(builtin, ${JSON.stringify(input)}, folder, isAgain) };
      } catch (error) {
        answer = { error: String(error && error.message || error) };
      }
      try {
        const part = folder + "/" + name + ".part";
        writeFileSync(part, JSON.stringify(answer), { flag: "wx", mode: 0o600 });
        renameSync(part, folder + "/" + name);
      } catch {
        // Now.
      }
    };
    tell(${JSON.stringify(answerNames[0])});
    ${again === undefined ? "" : `builtin("node:timers").setTimeout(tell, ${again}, ${JSON.stringify(answerNames[1])}).unref();`}
  })()`;
}
