/**
 * The program: chooses the command, says how it ended, leaves.
 */
import { readFileSync } from "node:fs";
import { CliError } from "./cli-error.ts";
import { exitCode } from "./exit-code.ts";
import { processHost } from "./host.ts";
import type { Host } from "./host.ts";
import { mainHelp, runHelp } from "./options/help-text.ts";
import { inspectHelp, isInspectCommand } from "./options/inspect-arguments.ts";
import { nearestName } from "./options/nearest-name.ts";

async function main(args: readonly string[], host: Host): Promise<number> {
  const [command, ...rest] = args;
  const asked = command === "run" ? beforeDashes(rest) : beforeDashes(args);
  if (asked.includes("--version")) {
    host.print(`${version()}\n`);
    return exitCode.succeeded;
  }
  if (command === undefined || command === "help" || asked.includes("--help") || asked.includes("-h")) {
    host.print(helpOf(command === "help" ? rest[0] : command));
    return command === undefined ? exitCode.usage : exitCode.succeeded;
  }
  if (command === "run") {
    // Not at the top: the version and the help need neither SQLite nor the library.
    const { runCommand } = await import("./commands/run.ts");
    return await runCommand(rest, host);
  }
  if (isInspectCommand(command)) {
    if (command === "ps") {
      const { psCommand } = await import("./commands/ps.ts");
      return await psCommand(rest, host);
    }
    if (command === "top") {
      const { topCommand } = await import("./commands/top.ts");
      return await topCommand(rest, host);
    }
    const { inspectCommand } = await import("./commands/inspect.ts");
    return await inspectCommand(command, rest, host);
  }
  const near = command.startsWith("-")
    ? undefined
    : nearestName(command, ["run", "ls", "dump", "ps", "top", "doctor", "help"]);
  throw new CliError(
    exitCode.usage,
    `unknown ${command.startsWith("-") ? "option" : "command"} ${command}${near === undefined ? "" : `; did you mean holdfast ${near}?`}`,
    { hint: "holdfast --help lists the commands" },
  );
}

function helpOf(command: string | undefined): string {
  if (command === "run") return runHelp();
  return isInspectCommand(command) ? inspectHelp(command) : mainHelp;
}

/** After `--` a word is a name, whatever it looks like. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf("--");
  return dashes === -1 ? args : args.slice(0, dashes);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

function explain(error: unknown): string {
  if (error instanceof CliError)
    return `holdfast: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`;
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `holdfast: this is a bug in holdfast; the journal holds what was acknowledged\n${shown}\n`;
}

/** Resolves when all has been taken, or nobody is there to take it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write("", () => resolve()));
}

const host = processHost();
let code: number;
try {
  code = await main(process.argv.slice(2), host);
} catch (error) {
  host.screen.write(explain(error));
  code = error instanceof CliError ? error.exitCode : exitCode.software;
}
// What a slow reader has not taken yet would be lost with the process.
await Promise.all([process.stdout, process.stderr].map(flushed));
// Not only the exit code: a handler may have left timers or sockets behind, and its work is over.
process.exit(code);
