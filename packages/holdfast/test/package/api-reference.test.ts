/** docs/api.md is made from the doc comments, and every export has one. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "../harness.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

test("the API reference is what the doc comments of the built package say, and no export is without one", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/api-reference.mjs", "--check"], {
    cwd: root,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
