/**
 * A debugger's view of this very thread. Opens no port, pauses nothing; a session of the same thread answers before `post` returns.
 */
import { Session } from "node:inspector";

/** Asks once. @throws {Error} when the answer is an error */
export type Ask = (method: string, params?: object) => { readonly [key: string]: unknown };

/** Calls `run` with a session, and with an expression by which the inspector can refer to `value`. @throws {Error} where the host has no inspector, or does not allow it */
export function withInspector<T>(value: unknown, run: (ask: Ask, expression: string, session: Session) => T): T {
  const session = new Session();
  try {
    session.connect();
    Reflect.set(globalThis, KEY, value);
    const ask = (method: string, params: object = {}): { readonly [key: string]: unknown } => {
      let answer: unknown;
      session.post(method, params, (error: Error | null, result?: object) => {
        answer = error ?? result;
      });
      if (typeof answer !== "object" || answer === null || answer instanceof Error)
        throw new Error(`the inspector did not answer ${method}`, { cause: answer });
      return { ...answer };
    };
    const contextId = realmOf(ask, session);
    return run(
      (method, params) => ask(method, method === "Runtime.evaluate" ? { contextId, ...params } : params),
      EXPRESSION,
      session,
    );
  } finally {
    Reflect.deleteProperty(globalThis, KEY);
    session.disconnect();
  }
}

/** Where it is handed over, for the length of one call. */
const KEY = Symbol.for("holdfast.inspected/1");
const EXPRESSION = `globalThis[Symbol.for(${JSON.stringify(KEY.description)})]`;

/** The realm that this code runs in, where that is not the first of the thread: a test runner makes one for every file. */
function realmOf(ask: Ask, session: Session): number | undefined {
  const isOurs = (contextId?: number): boolean => {
    const { result } = ask("Runtime.evaluate", { expression: EXPRESSION, contextId });
    return read(result, "type") !== "undefined";
  };
  if (isOurs()) return undefined;
  const ids: number[] = [];
  session.on("Runtime.executionContextCreated", ({ params }) => ids.push(params.context.id));
  // Every realm is announced before this returns.
  ask("Runtime.enable");
  ask("Runtime.disable");
  return ids.find((id) => isOurs(id));
}

/** A property of an answer. */
export function read(target: unknown, key: string): unknown {
  return typeof target === "object" && target !== null ? Reflect.get(target, key) : undefined;
}
