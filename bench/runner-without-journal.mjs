// @ts-check
/**
 * What `holdfast run` does with its items, without a journal: the same modules in the same order, and outcomes that
 * are counted and dropped. `node runner-without-journal.mjs run <handler> <input>`; prints a summary like `--summary json`.
 */
import { systemClock } from "../packages/holdfast-cli/dist/clock.js";
import { loadHandler } from "../packages/holdfast-cli/dist/handler/handler-module.js";
import { openInput } from "../packages/holdfast-cli/dist/input/index.js";
import { parseRunArguments } from "../packages/holdfast-cli/dist/options/run-arguments.js";
import { RunStatus } from "../packages/holdfast-cli/dist/progress/run-status.js";
import { FailureLimit } from "../packages/holdfast-cli/dist/run/failure-limit.js";
import { ItemSource } from "../packages/holdfast-cli/dist/run/item-source.js";
import { runItems } from "../packages/holdfast-cli/dist/run/run-loop.js";
import { StopControl } from "../packages/holdfast-cli/dist/run/stop-control.js";

/** Rows of a commit of the journal: the status is told as often. */
const commitRows = 500;

const settings = parseRunArguments(process.argv.slice(3));
const module = await loadHandler(settings.handler);
const input = await openInput({
  path: settings.input,
  format: settings.format,
  key: settings.key,
  stdin: process.stdin,
});
const facts = await input.facts();
const stop = new StopControl(systemClock, settings.drain);
const flying = new Map();
const status = new RunStatus({
  total: facts?.items,
  before: { succeeded: 0, dead: 0 },
  now: systemClock.now(),
  inFlight: () => flying.size,
});
const source = new ItemSource({
  input,
  isDone: () => false,
  limit: settings.limit,
  interval: settings.interval,
  clock: systemClock,
});

/** @type {import("../packages/holdfast-cli/dist/journal/index.js").ItemOutcome[]} */
let outcomes = [];
let succeeded = 0;
function acknowledge() {
  for (const { state } of outcomes) if (state === "succeeded") succeeded += 1;
  status.acknowledged(outcomes, systemClock.now());
  outcomes = [];
}

const startedAt = systemClock.now();
await runItems({
  name: module.name,
  handler: module.handler,
  settings,
  failureLimit: new FailureLimit(settings.maxFailures, facts?.items),
  source,
  record: (outcome) => {
    outcomes.push(outcome);
    if (outcomes.length === commitRows) acknowledge();
  },
  status,
  flying,
  stop,
  shared: { log: () => {}, stopping: stop.stopping, shared: undefined },
  clock: systemClock,
});
acknowledge();
const duration = systemClock.now() - startedAt;
stop.dispose();
process.stdout.write(`${JSON.stringify({ thisRun: { succeeded, duration } })}\n`);
process.exit(0);
