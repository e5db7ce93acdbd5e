/**
 * Loads the user's module: JavaScript as Node does it, TypeScript with no build step.
 *
 * Where Node strips types itself (22.18 and later) it does; what it can't take (enums, extensionless imports) and
 * Node 20 go through tsx. Both of tsx's hooks are registered for the whole process, not its scoped import: a handler in
 * a CommonJS package is then loaded from its own path, so that its stacks name the file and its later `import()`s work.
 */
import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";
import type { Handler, SetupContext } from "./handler-context.ts";

export interface HandlerModule {
  /** The file's name without its folder: what the journal knows the handler by. */
  readonly name: string;
  readonly handler: Handler;
  /** Called once before the first item; what it returns is every item's `context.shared`. */
  readonly setup: ((context: SetupContext) => unknown) | undefined;
  /** Called once after the last item, with what `setup` returned. */
  readonly teardown: ((shared: unknown, context: SetupContext) => unknown) | undefined;
}

/** @throws {@link CliError} (78) when the file is missing, fails to load, or exports no function as its default. */
export async function loadHandler(path: string): Promise<HandlerModule> {
  const file = resolve(path);
  const facts = await stat(file).catch(() => undefined);
  if (facts === undefined) throw new CliError(exitCode.handler, `handler ${path} does not exist`);
  if (!facts.isFile()) throw new CliError(exitCode.handler, `handler ${path} is not a file`);

  let loaded: Record<string, unknown>;
  try {
    loaded = await importHandler(pathToFileURL(file).href, extname(file));
  } catch (error) {
    throw new CliError(exitCode.handler, `handler ${path} does not load: ${loadFailure(error, file)}`, {
      cause: error,
    });
  }
  const exported = exportsOf(loaded);
  if (typeof exported["default"] !== "function") {
    const got =
      exported["default"] === undefined
        ? "no default export"
        : `a default export that is no function (${typeof exported["default"]})`;
    throw new CliError(exitCode.handler, `handler ${path} has ${got}`, {
      hint: "write: export default async (item, { signal }) => { … }",
    });
  }
  return {
    name: basename(file),
    // Only known to be a function; what it takes and returns is checked where it is called.
    handler: exported["default"] as Handler,
    setup: hook(path, exported, "setup"),
    teardown: hook(path, exported, "teardown"),
  };
}

function hook(
  path: string,
  exported: Record<string, unknown>,
  name: string,
): ((...args: unknown[]) => unknown) | undefined {
  const value = exported[name];
  if (value === undefined) return undefined;
  if (typeof value !== "function") {
    throw new CliError(exitCode.handler, `handler ${path} exports ${name} that is no function (${typeof value})`);
  }
  return (...args) => Reflect.apply(value, undefined, args);
}

async function importHandler(url: string, extension: string): Promise<Record<string, unknown>> {
  const isTypeScript = /^\.[cm]?tsx?$/.test(extension);
  if (isTypeScript && !nodeStripsTypes()) await registerTsx();
  try {
    return await importModule(url);
  } catch (error) {
    if (!isTypeScript || !nativeLimits.has(codeOf(error) ?? "")) throw error;
    // None of these codes comes from code that has run: nothing is evaluated twice.
    await registerTsx();
    return await importModule(`${url}?with=tsx`);
  }
}

function nodeStripsTypes(): boolean {
  const features: object = process.features;
  return "typescript" in features && features.typescript !== false;
}

/** What Node's own type stripping refuses and tsx takes. */
const nativeLimits: ReadonlySet<string> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_MODULE_NOT_FOUND",
]);

async function importModule(url: string): Promise<Record<string, unknown>> {
  const loaded: unknown = await import(url);
  // A module namespace is an object with string keys.
  return loaded as Record<string, unknown>;
}

let tsxIsRegistered = false;

async function registerTsx(): Promise<void> {
  if (tsxIsRegistered) return;
  tsxIsRegistered = true;
  const [esm, commonJs] = await Promise.all([import("tsx/esm/api"), import("tsx/cjs/api")]);
  esm.register();
  commonJs.register();
}

/** A module compiled to CommonJS has its exports one level down, under `default`. */
function exportsOf(loaded: Record<string, unknown>): Record<string, unknown> {
  const inner = loaded["default"];
  if (typeof inner !== "object" || inner === null || !("default" in inner)) return loaded;
  return { ...inner };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function loadFailure(error: unknown, file: string): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`;
  const where = error instanceof SyntaxError ? syntaxErrorPlace(file) : undefined;
  return `${error.name}: ${error.message}${where === undefined ? "" : ` (${where})`}`;
}

/** Where it is, the error of an `import()` does not say; `node --check` does. Undefined when it is in another file. */
function syntaxErrorPlace(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
  return /^(?:file:\/\/)?(\/.+:\d+)$/m.exec(stderr)?.[1];
}
