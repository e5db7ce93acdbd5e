/**
 * What runs now, read from the trees of all copies of the library in the process: level by level, so that what is left out, where there is too much, is what is
 * deepest; without recursion, since groups nest as deep as programs do. Read by its shape, not by class: another copy has classes of its own. Reading changes nothing: no signal is made.
 */
import { kidsOf, type Link, registry } from "../core/lowlevel.ts";

/** As far as it is read. What a kind of scope does not have is undefined. */
export interface TreeScope {
  /** Also of one that has settled. */
  readonly parent?: TreeScope;
  readonly name: string;
  readonly bits: number;
  readonly site: string | undefined;
  readonly id?: number;
  readonly state?: string;
  /** The function, while it runs. */
  readonly slot?: unknown;
  readonly done?: unknown;
  readonly batch?: { readonly at: number } | undefined;
  readonly options?: unknown;
  readonly change?: object | undefined;
  /** Of a call that holds a permit of it. */
  readonly semaphore?: object;
  readonly cold?: { readonly reason: object | undefined; readonly kind: string | undefined } | undefined;
  ownDeadline(): number;
}

export interface TreeWait {
  readonly kind: string;
  readonly promise: object | undefined;
  /** When a sleep ends. */
  readonly at?: number;
  readonly resource?: object;
  /** What all objects inherit from that can end it, where that is not in the resource. */
  readonly ends?: object;
  /** Who is waited for. */
  readonly task?: { readonly id: number };
}

/** A scope and its place. */
export interface TreeEntry {
  readonly scope: TreeScope;
  /** The index of the one above; undefined at the top. */
  readonly parent: number | undefined;
  /** Tasks below it, at whatever depth, that are not in the list. */
  omitted: number;
}

export interface Tree {
  /** Parents before their children, siblings in the order in which they were started. */
  readonly entries: readonly TreeEntry[];
  /** What is waited for, and the index of the scope that it hangs below: undefined where that was given no signal, or none of ours. */
  readonly waits: readonly { readonly wait: TreeWait; readonly owner: number | undefined }[];
  /** Tasks that are not in the list. */
  readonly omitted: number;
  /** The version of each copy. */
  readonly versions: readonly string[];
}

/** The tasks, groups and calls of the process; at most `most` of them. */
export function readTree(most: number): Tree {
  const entries: TreeEntry[] = [];
  const waits: { wait: TreeWait; owner: number | undefined }[] = [];
  const { runtimes } = registry();
  let omitted = 0;
  // Holds for each: the shape of the links is part of what the version in the registry's name stands for.
  const open: { readonly link: Link; readonly owner: number | undefined; readonly isListed: boolean }[] = runtimes.map(
    ({ root }) => ({ link: root as Link, owner: undefined, isListed: true }),
  );
  for (const { link, owner, isListed } of open)
    for (const kid of kidsOf(link)) {
      if (!("bits" in kid)) {
        // Hold, both: what is no scope is a waiter; and a scope has what every scope has.
        if (isListed) waits.push({ wait: kid as unknown as TreeWait, owner });
        continue;
      }
      // Where a foreign signal comes in: nothing of its own runs there.
      const isPassage = "handleEvent" in kid;
      const hasRoom = isListed && entries.length < most;
      const entry = { scope: kid as unknown as TreeScope, parent: owner, omitted: 0 };
      if (!isPassage && hasRoom) entries.push(entry);
      else if (entry.scope.state !== undefined) {
        omitted++;
        const above = owner === undefined ? undefined : entries[owner];
        if (above !== undefined) above.omitted++;
      }
      if (isPassage) open.push({ link: kid, owner, isListed });
      else if (hasRoom) open.push({ link: kid, owner: entries.length - 1, isListed });
      else open.push({ link: kid, owner, isListed: false });
    }
  return { entries, waits, omitted, versions: runtimes.map(({ version }) => version) };
}
