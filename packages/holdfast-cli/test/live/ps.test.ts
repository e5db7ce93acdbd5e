/** What `holdfast ps` prints of a program. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { freePort, newerNodes, Targets } from "../inspect/target.ts";

let targets: Targets;
beforeAll(() => {
  targets = new Targets();
  targets.installLibrary();
});
afterAll(() => targets.remove());

const program = `import { sleep, taskGroup } from "holdfast";
async function load({ signal }) {
  await sleep(60_000, { signal });
}
async function ignore() {
  await sleep(90_000);
}
setImmediate(() => console.log("ready"));
await taskGroup(function main(group) {
  group.spawn(load, { name: "load" });
  group.spawn(ignore, { name: "deaf\\u001b[2J", timeout: 120_000 });
}, { name: "request" });
`;

const steady = (text: string): string => text.replaceAll(/ +(?:\d+ ms|\d+\.\d s|\dm \d\ds)/gu, " TIME");

test.each([process.execPath, ...newerNodes])("ps lists the tasks, one in a line: %s", async (node) => {
  const target = await targets.start(program, { node, flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout, stderr } = await targets.holdfast(["ps", target.pid]);
  const [title, first, second, note] = stdout.split("\n");
  expect([code, stderr, title?.split(/ {2,}/u), steady(first ?? ""), steady(second ?? ""), note?.slice(0, 24)]).toEqual(
    [
      0,
      "",
      ["id", "name", "group", "state", "age", "waits for", "where", "deadline", "spawned"],
      " 1  load      request  running TIME  sleep TIME             app.mjs:3:3 load           -  app.mjs:10:9 main",
      " 2  deaf?[2J  request  running TIME  sleep TIME, no signal  app.mjs:6:3 ignore TIME  app.mjs:11:9 main",
      "note: the process stood ",
    ],
  );
});

test("--json is one line of data, in the order that --sort says", async () => {
  const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout } = await targets.holdfast(["ps", target.pid, "--sort", "name", "--json"]);
  const found: unknown = JSON.parse(stdout);
  expect([code, stdout.split("\n").length, found]).toMatchObject([
    0,
    2,
    {
      version: 1,
      pid: target.pid,
      omitted: 0,
      tasks: [
        { id: 2, name: "deaf\u001B[2J", group: "request", state: "running", depth: 0 },
        { id: 1, name: "load", where: "load (app.mjs:3:3)", spawnedAt: "main (app.mjs:10:9)" },
      ],
    },
  ]);
});

test("of a program without the library it says that nothing of it runs, and --deep asks no less", async () => {
  const target = await targets.start(`console.log("ready"); setInterval(() => {}, 60_000);`, {
    flags: [`--inspect-port=${await freePort()}`],
  });
  const { code, stdout } = await targets.holdfast(["ps", target.pid, "--deep"]);
  expect([code, stdout.split("\n")[0]]).toEqual([
    0,
    `process ${target.pid}, node ${process.versions.node}: no task of the library runs in it`,
  ]);
});
