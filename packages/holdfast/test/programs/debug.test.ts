/** Debug mode in processes: what each kind of loss looks like, and that a program without any is told nothing. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "../harness.ts";
import { type Ended, runProgram, type Running } from "./program.ts";

const limit = 30_000;
const on = { HOLDFAST_DEBUG: "1" };

/** Without what depends on where it ran and for how long: places, times, and numbers of tasks. */
async function debugged(name: string, drive?: (running: Running) => Promise<void>): Promise<Ended> {
  const { stderr, ...rest } = await runProgram(name, [], drive, on);
  return { ...rest, stderr: steady(stderr) };
}

function steady(text: string): string {
  return text
    .replaceAll(/file:\S*?:\d+:\d+/gu, "PLACE")
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/gu, "TIME")
    .replaceAll(/task \d+ "/gu, 'task N "');
}

describe("with HOLDFAST_DEBUG=1 a program", () => {
  const run = (title: string, name: string, expected: Ended, drive?: (running: Running) => Promise<void>): void =>
    test(title, async () => expect(await debugged(name, drive)).toEqual(expected), limit);

  run("DEBUG-3: that loses nothing and leaves nothing is told nothing", "debug-clean", {
    code: 0,
    signal: null,
    stdout: "ended false false\n",
    stderr: "",
  });

  run(
    "DEBUG-1: is told which tasks and calls ignore their cancellation, and at which lines they wait",
    "debug-deaf",
    {
      code: null,
      signal: "SIGKILL",
      stdout: "",
      stderr: `holdfast: debug: group "request" was cancelled; TIME later this still runs
  task "poll" in group "request", has its signal, and goes on
      waits for sleep, without a signal, at queryRows (PLACE)
      spawned at taskGroup.signal.signal (PLACE)
  task "fetch\\nit" in group "request", never looked at its signal; pass ({ signal }) on
      spawned at taskGroup.signal.signal (PLACE)
holdfast: debug: price reached its deadline of TIME; TIME later this still runs
  call "price", never looked at its signal; pass ({ signal }) on
      called at serve (PLACE)
`,
    },
    async ({ complaint, kill }) => {
      await complaint('  call "price"');
      kill("SIGKILL");
    },
  );

  run(
    "is told by which task and at which line its event loop is blocked, while it is",
    "debug-blocks",
    {
      code: null,
      signal: "SIGKILL",
      stdout: "",
      stderr: `holdfast: the event loop has been blocked for TIME by task N "report"
    at parseHuge (PLACE)
    at buildReport (PLACE)
`,
    },
    async ({ complaint, kill }) => {
      await complaint("    at buildReport");
      kill("SIGKILL");
    },
  );

  run("DEBUG-2: is told of failures that nobody has looked at, when they are and at the exit", "debug-unseen", {
    code: 0,
    signal: null,
    stdout: "hook\nend\n",
    stderr: `holdfast: debug: task "load" of group "plugins" failed TIME ago, and nobody has joined it, nor called close(), which throws this: Error: no such plugin
    at PLACE
    at task "load" in group "plugins", TIME (PLACE)
holdfast: debug: task "read" of group "io" failed TIME ago, and nobody has joined it, nor called close(), which throws this: Error: reset
    at PLACE
    at task "read" in group "io", TIME (PLACE)
holdfast: debug: the process exits, and nobody was told that task "reload" of group "plugins" had failed: Error: too late
    at PLACE
    at task "reload" in group "plugins", TIME (PLACE)
holdfast: debug: the process exits, and this has not ended
group "serve", spawned at PLACE
└─ task "serve", running for TIME, spawned at PLACE
group "plugins", spawned at serve (PLACE)
group "io", cancelled: group "io" was cancelled because task "read" failed (by task "read"), spawned at serve (PLACE)
group "hooked", spawned at serve (PLACE)
`,
  });

  run("is told what is alive when it exits, with every spawn site, and exits with its own code", "debug-leaves", {
    code: 7,
    signal: null,
    stdout: "",
    stderr: `holdfast: debug: the process exits, and this has not ended
group "background", spawned at PLACE
└─ task "refresh", running for TIME, waits for sleep, spawned at serve (PLACE)
group "serve", spawned at PLACE
├─ task "serve", running for TIME, spawned at PLACE
└─ task "poll", running for TIME, waits for sleep, spawned at serve (PLACE)
`,
  });

  run("has the tasks of an error in its stack, and no frames of the library, whoever prints it", "debug-prints", {
    code: 0,
    signal: null,
    stdout: "",
    stderr: `TypeError: no user 1
    at query (PLACE)
    at async map.concurrency (PLACE)
    at async group.spawn.name (PLACE)
    at task "map lane 1" (PLACE)
    at task "load" (PLACE)
    at task "importUsers" (PLACE) {
  [cause]: Error: ENOENT
      at query (PLACE)
      at async map.concurrency (PLACE)
      at async group.spawn.name (PLACE)
}
`,
  });
});

