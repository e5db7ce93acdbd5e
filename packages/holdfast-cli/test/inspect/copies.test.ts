/** That the library's own frames are told from the program's, wherever its copies are. */
import { cpSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { freePort, Targets } from "./target.ts";

let targets: Targets;
beforeAll(() => {
  targets = new Targets();
  targets.installLibrary();
  // One that no package manager has put there, and one of a store.
  mkdirSync(join(targets.folder, "vendor/structured"), { recursive: true });
  cpSync(join(targets.folder, "node_modules/holdfast"), join(targets.folder, "vendor/structured/holdfast"), {
    recursive: true,
  });
  renameSync(join(targets.folder, "node_modules"), join(targets.folder, "store"));
});
afterAll(() => targets.remove());

test("frames of a copy in a checkout, and of one in a store, are not the program's", async () => {
  const target = await targets.start(
    `import { retry, sleep, taskGroup } from "./vendor/structured/holdfast/dist/esm/index.js";
import { Semaphore } from "./store/holdfast/dist/esm/sync/index.js";
const two = new Semaphore(2);
async function load() {
  await sleep(60_000);
}
setTimeout(() => console.log("ready"), 20);
await taskGroup((group) => void group.spawn(async () => await two.run(() => retry(load)), { name: "load" }), { name: "request" });
`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  const { code, stdout } = await targets.holdfast(["dump", target.pid]);
  expect([code, stdout.split("\n").filter((line) => line.includes("vendor/") || line.includes("store/"))]).toEqual([
    0,
    [],
  ]);
  expect(stdout).toContain("at load (app.mjs:5:3)");
});
