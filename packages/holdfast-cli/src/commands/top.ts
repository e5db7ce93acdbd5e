/**
 * `holdfast top`: the tasks of a process while they change. On a terminal a whole screen with keys, else lines.
 */
import { checkTarget } from "../attach/check-target.ts";
import { unavailable } from "../attach/attach-error.ts";
import { isAlive } from "../attach/process-facts.ts";
import type { ProcessFacts } from "../attach/process-facts.ts";
import { exitCode } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { findBlock } from "../live/find-block.ts";
import { openLive } from "../live/live-connection.ts";
import type { LiveConnection } from "../live/live-connection.ts";
import { liveJson, liveText, silenceJson, silenceText } from "../live/live-lines.ts";
import { Terminal } from "../live/terminal.ts";
import { press, viewState } from "../live/view-state.ts";
import type { Key } from "../live/view-state.ts";
import { draw, shownRows } from "../live/view.ts";
import { ProcessWatch } from "../live/watch-process.ts";
import { parseInspectArguments } from "../options/inspect-arguments.ts";
import type { InspectSettings } from "../options/inspect-arguments.ts";

/** Returns the exit code. @throws {@link CliError} For everything that can't be watched, and when it ends. */
export async function topCommand(args: readonly string[], host: Host): Promise<number> {
  const settings = parseInspectArguments("top", args);
  const { pid = 0, json } = settings;
  // What has to be taken back on the way out is, by listeners of "exit".
  process.once("SIGINT", () => process.exit(exitCode.interrupted));
  process.once("SIGTERM", () => process.exit(exitCode.terminated));
  process.once("SIGHUP", () => process.exit(exitCode.terminated));
  const facts = checkTarget(pid);
  const connection = await openLive(pid);
  const hasScreen = !json && process.stdout.isTTY && host.env["TERM"] !== "dumb";
  try {
    return await (hasScreen ? onScreen(settings, connection, host) : asLines(settings, connection, host));
  } catch (error) {
    throw await explained(error, facts);
  }
}

/** A process that ends hangs up a moment before it is gone. */
async function explained(error: unknown, facts: ProcessFacts): Promise<unknown> {
  for (let looks = 0; looks < 50; looks += 1) {
    if (!isAlive(facts)) return unavailable(`process ${facts.pid} has ended`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return error;
}

async function onScreen(settings: InspectSettings, connection: LiveConnection, host: Host): Promise<number> {
  const { pid = 0, interval, count, sort } = settings;
  let state = viewState(sort);
  let code: number = exitCode.succeeded;
  const watch = new ProcessWatch({
    pid,
    connection,
    clock: host.clock,
    interval,
    count,
    isPaused: () => state.isPaused,
    onChange: () => paint(),
    findBlock: () => findBlock(pid),
  });
  const terminal = new Terminal({
    input: process.stdin,
    output: process.stdout,
    hasColour: (host.env["NO_COLOR"] ?? "") === "",
    onKey: (key) => onKey(key),
    onResize: () => paint(),
  });
  const paint = (): void => terminal.paint(draw(state, watch.watched, terminal.size));
  const onKey = (key: Key): void => {
    const { watched } = watch;
    const { state: next, wish } = press(state, key, shownRows(state, watched), watched.snapshot?.allowsCancel === true);
    state = next;
    switch (wish?.kind) {
      case "quit":
        watch.stop();
        return;
      case "interrupt":
        code = exitCode.interrupted;
        watch.stop();
        return;
      case "resume":
        watch.refresh();
        break;
      case "cancel":
        watch.cancel(wish.id, ({ id, isCancelled, why }) => {
          state = {
            ...state,
            message: isCancelled ? `task ${id} was cancelled` : `task ${id} was not cancelled: ${why}`,
          };
        });
        break;
      case undefined:
        break;
    }
    paint();
  };
  try {
    paint();
    await watch.run();
    return code;
  } finally {
    terminal.restore();
  }
}

async function asLines(settings: InspectSettings, connection: LiveConnection, host: Host): Promise<number> {
  const { pid = 0, interval, count, sort, json } = settings;
  let code: number = exitCode.succeeded;
  let [silentUntil, wasExplained] = [0, false];
  const watch = new ProcessWatch({
    pid,
    connection,
    clock: host.clock,
    interval,
    count,
    isPaused: () => false,
    onChange: (watched, isSnapshot) => {
      const at = new Date();
      if (isSnapshot)
        host.print(json ? liveJson(watched, sort, at) : liveText(watched, sort, process.stdout.columns ?? Infinity));
      else if (watched.silence !== undefined) {
        // Not at every look at the clock, but as soon as it is known why.
        const isExplained = watched.blockedBy !== undefined;
        if (host.clock.now() < silentUntil && isExplained === wasExplained) return;
        silentUntil = host.clock.now() + interval;
        wasExplained = isExplained;
        host.print(json ? silenceJson(watched, at) : silenceText(watched));
      }
    },
    findBlock: () => findBlock(pid),
  });
  const onGone = (): void => {
    code = exitCode.brokenPipe;
    watch.stop();
  };
  process.stdout.once("error", onGone);
  try {
    await watch.run();
    return code;
  } finally {
    process.stdout.off("error", onGone);
  }
}
