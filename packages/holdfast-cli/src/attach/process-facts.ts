/**
 * What `/proc` says of a process, without touching it. Linux only.
 */
import { readFileSync, readlinkSync, readdirSync } from "node:fs";
import { basename } from "node:path";

export interface ProcessFacts {
  readonly pid: number;
  /** Of its owner. */
  readonly uid: number;
  readonly gid: number;
  /** undefined where this user may not know: of another user's process. */
  readonly executable: string | undefined;
  readonly args: readonly string[];
  /** NODE_OPTIONS of its environment, in words. */
  readonly nodeOptions: readonly string[];
  readonly title: string;
  /** Milliseconds since it was started. */
  readonly age: number;
  readonly isNode: boolean;
  /** Whether a SIGUSR1 does anything but end it. */
  readonly catchesSigusr1: boolean;
  /** The process that this is a thread of; undefined for a process. */
  readonly threadOf: number | undefined;
  /** Ended, and its parent has not looked. */
  readonly isZombie: boolean;
  /** Clock ticks since the machine was started: with the pid it names a process for ever. */
  readonly startedAt: number;
}

/** Of the C library on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SIGUSR1 = 10;

/** undefined when there is no such process. */
export function readProcess(pid: number): ProcessFacts | undefined {
  const status = readText(pid, "status");
  const stat = readText(pid, "stat");
  const uptime = readUptime();
  if (status === undefined || stat === undefined) return undefined;
  const executable = executableOf(pid);
  const args = (readText(pid, "cmdline") ?? "").split("\0").slice(0, -1);
  const group = Number(field(status, "Tgid"));
  // The name is in parentheses and may hold anything; what follows its last one is numbers.
  const numbers = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = Number(numbers[19]);
  return {
    pid,
    uid: Number(field(status, "Uid")),
    gid: Number(field(status, "Gid")),
    executable,
    args,
    nodeOptions: nodeOptionsOf(pid),
    title: args.join(" ") || field(status, "Name"),
    age: Math.max(0, uptime * 1000 - (startedAt / TICKS_PER_SECOND) * 1000),
    isNode: executable !== undefined && isNodeName(executable),
    catchesSigusr1: ((BigInt(`0x${field(status, "SigCgt") || "0"}`) >> BigInt(SIGUSR1 - 1)) & 1n) === 1n,
    threadOf: group === pid ? undefined : group,
    isZombie: field(status, "State").startsWith("Z"),
    startedAt,
  };
}

/** All processes that run Node and that this user may see, the oldest first. */
export function nodeProcesses(): readonly ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? [])
    .filter(({ isNode, isZombie, pid }) => isNode && !isZombie && pid !== process.pid)
    .toSorted((left, right) => left.startedAt - right.startedAt || left.pid - right.pid);
}

/** Whether that very process still runs. */
export function isAlive({ pid, startedAt }: ProcessFacts): boolean {
  const now = readProcess(pid);
  return now !== undefined && now.startedAt === startedAt && !now.isZombie;
}

/** Whether the main thread runs, or would if others had not all processors; false while it sleeps. */
export function isRunning(pid: number): boolean {
  const stat = readText(pid, `task/${pid}/stat`) ?? "";
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("R");
}

/** Whether it sees the same files, ports and processes as this one: not so in a container. */
export function sharesNamespaces(pid: number): boolean {
  return ["mnt", "net", "pid"].every((kind) => namespaceOf(pid, kind) === namespaceOf(process.pid, kind));
}

function namespaceOf(pid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** Also `node-20`, `nodejs`, and one that was replaced on disk by an update. */
function isNodeName(executable: string): boolean {
  return /^node(?:js)?(?:[-.]?\d+)*(?: \(deleted\))?$/u.test(basename(executable)) || executable === process.execPath;
}

function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

function nodeOptionsOf(pid: number): readonly string[] {
  const variable = (readText(pid, "environ") ?? "").split("\0").find((entry) => entry.startsWith("NODE_OPTIONS="));
  return variable === undefined ? [] : variable.slice("NODE_OPTIONS=".length).split(/\s+/u).filter(Boolean);
}

function readUptime(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
}

function readText(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // It has ended, or is not ours to read.
    return undefined;
  }
}

/** The first word after the name. */
function field(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(\\S*)`, "mu").exec(status)?.[1] ?? "";
}
