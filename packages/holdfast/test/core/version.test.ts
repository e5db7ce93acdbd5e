import { readFileSync } from "node:fs";
import { version } from "holdfast/lowlevel";
import { expect, test } from "../harness.ts";

test("the version that tools see is that of the package", () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(manifest).toMatchObject({ name: "holdfast", version });
});
