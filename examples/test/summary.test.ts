import type { Audit } from "../audit-packages/handler.ts";
import { summarize } from "../audit-packages/summary.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";

function audit(path: string, licence: string, findings: Partial<Extract<Audit, { installed: true }>> = {}): Audit {
  const clean = { installed: true, missing: [], deprecatedFields: [], deprecated: undefined } as const;
  return { path: `node_modules/${path}`, version: "1.0.0", licence, ...clean, ...findings };
}

test("a summary counts packages by licence and lists what is missing or deprecated", () => {
  const audits: Audit[] = [
    audit("a", "MIT"),
    audit("b", "ISC", { missing: ["main: a.js", "main: b.js", "main: c.js", "main: d.js"] }),
    audit("c", "MIT", { deprecated: "use d" }),
    audit("a/node_modules/@scope/e", "MIT"),
    { path: "node_modules/win", version: "1.0.0", installed: false },
  ];
  expect(summarize(audits)).toEqual([
    "4 packages by licence (1 are for other platforms)",
    "     3  MIT",
    "     1  ISC  b",
    "",
    "packages whose manifest names files that are not there: 1",
    "  b@1.0.0  main: a.js, main: b.js, main: c.js, and 1 more",
    "",
    "deprecated fields: none",
    "",
    "packages that their authors deprecated: 1",
    "  c@1.0.0  use d",
  ]);
});
