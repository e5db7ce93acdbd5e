/**
 * What the command line of a Node process says of its inspector.
 */
import type { ProcessFacts } from "./process-facts.ts";

export interface InspectorOptions {
  /** The port that SIGUSR1 opens; 0 for one that the system chooses. */
  readonly port: number;
  /** It was started with one. */
  readonly isOpen: boolean;
  /** The permission model is on, and does not allow an inspector. */
  readonly isForbidden: boolean;
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
  return { port, isOpen, isForbidden: isRestricted && !words.includes("--allow-inspector") };
}
