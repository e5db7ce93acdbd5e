/**
 * All promises of the process, asked of V8's heap. Collects garbage first and walks the heap: 30 to 100 ms in a small one, about 10 ms for each further megabyte; the process stands still meanwhile.
 */
import { read, withInspector } from "./own-inspector.ts";

/** @throws {Error} where the host has no inspector, or does not allow it */
export function heapPromises(): readonly object[] {
  const box: { promises: unknown } = { promises: undefined };
  withInspector(box, (ask, expression) => {
    const idOf = (remote: unknown): string => String(read(remote, "objectId"));
    const prototypeObjectId = idOf(ask("Runtime.evaluate", { expression: "Promise.prototype" })["result"]);
    const objectId = idOf(ask("Runtime.queryObjects", { prototypeObjectId })["objects"]);
    ask("Runtime.callFunctionOn", { objectId, functionDeclaration: `function () { ${expression}.promises = this; }` });
  });
  if (!Array.isArray(box.promises)) throw new Error("the inspector gave no list of promises");
  return box.promises;
}
