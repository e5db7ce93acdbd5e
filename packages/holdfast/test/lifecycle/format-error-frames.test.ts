/** Whose a frame is: in a checkout, in the folders of a package manager, and in a bundle. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { formatError } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Of these frames, those that are printed. */
function shown(frames: readonly string[]): string[] {
  const error = new Error("x");
  error.stack = ["Error: x", ...frames.map((frame) => `    ${frame}`)].join("\n");
  return formatError(error, { frames: Infinity })
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
}

describe("the frames of an error", () => {
  test("are without those of this package, however it was compiled, and of the runner beside it", () => {
    const own = ["../../src/core/group.ts", "../../dist/esm/core/group.js", "../../dist/cjs/sync/queue.js"];
    const runner = ["../../../holdfast-cli/dist/runner/runner.js", "../../../holdfast-cli/src/main.ts"];
    const frames = [...own, ...runner].flatMap((file) => [
      `at run (${path(file)}:1:2)`,
      `at async Group.run (file://${path(file)}:1:2)`,
      `at async ${path(file)}?v=1:1:2`,
      `at new Group (${path(file)}:1:2)`,
    ]);
    expect(shown(["at load (/app.ts:1:2)", ...frames, "at async main (/app.ts:3:4)"])).toEqual([
      "at load (/app.ts:1:2)",
      "at async main (/app.ts:3:4)",
    ]);
  });

  test("are without those of copies in node_modules, compiled or in their source", () => {
    expect(
      shown([
        "at load (file:///app.ts:1:2)",
        "at run (/srv/node_modules/holdfast/dist/cjs/core/group.js:1:2)",
        "at run (file:///srv/node_modules/.pnpm/holdfast@1.0.0/node_modules/holdfast/src/core/group.ts:1:2)",
        "at run (webpack://app/node_modules/holdfast/dist/esm/core/group.js:1:2)",
        String.raw`at run (C:\srv\node_modules\holdfast-cli\dist\main.js:1:2)`,
        "at run (file:///srv/node_modules/holdfast-like/dist/index.js:1:2)",
      ]),
    ).toEqual(["at load (file:///app.ts:1:2)", "at run (file:///srv/node_modules/holdfast-like/dist/index.js:1:2)"]);
  });

  test("are those of whoever lives beside the package, and of what has no place", () => {
    const frames = [
      `at run (${path("../../test/core/group.ts")}:1:2)`,
      `at run (${path("../../src/other/group.ts")}:1:2)`,
      "at eval (eval at run (/app.js:1:2), <anonymous>:1:2)",
      "at native",
    ];
    expect(shown(frames)).toEqual(frames);
  });
});

describe("in a bundle", () => {
  const expected = `ErrorGroup: 1 error
    at async main (PLACE)
    at async PLACE
└─ Error: no such user
       at query (PLACE)
       at async map.concurrency (PLACE)
       at async group.spawn.name (PLACE)
       at task "map lane 1" in group "map", item 0, TIME
       at task "load" in group "request", TIME (PLACE)
`;

  test("with a source map beside it the frames are the user's", async () => {
    expect(await printed({ sourcemap: true })).toBe(expected);
  }, 30_000);

  test("with a source map in it, and with one that is not mentioned, they are too", async () => {
    expect(await printed({ sourcemap: "inline" })).toBe(expected);
    expect(await printed({ sourcemap: "external" })).toBe(expected);
  }, 30_000);

  test("of several files they are too", async () => {
    const entryPoints = { main: path("../programs/bundled-errors.ts"), other: path("../../src/index.ts") };
    expect(await printed({ sourcemap: true, splitting: true, entryPoints })).toBe(expected);
  }, 30_000);

  test("that was minified the names are others, and the library's are not among them", async () => {
    const lines = (await printed({ sourcemap: true, minify: true })).split("\n");
    expect(lines.map((line) => /^[ └─]*/u.exec(line)?.[0].length)).toEqual(
      expected.split("\n").map((line) => /^[ └─]*/u.exec(line)?.[0].length),
    );
  }, 30_000);

  test("whose source map can't be read all frames are there", async () => {
    const sourcemap = { sourcemap: false, footer: { js: "//# sourceMappingURL=missing.map" } } as const;
    expect(await printed(sourcemap)).toContain("at Group.combine (PLACE)");
    const broken = `data:application/json;base64,${btoa('{"sources":1,"mappings":[]}')}`;
    expect(await printed({ footer: { js: `//# sourceMappingURL=${broken}` } })).toContain("at Group.combine (PLACE)");
  }, 60_000);
});

/** What the program prints of its error, without places and times. */
async function printed(options: BuildOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bundle-"));
  try {
    await build({
      entryPoints: { main: path("../programs/bundled-errors.ts") },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      format: "esm",
      platform: "node",
      target: "es2022",
      logLevel: "warning",
      alias: {
        holdfast: path("../../src/index.ts"),
        "holdfast/lifecycle": path("../../src/lifecycle/index.ts"),
        "holdfast/inspect": path("../../src/inspect/index.ts"),
      },
      ...options,
    });
    const files = readdirSync(folder).filter((name) => name.endsWith(".mjs")).length;
    expect(files > 1).toBe(options.splitting === true);
    const text = await new Promise<string>((resolve) => {
      execFile(process.execPath, [join(folder, "main.mjs")], { timeout: 20_000 }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    return text.replaceAll(/file:\S*?:\d+:\d+/gu, "PLACE").replaceAll(/\b\d+(?:\.\d)? m?s\b/gu, "TIME");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
