/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Debug mode: what a program says of itself with HOLDFAST_DEBUG=1, at a price that only somebody who looks for something pays. Loaded when it is asked for. On from the start of main
 * to its end; what is left when the process exits is told then.
 *
 * Invariants
 * - DEBUG-3: while nothing is lost and nothing hangs, nothing is said.
 */
import { isMainThread } from "node:worker_threads";
import {
  coldOf,
  limitSpawnSites,
  messageOf,
  type ProbeEvent,
  Scope,
  setProbe,
  setTaskStackListener,
} from "../core/lowlevel.ts";
import { Cancellations } from "./debug-cancellations.ts";
import { Failures } from "./debug-failures.ts";
import { type Inspect, loadInspect } from "./debug-inspect.ts";
import { stitchStack } from "./debug-stacks.ts";
import { oneLine } from "./format-error-facts.ts";
import { stackOf } from "./format-error-frames.ts";
import { KEEP_ALIVE } from "./run-main-hanging.ts";
import { isTask } from "./task-scope.ts";
import { linesOf, taskTree, type TaskTreeNode } from "./task-tree.ts";

/** The program that is looked at. */
export interface DebugHost {
  readonly write: (text: string) => void;
  /** Calls back when the process exits, by whatever but a signal that kills it. */
  readonly onExit: (callback: () => void) => void;
  /** Whether somebody was told of this error. */
  readonly isTold: (error: unknown) => boolean;
}

/** Where a watchdog keeps its count: there is one at a time. */
const WATCHDOG = Symbol.for("holdfast.beats/1");

/** Programs that are looked at now: they share one process, and so what is looked at. */
let users = 0;
let end: (() => void) | undefined;
/** Who tells what is alive at the exit: one of those that came one after the other. */
let last: Failures | undefined;

/** Turns it on for the process; resolves, when that is done, with what turns it off again. Of several programs in one process the first one's output is used. */
export async function startDebug(host: DebugHost): Promise<() => void> {
  let isOn = true;
  if (++users === 1) end = begin(host, await inspectOf(host));
  return () => {
    if (!isOn) return;
    isOn = false;
    if (--users > 0) return;
    end?.();
    end = undefined;
  };
}

async function inspectOf({ write }: DebugHost): Promise<Inspect | undefined> {
  try {
    return await loadInspect();
  } catch (error) {
    const why = oneLine(messageOf(error));
    write(`holdfast/inspect can't be loaded, so stalls are not seen, nor the lines at which tasks wait: ${why}`);
    return undefined;
  }
}

function begin(host: DebugHost, inspect: Inspect | undefined): () => void {
  const sitesBefore = limitSpawnSites(Infinity);
  // The first stack of a bundle reads its source map. Before the loop is watched: that is no task's doing.
  stackOf(new Error("only for its stack"));
  const watchdog = watch(host, inspect);
  const cancellations = new Cancellations(host.write, inspect?.dump);
  const failures = (last = new Failures(host.write));
  let isOn = true;
  const listenerBefore = setTaskStackListener(stitchStack);
  const probe = (event: ProbeEvent, subject: object): void => {
    if (isOn && subject instanceof Scope) look(event, subject, cancellations, failures);
    probeBefore?.(event, subject);
  };
  const probeBefore = setProbe(probe);
  host.onExit(() => {
    failures.tellRest(host.isTold);
    const lines = last === failures ? aliveLines() : [];
    if (lines.length > 0) host.write(["the process exits, and this has not ended", ...lines].join("\n"));
  });
  return () => {
    isOn = false;
    // Who came later has us before it, and stays.
    const current = setProbe(probeBefore);
    if (current !== probe) setProbe(current);
    setTaskStackListener(listenerBefore);
    limitSpawnSites(sitesBefore);
    cancellations.stop();
    failures.stop();
    watchdog?.[Symbol.dispose]();
  };
}

/** The main thread's event loop, unless somebody watches it already. */
function watch({ write }: DebugHost, inspect: Inspect | undefined): Disposable | undefined {
  if (!isMainThread || Reflect.has(globalThis, WATCHDOG)) return undefined;
  try {
    return inspect?.watchdog();
  } catch (error) {
    // A process may be forbidden to have threads.
    write(`stalls are not seen: ${oneLine(messageOf(error))}`);
    return undefined;
  }
}

function look(event: ProbeEvent, subject: Scope, cancellations: Cancellations, failures: Failures): void {
  if (event === "cancel") cancellations.add(subject);
  else if (event === "fail" && isTask(subject)) failures.add(subject);
  // The lanes of a `map` are nobody's own spawning: they have the place of its call.
  else if (event === "spawn" && subject.site === undefined && subject.parent.site !== undefined)
    coldOf(subject).site = subject.parent.site;
}

function aliveLines(): string[] {
  const roots = taskTree().roots.map(withoutOurs);
  return roots.flatMap((root) => linesOf(root, "", ""));
}

function withoutOurs(node: TaskTreeNode): TaskTreeNode {
  return { ...node, children: node.children.filter(({ name }) => name !== KEEP_ALIVE).map(withoutOurs) };
}
