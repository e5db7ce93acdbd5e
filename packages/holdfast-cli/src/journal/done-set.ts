/** Which items are recorded: one bit for each index, or a set of keys. */
import { KeySet } from "../input/index.ts";
import type { Database } from "./sqlite.ts";

/** Rows asked for at a time: one JSON array of them is ten times faster than a call for each. */
const SLICE = 20_000;

export class DoneSet {
  readonly #keys: KeySet | undefined;
  #bits = new Uint8Array(1024);

  constructor(isKeyed: boolean) {
    this.#keys = isKeyed ? new KeySet() : undefined;
  }

  has(index: number, key: string | undefined): boolean {
    if (this.#keys !== undefined && key !== undefined) return this.#keys.has(key);
    return ((this.#bits[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /** Whether it is new. */
  add(index: number, key: string | undefined): boolean {
    if (this.#keys !== undefined && key !== undefined) return this.#keys.add(key);
    const at = index >>> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const before = this.#bits[at] ?? 0;
    const bit = 1 << (index & 7);
    this.#bits[at] = before | bit;
    return (before & bit) === 0;
  }
}

export interface LoadedItems {
  readonly done: DoneSet;
  readonly succeeded: number;
  readonly dead: number;
  /** The largest `item.id`; -1 when there is none. */
  readonly lastId: number;
}

/** Reads the whole item table once: about 0.1 s for a million items. */
export function loadDoneItems(database: Database, isKeyed: boolean): LoadedItems {
  const done = new DoneSet(isKeyed);
  const slice = database.prepare(
    `SELECT json_group_array(${isKeyed ? "key" : "id"}) AS names, max(id) AS last, count(*) AS items, total(state = 'dead') AS dead
     FROM (SELECT id, key, state FROM item WHERE id > ? ORDER BY id LIMIT ${SLICE})`,
  );
  let items = 0;
  let dead = 0;
  let lastId = -1;
  for (;;) {
    // The columns of the statement above; the aggregate always has one row.
    const row = slice.get(lastId) as {
      readonly names: string;
      readonly last: number | null;
      readonly items: number;
      readonly dead: number;
    };
    if (row.last === null) return { done, succeeded: items - dead, dead, lastId };
    // json_group_array of a column that is never NULL here: integers, or text.
    const names = JSON.parse(row.names) as readonly (number | string)[];
    for (const name of names)
      done.add(typeof name === "number" ? name : 0, typeof name === "string" ? name : undefined);
    items += row.items;
    dead += row.dead;
    lastId = row.last;
  }
}
