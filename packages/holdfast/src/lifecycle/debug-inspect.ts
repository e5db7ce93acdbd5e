/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What debug mode uses of `holdfast/inspect`. It is loaded by its public name, as a program would: this folder and that one don't see each other, and a program that is not debugged
 * must not load it.
 */

/** As far as debug mode reads it. */
export interface Inspect {
  readonly watchdog: () => Disposable;
  readonly dump: () => Dump;
}

export interface Dump {
  readonly scopes: readonly {
    readonly id: number | undefined;
    readonly name: string;
    readonly waits: readonly DumpedWait[];
  }[];
  readonly stacks: readonly { readonly frames: readonly string[] }[];
}

interface DumpedWait {
  readonly kind: string;
  readonly what: string | undefined;
  readonly hasSignal: boolean;
  readonly stack: number | undefined;
}

/** @throws whatever the host says where it can't be found: in a bundle that has left it out */
export async function loadInspect(): Promise<Inspect> {
  // In two parts, which bundlers put together: the compiler would look for a project that this one may not see.
  // oxlint-disable-next-line no-useless-concat -- that is what it is for
  const loaded: unknown = await import("holdfast" + "/inspect");
  // Holds: that is what it exports.
  return loaded as Inspect;
}
