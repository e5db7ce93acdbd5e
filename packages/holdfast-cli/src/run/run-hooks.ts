/**
 * `setup` and `teardown` of a handler module, bounded in time and in what their errors can do.
 */
import { timeout } from "holdfast";
import { CliError } from "../cli-error.ts";
import { exitCode } from "../exit-code.ts";
import type { Log } from "../handler/handler-context.ts";
import type { HandlerModule } from "../handler/handler-module.ts";
import type { StopControl } from "./stop-control.ts";

/** Milliseconds that `teardown` has, as every cleanup. */
const teardownGrace = 5_000;

/** What `setup` returned; undefined without one, and when the run was stopped before it settled. @throws {@link CliError} (78) */
export async function setUp({ setup }: HandlerModule, stop: StopControl, log: Log): Promise<unknown> {
  if (setup === undefined) return undefined;
  try {
    const context = { log, signal: stop.signal, stopping: stop.stopping };
    return await Promise.race([Promise.resolve(setup(context)), stop.gaveUp]);
  } catch (error) {
    if (stop.phase !== "running") return undefined;
    throw new CliError(exitCode.handler, `the handler's setup failed: ${shown(error)}`, { cause: error });
  }
}

/** Calls `teardown`, also after a stop; what it throws, or its 5 s being over, is the returned error. */
export async function tearDown(
  { teardown }: HandlerModule,
  shared: unknown,
  stop: StopControl,
  log: Log,
): Promise<CliError | undefined> {
  if (teardown === undefined) return undefined;
  try {
    await timeout(teardownGrace, ({ signal }) => teardown(shared, { log, signal, stopping: stop.stopping }), {
      name: "teardown",
    });
    return undefined;
  } catch (error) {
    return new CliError(exitCode.software, `the handler's teardown failed: ${shown(error)}`, { cause: error });
  }
}

function shown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
