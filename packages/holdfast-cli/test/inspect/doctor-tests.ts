/**
 * Programs that know nothing of the library, and what doctor finds in them: a lock-order deadlock, an await of what nobody settles, a call that nobody awaits, a loop that never ends.
 */
import { expect, test } from "../harness.ts";
import { freePort } from "./target.ts";
import type { Targets } from "./target.ts";

const deadlock = `
class Mutex {
  #waiting = []; #isHeld = false;
  async lock() { while (this.#isHeld) await new Promise((resolve) => this.#waiting.push(resolve)); this.#isHeld = true; }
}
const [left, right] = globalThis.locks = [new Mutex(), new Mutex()];
async function transfer(from, to) {
  await from.lock();
  await null;
  await to.lock();
}
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
await Promise.all([transfer(left, right), transfer(right, left)]);
`;

export const waiting = `
const replies = globalThis.replies = new Map();
async function ask(id) {
  return await new Promise((resolve) => replies.set(id, resolve));
}
async function main() {
  await ask(1);
}
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
await main();
`;

const floating = `
globalThis.keep = [];
async function audit() {
  await new Promise((resolve) => globalThis.keep.push(resolve));
}
audit();
setInterval(() => {}, 60_000);
setImmediate(() => console.log("ready"));
`;

const blocked = `
function parse() {
  for (;;) {}
}
setTimeout(() => { console.log("ready"); setTimeout(parse); }, 1);
`;

/** Everything but the numbers of the last line, which differ from run to run. */
export const settled = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("note: the process stood still"))
    .map((line) =>
      line
        .replace(/^process \d+, node [\d.]+/u, "process")
        .replaceAll(/\d+% busy/gu, "N% busy")
        .replaceAll(/for at least \d+\.\d s/gu, "for at least N s"),
    );

/** On that Node. */
export function testDoctor(node: string, targetsOf: () => Targets): void {
  test("doctor names both calls of a lock-order deadlock", async () => {
    const target = await targetsOf().start(deadlock, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout, stderr } = await targetsOf().holdfast(["doctor", target.pid]);
    expect([code, stderr, settled(stdout).slice(0, 6)]).toEqual([
      1,
      "",
      [
        "process: 1 finding",
        "lock-deadlock: all 2 calls that came here wait for a lock; each waits for what another holds (taken in different orders), or one was never given back",
        "    2x Mutex.lock (app.mjs:4:39), for at least N s",
        "       < transfer (app.mjs:10:3)",
        "       < app.mjs:14:1",
        "    read guide/inspecting.md#lock-deadlock",
      ],
    ]);
  });

  test("doctor finds an await of what nobody settles", async () => {
    const target = await targetsOf().start(waiting, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targetsOf().holdfast(["doctor", target.pid]);
    expect([code, settled(stdout)]).toEqual([
      1,
      [
        "process: 1 finding",
        "unsettled-await: 1 call has awaited the same promise for at least N s, in two looks, and nothing holds the process open but 1 timer: no request, file or socket is under way that could settle one",
        "    1x ask (app.mjs:4:10), for at least N s",
        "       < main (app.mjs:7:3)",
        "       < app.mjs:11:1",
        "    read guide/inspecting.md#unsettled-await",
        "held open by 1 Timeout",
        "main thread: idle when it was asked, N% busy before",
        "suspended outside of the library's tasks:",
        "    1x ask (app.mjs:4:10), for at least N s",
        "       < main (app.mjs:7:3)",
        "       < app.mjs:11:1",
      ],
    ]);
  });

  test("doctor names a call that nobody awaits", async () => {
    const target = await targetsOf().start(floating, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targetsOf().holdfast(["doctor", target.pid]);
    expect([code, settled(stdout).slice(0, 4)]).toEqual([
      1,
      [
        "process: 1 finding",
        "floating-call: 1 call that no async function awaits: an event or a call without await started them, or what follows is a .then or .catch, which can't be seen",
        "    1x audit (app.mjs:4:3), for at least N s",
        "    read guide/hanging.md#floating-call",
      ],
    ]);
  });

  test("doctor names the line of a loop that never ends, while it runs", async () => {
    const target = await targetsOf().start(blocked, { node, flags: [`--inspect-port=${await freePort()}`] });
    const { code, stdout } = await targetsOf().holdfast(["doctor", target.pid]);
    expect([code, settled(stdout).find((line) => line.startsWith("    at "))]).toEqual([
      1,
      "    at Timeout.parse [as _onTimeout] (app.mjs:3:3)",
    ]);
  });
}
