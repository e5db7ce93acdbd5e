/**
 * All that speaks against attaching to a process, asked before it is touched: a SIGUSR1 ends a process that does not expect it.
 */
import { noTarget, notPermitted, unavailable } from "./attach-error.ts";
import { inspectorOptions, mayUseFolder } from "./inspector-options.ts";
import { listeningPorts, portsOf } from "./listening-ports.ts";
import { readProcess, sharesNamespaces } from "./process-facts.ts";
import type { ProcessFacts } from "./process-facts.ts";

/** @throws {@link CliError} (69) where there is no `/proc`. */
export function checkPlatform(): void {
  if (process.platform !== "linux")
    throw unavailable(
      `processes are found through /proc, which ${process.platform} does not have`,
      "in the program itself, dump() of holdfast/inspect tells the same",
    );
}

/** What is known of a process that can be attached to. @throws {@link CliError} (66, 69, 77) for any other. */
export function checkTarget(pid: number): ProcessFacts {
  checkPlatform();
  if (pid === process.pid) throw noTarget(`process ${pid} is holdfast itself; name another`);
  const facts = readProcess(pid);
  if (facts === undefined) throw noTarget(`there is no process ${pid}`, "holdfast ls lists the Node processes");
  if (facts.threadOf !== undefined) throw noTarget(`${pid} is a thread of process ${facts.threadOf}; name the process`);
  if (facts.isZombie) throw noTarget(`process ${pid} has ended; only its exit code is left`);
  if (!maySignal(pid))
    throw notPermitted(`process ${pid} belongs to user ${facts.uid}`, "run holdfast as that user, or as root");
  if (!facts.isNode)
    throw noTarget(
      `process ${pid} is no Node process: it runs ${facts.executable ?? "what this user may not see"}`,
      "holdfast ls lists the Node processes",
    );
  if (!sharesNamespaces(pid))
    throw unavailable(`process ${pid} runs in another container`, "run holdfast inside that container");
  return facts;
}

/** Whether a SIGUSR1 would open its inspector, as far as that can be told. @throws {@link CliError} (69) when it would not. */
export function checkSigusr1(facts: ProcessFacts): void {
  const { pid } = facts;
  const { port, isForbidden } = inspectorOptions(facts);
  if (isForbidden)
    throw unavailable(
      `process ${pid} was started with --permission, which forbids the inspector`,
      "start it with --allow-inspector as well (Node 25 and later), or call dump() of holdfast/inspect in it",
    );
  if (!facts.catchesSigusr1)
    throw unavailable(
      `process ${pid} does not listen for SIGUSR1, which would end it: it was started with --disable-sigusr1, or is still starting`,
      "start it with --inspect, or call dump() of holdfast/inspect in it",
    );
  const holders = port === 0 ? [] : listeningPorts().filter((listening) => listening.port === port);
  if (holders.length > 0 && portsOf(pid, holders).length === 0)
    throw unavailable(
      `port ${port}, on which process ${pid} would open its inspector, is taken by another process`,
      "end that one, or start the program with --inspect-port=0",
    );
}

/** Whether it can leave its answer in `folder`, as far as that can be told. @throws {@link CliError} (69) when it can't. */
export function checkAnswer(facts: ProcessFacts, folder: string): void {
  if (!mayUseFolder(inspectorOptions(facts), folder))
    throw unavailable(
      `process ${facts.pid} was started with --permission and may not read and write in ${folder}, where its answer would lie`,
      `start it with --allow-fs-read and --allow-fs-write for ${folder}/* as well, or set TMPDIR to a folder that it may use`,
    );
}

function maySignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
