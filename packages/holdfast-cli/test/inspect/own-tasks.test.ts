/** What is seen of a program that uses the library. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { bin, freePort, newerNodes, Targets } from "./target.ts";

let targets: Targets;
beforeEach(() => {
  targets = new Targets();
});
afterEach(() => targets.remove());

const library = pathToFileURL(createRequire(bin).resolve("holdfast")).href;
const program = `import { sleep, taskGroup } from ${JSON.stringify(library)};
async function load({ signal }) {
  await sleep(60_000, { signal });
}
setImmediate(() => console.log("ready"));
await taskGroup((group) => {
  group.spawn(load, { name: "load" });
}, { name: "request" });
`;

test.each([process.execPath, ...newerNodes])(
  "dump shows the tasks, and the line at which each is suspended: %s",
  async (node) => {
    const target = await targets.start(program, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout, stderr } = await targets.holdfast(["dump", target.pid]);
    const lines = stdout
      .split("\n")
      .slice(1, -2)
      .map((line) => line.replaceAll(/\d+(?:\.\d+)? m?s/gu, "N s"));
    expect([code, stderr, lines]).toEqual([
      0,
      "",
      [
        '└─ group "request", called app.mjs:6:7',
        "   │  awaited outside of any task",
        "   │      at app.mjs:6:1",
        '   └─ task 1 "load", running for N s, spawned taskGroup.name (app.mjs:7:9)',
        "         waits for sleep, N s left",
        "             at load (app.mjs:3:3)",
      ],
    ]);
  },
);

test("doctor counts the tasks and says how to see them", async () => {
  const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
  expect([code, stdout.split("\n").find((line) => line.startsWith("of the library"))]).toEqual([
    0,
    `of the library: 1 task; holdfast dump ${target.pid} shows them`,
  ]);
});
