/** What tests of queues and channels ask of a call that must be refused. */

/** The code of what `call` throws, or of what its promise rejects with. @throws {Error} when it does neither. */
export async function codeOf(call: () => unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
  throw new Error(`expected a refusal, got the value ${String(value)}`);
}

/** The codes of several calls, one after the other. */
export async function codesOf(...calls: readonly (() => unknown)[]): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (const call of calls) codes.push(await codeOf(call));
  return codes;
}

/** What trying to take finds where nothing is there for the taking. */
export const NOTHING: { readonly ok: false; readonly error: undefined } = { ok: false, error: undefined };
