/**
 * `holdfast run`: opens everything in the order in which it can fail, runs, and closes it in reverse.
 *
 *   options ─> handler ─> input ─> (dry run) ─> output ─> journal ─> setup ─> items ─> teardown ─> report
 *
 * RUN-1: the terminal and the console are given back on every way out, `process.exit` in a handler included.
 */
import { formatDuration } from "../duration.ts";
import { exitCode } from "../exit-code.ts";
import { loadHandler } from "../handler/handler-module.ts";
import { redirectConsole } from "../handler/redirect-console.ts";
import type { Host } from "../host.ts";
import { openInput } from "../input/index.ts";
import { checkOutputTarget } from "../output-target.ts";
import { parseRunArguments } from "../options/run-arguments.ts";
import type { RunSettings } from "../options/run-settings.ts";
import { chooseProgress, openProgress } from "../progress/progress.ts";
import type { Progress } from "../progress/progress.ts";
import { count, counted } from "../progress/status-text.ts";
import { textReport } from "../report/text-report.ts";
import { exitMessage } from "../run/exit-message.ts";
import { guardExit } from "../run/exit-guard.ts";
import { listenForSignals } from "../run/run-signals.ts";
import type { StopSignal } from "../run/run-signals.ts";
import { RunSession } from "../run/run-session.ts";
import type { SessionResult } from "../run/run-session.ts";
import { dryRun } from "./dry-run.ts";

/** Runs to the end and returns the exit code. @throws {@link CliError} For everything that ends the run at once. */
export async function runCommand(args: readonly string[], host: Host): Promise<number> {
  const settings = parseRunArguments(args);
  const kind = settings.quiet ? "none" : chooseProgress(settings.progress, host.screen, host.env);
  const progress = openProgress(kind, host.screen, host.clock, host.env);
  let session: RunSession | undefined;

  const restoreConsole = redirectConsole((line) => progress.log(line));
  const unguard = guardExit({
    onExit(cause) {
      const message = session?.endedBy(cause) ?? `holdfast: ${exitMessage(cause, "loading")}\n`;
      progress.stop();
      host.screen.write(message);
      return exitCode.software;
    },
  });
  const release = (): void => {
    unguard();
    progress.stop();
    restoreConsole();
  };
  try {
    const module = await loadHandler(settings.handler);
    const input = await openInput({
      path: settings.input,
      format: settings.format,
      key: settings.key,
      stdin: host.stdin,
    });
    const isNamed = settings.journal !== undefined || settings.input !== "-";
    const journalPath = settings.journal ?? `${settings.input}.holdfast.db`;
    checkOutputTarget(settings, journalPath);
    if (settings.dryRun) {
      // Only a dry run may leave the journal open: the options were checked together.
      host.print(await dryRun(settings, module, input, isNamed ? journalPath : undefined));
      return exitCode.succeeded;
    }
    const facts = await input.facts();
    session = new RunSession({ settings, args, module, input, facts, journalPath, progress, host });
    const stopListening = listen(session, settings, progress, (code) => {
      release();
      process.exit(code);
    });
    try {
      const result = await session.run();
      release();
      return report(result, settings, host);
    } finally {
      stopListening();
    }
  } finally {
    release();
  }
}

function listen(
  session: RunSession,
  settings: RunSettings,
  progress: Progress,
  leave: (code: number) => void,
): () => void {
  return listenForSignals({
    onStop(signal) {
      const wait =
        settings.drain === 0
          ? ""
          : `; those in flight (${count(session.inFlight)}) have ${formatDuration(settings.drain)}, ${signal} again aborts them`;
      progress.log(`${signal}: no more items are taken${wait}`);
      session.stop.stop(signal);
    },
    onAbort(signal) {
      progress.log(`${signal}: ${counted(session.inFlight, "item")} in flight aborted; ${signal} again exits at once`);
      session.stop.abort(signal);
    },
    onExit(signal) {
      session.leave();
      leave(signalCode(signal));
    },
    onStatus: () => progress.log(session.describe()),
  });
}

function signalCode(signal: StopSignal): number {
  return signal === "SIGINT" ? exitCode.interrupted : exitCode.terminated;
}

function report({ summary, errors }: SessionResult, settings: RunSettings, host: Host): number {
  // Nobody reads any more; a report would be noise under `| head`.
  if (summary.exitCode === exitCode.brokenPipe) return summary.exitCode;
  if (settings.summary === "json") {
    const line = `${JSON.stringify(summary)}\n`;
    if (settings.output === "-") host.screen.write(line);
    else host.print(line);
  } else if (!settings.quiet || summary.exitCode !== exitCode.succeeded) {
    host.screen.write(textReport(summary));
  }
  for (const error of errors)
    host.screen.write(`holdfast: ${error.message}\n${error.hint === undefined ? "" : `  ${error.hint}\n`}`);
  return summary.exitCode;
}
