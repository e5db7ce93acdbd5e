/** `npm start` as a process: its verdict, its exit code, and that it leaves nothing behind, however it ends. */
import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, test } from "../../packages/holdfast/test/harness.ts";
import type { TestContext } from "../../packages/holdfast/test/harness.ts";

const examples = fileURLToPath(new URL("..", import.meta.url));

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves with the exit code when the program and all that it started, which share its pipes, are gone. */
  readonly closed: Promise<unknown>;
  /** What lies in its folder for temporary files. */
  readonly leftovers: () => Promise<string[]>;
}

/** `npm start -- --quick`, with a folder for temporary files of its own. */
async function start({ onTestFinished }: TestContext): Promise<Started> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-start-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const child = spawn(process.execPath, ["--import", "./start/typescript.mjs", "start.ts", "--quick"], {
    cwd: examples,
    env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const closed = once(child, "close").then(([code]: unknown[]) => code);
  return { child, out: () => out, err: () => err, closed, leftovers: () => readdir(folder) };
}

/** Resolves when `stream` has brought `text`. */
async function brings(stream: Readable, text: string): Promise<void> {
  let seen = "";
  for (const signal = AbortSignal.timeout(60_000); !seen.includes(text);) {
    const [chunk] = await once(stream, "data", { signal });
    seen += String(chunk);
  }
}

test("npm start accounts for every page, writes no escape code into a pipe, and leaves nothing behind", async (context) => {
  const { out, err, closed, leftovers } = await start(context);
  expect(await closed).toBe(0);
  expect(out().match(/^\S+ of \S+ accounted for; .*$/m)?.[0]).toMatch(
    /^300 of 300 accounted for; 0 lost; [1-9]\d* re-run; 10 dead letters$/,
  );
  expect(out().match(/^(holds|FAILS)/gm)).toEqual(Array.from({ length: 7 }, () => "holds"));
  expect(out()).toMatch(/^1 error shown, [1-9]\d* lost, [1-9]\d* still running$/m);
  expect((out() + err()).includes("\u001B")).toBe(false);
  expect(await leftovers()).toEqual([]);
});

test("npm start that is ended while Promise.all runs leaves nothing behind", async (context) => {
  const { child, closed, leftovers } = await start(context);
  await brings(child.stdout, "Promise.all");
  child.kill("SIGTERM");
  expect([await closed, await leftovers()]).toEqual([143, []]);
});

test("npm start that is ended while the runner runs leaves nothing behind", async (context) => {
  const { child, closed, leftovers } = await start(context);
  await brings(child.stderr, "holdfast run handler.ts over urls.txt");
  child.kill("SIGTERM");
  expect([await closed, await leftovers()]).toEqual([143, []]);
});

test("npm start whose reader goes away ends quietly and leaves nothing behind", async (context) => {
  const { child, err, closed, leftovers } = await start(context);
  await brings(child.stdout, "Promise.all");
  child.stdout.destroy();
  expect([await closed, err(), await leftovers()]).toEqual([0, "", []]);
});
