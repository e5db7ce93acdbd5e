/**
 * Where functions are written, asked of the inspector: about 50 microseconds each, so only for what has no better place.
 */
import { read, withInspector } from "./own-inspector.ts";

/** Of so many at most, the rest have none: 50 ms. */
const MOST = 1000;

/** For each function a place like "file:///app.ts:6:59"; undefined for what is none, and for all where the host does not tell. */
export function functionLocations(functions: readonly unknown[]): readonly (string | undefined)[] {
  const some = functions.slice(0, MOST);
  if (!some.some((candidate) => typeof candidate === "function")) return [];
  try {
    return withInspector(some, (ask, expression, session) => {
      const urls = new Map<unknown, string>();
      session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
      // Every script is announced before this returns.
      ask("Debugger.enable");
      ask("Debugger.disable");
      return some.map((candidate, index) => {
        if (typeof candidate !== "function") return undefined;
        const { result } = ask("Runtime.evaluate", { expression: `${expression}[${index}]` });
        const objectId = read(result, "objectId");
        const { internalProperties } = ask("Runtime.getProperties", { objectId, ownProperties: true });
        const properties: readonly unknown[] = Array.isArray(internalProperties) ? internalProperties : [];
        const location = properties.find((property) => read(property, "name") === "[[FunctionLocation]]");
        const place = read(read(location, "value"), "value");
        const url = urls.get(read(place, "scriptId"));
        // The inspector counts from 0.
        const line = Number(read(place, "lineNumber")) + 1;
        return url ? `${url}:${line}:${Number(read(place, "columnNumber")) + 1}` : undefined;
      });
    });
  } catch {
    // No inspector in this host, or it is not allowed.
    return [];
  }
}
