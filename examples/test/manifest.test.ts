import { deprecatedFields, licenceOf, promisedFiles } from "../audit-packages/manifest.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";

test("a manifest promises the files of main, module, types, bin and exports", () => {
  const manifest = {
    main: "lib/index",
    types: "./index.d.ts",
    bin: { tool: "bin/tool.js" },
    exports: {
      ".": { types: "./index.d.ts", import: ["./index.mjs", "./index.js"], default: null },
      "./*": "./lib/*.js",
      "./browser": "another-package/browser",
    },
  };
  expect(promisedFiles(manifest)).toEqual([
    { field: "main", target: "lib/index" },
    { field: "types", target: "./index.d.ts" },
    { field: "bin.tool", target: "bin/tool.js" },
    { field: 'exports["."].types', target: "./index.d.ts" },
    { field: 'exports["."].import[0]', target: "./index.mjs" },
    { field: 'exports["."].import[1]', target: "./index.js" },
    { field: 'exports["./*"]', target: "./lib/*.js" },
  ]);
});

test("a bin and exports that are one string promise one file each", () => {
  expect(promisedFiles({ bin: "cli.js", exports: "./index.js" })).toEqual([
    { field: "bin", target: "cli.js" },
    { field: "exports", target: "./index.js" },
  ]);
});

test("a licence is read from today's form and from those that npm gave up", () => {
  const manifests = [
    { license: "MIT" },
    { license: { type: "ISC" } },
    { licenses: [{ type: "MIT" }, { type: "Apache-2.0" }] },
    { licenses: "BSD" },
    { license: "" },
    {},
  ];
  expect(manifests.map(licenceOf)).toEqual(["MIT", "ISC", "MIT OR Apache-2.0", "BSD", "none given", "none given"]);
});

test("deprecated fields and forms are named with what to write instead", () => {
  expect(deprecatedFields({ license: { type: "MIT" }, engines: ["node >= 4"], preferGlobal: true })).toEqual([
    "license as an object: write an SPDX expression",
    "engines as a list: write an object",
    "preferGlobal: npm no longer reads it",
  ]);
  expect(deprecatedFields({ license: "MIT", engines: { node: ">=20" } })).toEqual([]);
});
