/**
 * Finds the inspector of a process, or has it opened by SIGUSR1.
 */
import { setTimeout as wait } from "node:timers/promises";
import { inspectorOptions } from "./inspector-options.ts";
import { inspectorPath } from "./inspector-socket.ts";
import { listeningPorts, portsOf } from "./listening-ports.ts";
import { isAlive } from "./process-facts.ts";
import type { ProcessFacts } from "./process-facts.ts";

export interface Inspector {
  readonly port: number;
  readonly path: string;
}

/** Between two looks: the port should be open no longer than it takes. */
const LOOK_EVERY = 1;

/** The one that is open already, if any: only ports that can be an inspector's are asked. */
export async function findInspector(facts: ProcessFacts): Promise<Inspector | undefined> {
  const { port } = inspectorOptions(facts);
  // Port 0 is a port that the system chose: at the start, or when a SIGUSR1 came.
  const isCandidate = (candidate: number): boolean => candidate === port || port === 0;
  return firstInspector(
    portsOf(
      facts.pid,
      listeningPorts().filter((listening) => isCandidate(listening.port)),
    ),
  );
}

/** Sends SIGUSR1 and waits until a port opens; undefined when none has after `patience` ms, or when the process has ended. */
export async function awakenInspector(facts: ProcessFacts, patience: number): Promise<Inspector | undefined> {
  const before = new Set(listeningPorts().map(({ inode }) => inode));
  process.kill(facts.pid, "SIGUSR1");
  return newInspector(facts, before, patience);
}

/** The first inspector that the process opens on a socket not in `before`, looked for every so many ms. */
export async function newInspector(
  facts: ProcessFacts,
  before: ReadonlySet<string>,
  patience: number,
  every: number = LOOK_EVERY,
): Promise<Inspector | undefined> {
  const until = performance.now() + patience;
  while (performance.now() < until && isAlive(facts)) {
    const opened = listeningPorts().filter(({ inode }) => !before.has(inode));
    const inspector = await firstInspector(portsOf(facts.pid, opened));
    if (inspector !== undefined) return inspector;
    await wait(every);
  }
  return undefined;
}

async function firstInspector(ports: readonly number[]): Promise<Inspector | undefined> {
  for (const port of ports) {
    const path = await inspectorPath(port);
    if (path !== undefined) return { port, path };
  }
  return undefined;
}
