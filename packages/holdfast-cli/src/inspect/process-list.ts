/**
 * What `holdfast ls` prints.
 */
import { inspectorOptions } from "../attach/inspector-options.ts";
import { listeningPorts, portsOf } from "../attach/listening-ports.ts";
import { nodeProcesses } from "../attach/process-facts.ts";
import { formatDuration } from "../duration.ts";

export interface ListedProcess {
  readonly pid: number;
  /** Milliseconds. */
  readonly age: number;
  /** The port on which its inspector is open; undefined when it is not, or when that can't be told. */
  readonly inspector: number | undefined;
  readonly title: string;
}

export function listProcesses(): readonly ListedProcess[] {
  const ports = listeningPorts();
  return nodeProcesses().map((facts) => {
    const { port } = inspectorOptions(facts);
    const [inspector] = portsOf(
      facts.pid,
      ports.filter((listening) => listening.port === port),
    );
    return { pid: facts.pid, age: facts.age, inspector, title: facts.title };
  });
}

export function processListText(processes: readonly ListedProcess[], columns: number): string {
  if (processes.length === 0) return "no Node process runs that this user may see\n";
  const lines = processes.map(({ pid, age, inspector, title }) => {
    const words = [String(pid).padStart(7), formatDuration(age).padStart(8), String(inspector ?? "-").padStart(9)];
    return `${words.join("  ")}  ${title.replaceAll(/[\u0000-\u001F\u007F-\u009F]/gu, "?")}`
      .trimEnd()
      .slice(0, columns);
  });
  return `${["    pid       age  inspector  command", ...lines].join("\n")}\n`;
}
