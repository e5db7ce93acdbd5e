/** A promise that the library makes to itself was broken: a bug here, never a mistake of the caller. */
class InvariantError extends Error {
  override get name(): "InvariantError" {
    return "InvariantError";
  }
  readonly code = "ERR_INVARIANT" as const;
}

/** Throws unless `condition` holds. `id` is the invariant's number in the header of the file that it protects. */
export function invariant(condition: boolean, id: string): asserts condition {
  if (!condition) throw new InvariantError(`${id} does not hold: this is a bug in holdfast, please report it`);
}
