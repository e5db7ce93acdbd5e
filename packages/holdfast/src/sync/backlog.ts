/**
 * Items in order, that may come back. Two stacks: one to put on, one to take off, turned over when the second is empty, so an item is moved once, however many there
 * are; what comes back goes on top of the second.
 *
 * Invariants
 * - BACKLOG-1: items leave in the order in which they came; those that come back leave first, in the order in which they left before.
 */
export class Backlog<T> {
  #incoming: T[] = [];
  /** The next one is the last. */
  #outgoing: T[] = [];
  /** Of those on top of `outgoing` that have come back: when each was taken. Descending. */
  readonly #tickets: number[] = [];

  get size(): number {
    return this.#incoming.length + this.#outgoing.length;
  }

  push(item: T): void {
    this.#incoming.push(item);
  }

  /** Call only when there is one. Amortised O(1). */
  shift(): T {
    if (this.#outgoing.length === 0) this.#turn();
    this.#tickets.pop();
    // Holds: there is one, says the caller.
    return this.#outgoing.pop() as T;
  }

  #turn(): void {
    const empty = this.#outgoing;
    // In place: this happens for every single item of a queue that is nearly empty.
    // oxlint-disable-next-line unicorn/no-array-reverse
    this.#outgoing = this.#incoming.reverse();
    this.#incoming = empty;
  }

  /** Puts back what was taken as the `ticket`-th. O(items that have come back and were taken before it). */
  giveBack(item: T, ticket: number): void {
    const tickets = this.#tickets;
    let above = 0;
    while (above < tickets.length && (tickets[tickets.length - 1 - above] ?? 0) < ticket) above++;
    tickets.splice(tickets.length - above, 0, ticket);
    this.#outgoing.splice(this.#outgoing.length - above, 0, item);
  }

  /** All of them, in order; it is empty then. */
  drain(): T[] {
    const items = [...this.#outgoing.toReversed(), ...this.#incoming];
    this.#incoming = [];
    this.#outgoing = [];
    this.#tickets.length = 0;
    return items;
  }
}
