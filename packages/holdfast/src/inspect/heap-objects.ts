/**
 * All objects of the process that inherit from one, asked of V8's heap. Collects garbage first and walks the heap: 30 to 100 ms in a small one, about 10 ms for each further megabyte; the process stands still meanwhile.
 */
import { read, withInspector } from "./own-inspector.ts";

/** Only what somebody can still reach. @throws {Error} where the host has no inspector, or does not allow it */
export function heapObjects(prototype: object): readonly object[] {
  const box: { readonly prototype: object; found: unknown } = { prototype, found: undefined };
  withInspector(box, (ask, expression) => {
    const idOf = (remote: unknown): string => String(read(remote, "objectId"));
    const prototypeObjectId = idOf(ask("Runtime.evaluate", { expression: `${expression}.prototype` })["result"]);
    const objectId = idOf(ask("Runtime.queryObjects", { prototypeObjectId })["objects"]);
    ask("Runtime.callFunctionOn", { objectId, functionDeclaration: `function () { ${expression}.found = this; }` });
  });
  if (!Array.isArray(box.found)) throw new Error("the inspector gave no list of objects");
  return box.found;
}
