/** Input that can take back what it has handed out, because who asked for it was cancelled before it could begin: then no item is lost between the two. */

/** An iterator over items that must not get lost. `map`, `forEach`, `mapStream` and `batch` look for the method: one `next()` at a time is under way, and what it gave may be withdrawn until the next one. */
export interface Withdrawable {
  /**
   * Undoes the last `next()`, synchronously: an item that it has given goes back to where it was; one that still waits takes none, and resolves with anything that is not the end. Nobody looks at its
   * result. The end of the input is not undone. The name is one that nobody else gives, and the same in all copies of the library.
   */
  "holdfast.withdraw/1"(): void;
}
