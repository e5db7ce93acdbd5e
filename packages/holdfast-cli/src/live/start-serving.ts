/**
 * The function that is evaluated in the process that is watched. It is sent as source, so it refers to nothing around it. What listens and answers is the library's, from the tool's own copy.
 */

export interface ServingInput {
  /** The CommonJS build of `holdfast/inspect`: that can be loaded while a loop runs. */
  readonly library: string;
  /** Where to listen. */
  readonly path: string;
}

type Builtin = (name: string) => unknown;

export function startServing(builtin: Builtin, { library, path }: ServingInput): true {
  // Both hold: a module of Node has this member, and that file is that module's index.
  const { createRequire } = builtin("node:module") as { createRequire: (path: string) => (name: string) => unknown };
  const { serveLive } = createRequire(library)(library) as { serveLive: (path: string) => unknown };
  serveLive(path);
  return true;
}
