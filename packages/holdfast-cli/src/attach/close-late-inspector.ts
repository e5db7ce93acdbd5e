/**
 * A program of its own, left behind for a process that got a SIGUSR1 and opened no inspector while somebody waited: when it does open one later, closes it at once.
 */
import { InspectorSocket } from "./inspector-socket.ts";
import { findInspector, newInspector } from "./open-inspector.ts";
import { listeningPorts } from "./listening-ports.ts";
import { readProcess } from "./process-facts.ts";

/** Then it must have a handler of its own. */
const PATIENCE = 10 * 60_000;
/** Seldom enough to cost next to nothing for so long. */
const LOOK_EVERY = 20;

const facts = readProcess(Number(process.argv[2]));
if (facts !== undefined) {
  // Its servers are none of our business.
  const before = new Set(listeningPorts().map(({ inode }) => inode));
  const inspector = (await findInspector(facts)) ?? (await newInspector(facts, before, PATIENCE, LOOK_EVERY));
  if (inspector !== undefined) {
    const socket = await InspectorSocket.open(inspector.port, inspector.path);
    socket.evaluate(`if (process.pid === ${facts.pid}) process._debugEnd()`);
    await socket.closed;
  }
}
