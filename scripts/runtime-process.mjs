/** Portable tests on a host that is a command: its standard output is the report. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * @param {string[]} flags before the program
 * @returns {import("./runtimes.mjs").Start}
 */
export function startProcess(...flags) {
  return (binary, folder, files, onText) => {
    const urls = files.map((file) => pathToFileURL(join(folder, file)).href);
    const program = join(folder, "adapters/plain-main.mjs");
    const child = spawn(binary, [...flags, program, ...urls], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.setEncoding("utf8").on("data", onText);
    const ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) =>
        resolve(code === 0 ? undefined : `ended with ${signal ?? `exit code ${code}`}`),
      );
    });
    return { ended, kill: () => void child.kill("SIGKILL") };
  };
}
