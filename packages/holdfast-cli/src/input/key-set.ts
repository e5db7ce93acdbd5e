/**
 * A set of keys at 12 bytes a slot, outside the JavaScript heap: a million keys are 25 MB, not 100.
 *
 * It holds 96 bits of each key's SHA-256, so it can be wrong only by a collision: below 1e-15 for ten million keys, and
 * nobody can make one on purpose. Open addressing with linear probing; an all-zero slot is free.
 */
import { hash } from "node:crypto";

const WORDS = 3;

export class KeySet {
  #slots: Uint32Array;
  #mask: number;
  #size = 0;

  constructor() {
    this.#slots = new Uint32Array(1024 * WORDS);
    this.#mask = 1023;
  }

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    const digest = hash("sha256", key, "binary");
    const at = this.#find(word(digest, 0), word(digest, 4), word(digest, 8));
    return !isFree(this.#slots, at);
  }

  /** Whether the key is new. */
  add(key: string): boolean {
    const digest = hash("sha256", key, "binary");
    const added = this.#insert(word(digest, 0), word(digest, 4), word(digest, 8));
    if (added && ++this.#size > (this.#mask + 1) * 0.7) this.#grow();
    return added;
  }

  /** The slot that holds the three words, or the free one where they belong. */
  #find(first: number, second: number, third: number): number {
    const slots = this.#slots;
    let slot = first & this.#mask;
    for (;;) {
      const at = slot * WORDS;
      if (isFree(slots, at)) return at;
      if (slots[at] === first && slots[at + 1] === second && slots[at + 2] === third) return at;
      slot = (slot + 1) & this.#mask;
    }
  }

  #insert(first: number, second: number, third: number): boolean {
    const at = this.#find(first, second, third);
    if (!isFree(this.#slots, at)) return false;
    this.#slots[at] = first;
    this.#slots[at + 1] = second;
    this.#slots[at + 2] = third;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Uint32Array((this.#mask + 1) * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (!isFree(old, at)) this.#insert(old[at] ?? 0, old[at + 1] ?? 0, old[at + 2] ?? 0);
    }
  }
}

function isFree(slots: Uint32Array, at: number): boolean {
  return slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0;
}

function word(digest: string, at: number): number {
  return (
    ((digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3)) >>>
    0
  );
}
