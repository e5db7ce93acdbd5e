/** Which source a place of a bundle is from, read from its map. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "../harness.ts";

interface BundleMap {
  readonly sourceAt: (line: number, column: number) => string | undefined;
  readonly partition: (isOwn: (source: string) => boolean) => (line: number, column: number) => boolean;
}

// No entry of the package exports it.
const { readBundleMap } = (await import(new URL("../../src/lifecycle/bundle-map.ts", import.meta.url).href)) as {
  readBundleMap: (path: string) => BundleMap | undefined;
};

let folder: string;
let code: string;
let map: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-bundle-map-"));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    sourcemap: "external",
    write: false,
    outfile: join(folder, "app.mjs"),
  });
  code = outputFiles.find(({ path }) => path.endsWith(".mjs"))?.text ?? "";
  map = outputFiles.find(({ path }) => path.endsWith(".map"))?.text ?? "";
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The map of a file with this text and this last line. */
function readWith(comment: string, text: string = code): BundleMap | undefined {
  const path = join(folder, "app.mjs");
  writeFileSync(path, `${text}\n${comment}\n`);
  return readBundleMap(path);
}

describe("the map of a bundle", () => {
  test("says of each place what Node's own reader says", () => {
    writeFileSync(join(folder, "app.mjs.map"), map);
    const read = readWith("//# sourceMappingURL=app.mjs.map");
    // Holds: it is a map, as the bundler has written it.
    const reference = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
    const differ: unknown[] = [];
    const isCore = (source: string): boolean => source.includes("/src/core/");
    const inCore = read?.partition(isCore);
    let places = 0;
    for (const [line, text] of code.split("\n").entries())
      for (let column = 0; column < text.length; column += 29) {
        places++;
        const entry = reference.findEntry(line, column);
        const wanted = "originalSource" in entry ? resolve(folder, entry.originalSource) : undefined;
        const seen = [read?.sourceAt(line, column), inCore?.(line, column)];
        if (seen[0] !== wanted || seen[1] !== (wanted !== undefined && isCore(wanted)))
          differ.push({ line, column, wanted, seen });
      }
    expect(differ).toEqual([]);
    expect(places).toBeGreaterThan(500);
  });

  test("may be inline, encoded in either way, or beside a file that does not mention it", () => {
    const at = code.split("\n")[0]?.length ?? 0;
    writeFileSync(join(folder, "app.mjs.map"), map);
    const hidden = readWith("")?.sourceAt(0, at - 1);
    writeFileSync(join(folder, "app.mjs.map"), "{}");
    expect(
      [
        readWith(`//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`),
        readWith(`//# sourceMappingURL=data:application/json,${encodeURIComponent(map)}`),
      ].map((read) => read?.sourceAt(0, at - 1)),
    ).toEqual([hidden, hidden]);
    expect(hidden).toMatch(/\/src\/[\w/-]+\.ts$/u);
  });

  test("keeps URLs as they are, and puts the root before paths", () => {
    const sources = ["webpack://app/a.ts", "b.ts", null];
    const read = readWith(
      `//# sourceMappingURL=data:application/json,${encodeURIComponent(JSON.stringify({ version: 3, sources, sourceRoot: "lib", mappings: "AAAA,CCAA,CCAA,C" }))}`,
    );
    expect([0, 1, 2, 3].map((column) => read?.sourceAt(0, column))).toEqual([
      resolve(folder, "lib/webpack://app/a.ts"),
      join(folder, "lib/b.ts"),
      join(folder, "lib"),
      undefined,
    ]);
    expect([read?.sourceAt(1, 0), readWith("//# sourceMappingURL=data:application/json,{}")]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("is none where there is no file, or none that can be read", () => {
    rmSync(join(folder, "app.mjs.map"));
    expect([
      readWith(""),
      readWith("//# sourceMappingURL=nowhere.map"),
      readWith("//# sourceMappingURL=data:application/json,{"),
      readBundleMap(join(folder, "nowhere.mjs")),
    ]).toEqual([undefined, undefined, undefined, undefined]);
    expect(readFileSync(join(folder, "app.mjs"), "utf8")).toContain("{");
  });

  test("ends where its mappings can't be read", () => {
    const read = readWith(
      `//# sourceMappingURL=data:application/json,${JSON.stringify({ version: 3, sources: ["a.ts", "b.ts"], mappings: "AAAA,!,CCAA" })}`,
    );
    expect([read?.sourceAt(0, 0), read?.sourceAt(0, 5)]).toEqual([join(folder, "a.ts"), join(folder, "a.ts")]);
  });
});
