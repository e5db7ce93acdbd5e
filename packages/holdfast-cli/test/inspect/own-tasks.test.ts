/** What is seen of a program that uses the library. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { freePort, Targets } from "./target.ts";
import { testTasks } from "./task-tests.ts";

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
setImmediate(() => console.log("ready"));
await taskGroup((group) => {
  group.spawn(load, { name: "load" });
}, { name: "request" });
`;

testTasks(process.execPath, () => targets);

test("doctor tells the library's own warnings", async () => {
  const target = await targets.start(
    `import { taskGroup } from "holdfast";
import { Mutex } from "holdfast/sync";
const [left, right] = [new Mutex(), new Mutex()];
async function transfer(from, to, signal) {
  await from.run(async () => {
    await null;
    await to.run(() => {}, { signal });
  }, { signal });
}
setInterval(() => {}, 60_000);
setTimeout(() => console.log("ready"), 20);
await taskGroup((group) => {
  group.spawn(({ signal }) => transfer(left, right, signal), { name: "to the right" });
  group.spawn(({ signal }) => transfer(right, left, signal), { name: "to the left" });
});
`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
  expect([code, stdout.split("\n").filter((line) => line.startsWith("lock"))]).toEqual([
    1,
    [
      'lock-cycle: these wait for each other, until they are cancelled: task 1 "to the right" waits for Mutex at from.run.signal.signal (app.mjs:7:5); task 2 "to the left" waits for Mutex at from.run.signal.signal (app.mjs:7:5)',
    ],
  ]);
});

test("doctor counts the tasks and says how to see them", async () => {
  const target = await targets.start(program, { flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout } = await targets.holdfast(["doctor", target.pid]);
  expect([code, stdout.split("\n").find((line) => line.startsWith("of the library"))]).toEqual([
    0,
    `of the library: 1 task; holdfast dump ${target.pid} shows them`,
  ]);
});

test("dump --json is whole for a reader that is slower than the tool", async () => {
  const target = await targets.start(`import { taskGroup } from "holdfast";
setImmediate(() => console.log("ready"));
await taskGroup((group) => {
  for (let count = 0; count < 6000; count++) group.spawn(({ sleep }) => sleep(60_000));
});
`);
  const { code, stdout } = await targets.holdfast(["dump", target.pid, "--json"], {}, 300);
  const { dump } = JSON.parse(stdout) as {
    readonly dump: { readonly scopes: readonly object[]; readonly omitted: number };
  };
  expect([code, dump.scopes.length + dump.omitted]).toEqual([0, 6001]);
});
