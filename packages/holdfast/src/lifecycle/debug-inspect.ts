/// <reference lib="esnext.disposable" preserve="true" />
/**
 * `holdfast/inspect`, as far as debug mode uses it: by its public name, as a program does, and loaded when it is asked for, since a program that is not debugged must not load it.
 */

/** What is used of it. */
export interface Inspect {
  readonly watchdog: () => Disposable;
  readonly dump: () => Dump;
}

/** What is read of a dump. */
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
  return await import("holdfast/inspect");
}
