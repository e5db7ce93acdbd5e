/**
 * What the command line of a Node process says of its inspector, and of the files that it may use.
 */
import { join } from "node:path";
import type { ProcessFacts } from "./process-facts.ts";

export interface InspectorOptions {
  /** The port that SIGUSR1 opens; 0 for one that the system chooses. */
  readonly port: number;
  /** It was started with one. */
  readonly isOpen: boolean;
  /** The permission model is on, and does not allow an inspector. */
  readonly isForbidden: boolean;
  /** Paths below which it may read and write, as its permissions say: "*" for all; undefined without permissions. */
  readonly files: { readonly read: readonly string[]; readonly write: readonly string[] } | undefined;
}

/** By its own options first, then NODE_OPTIONS. */
export function inspectorOptions({ args, nodeOptions }: ProcessFacts): InspectorOptions {
  const script = args.findIndex((word, index) => index > 0 && !word.startsWith("-"));
  const words = [...nodeOptions, ...args.slice(1, script === -1 ? undefined : script + 1)];
  let port = 9229;
  let isOpen = false;
  for (const [index, word] of words.entries()) {
    const [, name = "", value = ""] = /^--(inspect(?:-brk|-wait|-port)?|debug-port)(?:=(.*))?$/u.exec(word) ?? [];
    if (name === "") continue;
    isOpen ||= name !== "inspect-port" && name !== "debug-port";
    const address = value === "" && name.endsWith("-port") ? (words[index + 1] ?? "") : value;
    const named = /(?:^|:)(\d+)$/u.exec(address)?.[1];
    if (named !== undefined) port = Number(named);
  }
  const isRestricted = words.some((word) => word === "--permission" || word === "--experimental-permission");
  const pathsOf = (name: string): string[] =>
    words.flatMap((word, index) => {
      if (word === name) return [words[index + 1] ?? ""];
      return word.startsWith(`${name}=`) ? word.slice(name.length + 1).split(",") : [];
    });
  return {
    port,
    isOpen,
    isForbidden: isRestricted && !words.includes("--allow-inspector"),
    files: isRestricted ? { read: pathsOf("--allow-fs-read"), write: pathsOf("--allow-fs-write") } : undefined,
  };
}

/** Whether it may read and write in a folder of ours below `parent`, as far as that can be told: paths that are not absolute may lead anywhere. */
export function mayUseFolder({ files }: InspectorOptions, parent: string): boolean {
  if (files === undefined) return true;
  const path = join(parent, "holdfast-");
  const isIn = (allowed: string): boolean => !allowed.startsWith("/") || path.startsWith(allowed.replace(/\*$/u, ""));
  return files.read.some(isIn) && files.write.some(isIn);
}
