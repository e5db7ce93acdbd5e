/**
 * `holdfast top`: the tasks of a process while they change.
 */
import { exitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { openLive } from "../live/live-connection.ts";
import { parseInspectArguments } from "../options/inspect-arguments.ts";

/** Returns the exit code. @throws {@link CliError} For everything that can't be looked into. */
export async function topCommand(args: readonly string[], host: Host): Promise<number> {
  const { pid = 0 } = parseInspectArguments("top", args);
  const live = await openLive(pid);
  const { dump } = await live.snapshot();
  host.print(`${JSON.stringify([await live.sinceLast(), dump.scopes.length])}\n`);
  live.close();
  return exitCode.succeeded;
}