test(
  "without HOLDFAST_DEBUG a program loads nothing of debug mode, nor of holdfast/inspect, and is told nothing",
  async () => {
    using program = await splitProgram("debug-leaves");
    const off = await program.run({ HOLDFAST_DEBUG: "0" });
    expect(off).toEqual({ stdout: "", stderr: "", loaded: expect.arrayContaining(["debug-leaves.mjs"]) });
    expect(off.loaded.filter((file) => program.isDebugging(file))).toEqual([]);
    const { loaded } = await program.run(on);
    expect(loaded.filter((file) => program.isDebugging(file)).length).toBeGreaterThan(1);
  },
  limit,
);

test(
  "a program whose bundle has left out holdfast/inspect says what it can't see, and goes on",
  async () => {
    using program = await splitProgram("debug-unseen", ["holdfast/inspect"]);
    const { stdout, stderr } = await program.run(on);
    const [first, second = ""] = stderr.split("\n");
    expect([stdout, first, second.split(" failed ")[0]]).toEqual([
      "hook\nend\n",
      expect.stringMatching(
        /^holdfast: debug: holdfast\/inspect can't be loaded, so stalls are not seen, nor the lines at which tasks wait: Cannot find package 'holdfast'/u,
      ),
      'holdfast: debug: task "load" of group "plugins"',
    ]);
  },
  limit,
);

interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly loaded: readonly string[];
}

interface SplitProgram extends Disposable {
  /** What it writes, and the files that it has loaded. */
  readonly run: (env: Readonly<Record<string, string>>) => Promise<Seen>;
  /** Whether that file has what only debug mode needs. */
  readonly isDebugging: (file: string) => boolean;
}

/** A program in several files, one for each part that is loaded on demand. */
async function splitProgram(name: string, external: string[] = []): Promise<SplitProgram> {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "holdfast-split-"));
  const { metafile } = await build({
    entryPoints: [path(`${name}.ts`)],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    logLevel: "warning",
    external,
    alias: {
      ...(external.length > 0 ? {} : { "holdfast/inspect": path("../../src/inspect/index.ts") }),
      "holdfast/lifecycle": path("../../src/lifecycle/index.ts"),
    },
    plugins: [
      {
        name: "library",
        // An alias would also match what begins so.
        setup: (bundler) =>
          bundler.onResolve({ filter: new RegExp("^holdfast$") }, () => ({ path: path("../../src/index.ts") })),
      },
    ],
  });
  const debugging = new Set(
    Object.entries(metafile.outputs)
      .filter(([, { inputs }]) => Object.keys(inputs).some((input) => /lifecycle\/debug\.ts$|\/inspect\//u.test(input)))
      .map(([file]) => basename(file)),
  );
  return {
    isDebugging: (file) => debugging.has(file),
    run: async (env) => {
      // V8 writes down which scripts it has run.
      const coverage = mkdtempSync(join(folder, "coverage-"));
      const output = await new Promise<Omit<Seen, "loaded">>((resolve) => {
        const options = { timeout: 20_000, env: { ...process.env, ...env, NODE_V8_COVERAGE: coverage } };
        execFile(process.execPath, [join(folder, `${name}.mjs`)], options, (_error, stdout, stderr) =>
          resolve({ stdout, stderr }),
        );
      });
      const reports = readdirSync(coverage).map((file) => readFileSync(join(coverage, file), "utf8"));
      const loaded = reports.flatMap((report) => {
        // Holds: that is what V8 writes.
        const { result } = JSON.parse(report) as { readonly result: readonly { readonly url: string }[] };
        return result.map(({ url }) => basename(url));
      });
      return { ...output, loaded };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
