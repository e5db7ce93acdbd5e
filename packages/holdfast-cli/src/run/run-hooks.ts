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

export interface SetupResult {
  /** false when the run was stopped before `setup` settled: there is nothing to tear down. */
  readonly isUp: boolean;
  /** What `setup` returned; undefined without one. */
  readonly shared: unknown;
}

const notUp: SetupResult = { isUp: false, shared: undefined };

/** Calls `setup`. @throws {@link CliError} (78) when it fails, other than because the run is being stopped. */
export async function setUp({ setup }: HandlerModule, stop: StopControl, log: Log): Promise<SetupResult> {
  if (setup === undefined) return { isUp: true, shared: undefined };
  try {
    const context = { log, signal: stop.signal, stopping: stop.stopping };
    const settled = Promise.resolve(setup(context)).then((shared) => ({ isUp: true, shared }));
    return (await Promise.race([settled, stop.gaveUp])) ?? notUp;
  } catch (error) {
    if (stop.phase !== "running") return notUp;
    throw new CliError(exitCode.handler, `the handler's setup failed: ${shown(error)}`, { cause: error });
  }
}

/** Calls `teardown`, also after a stop; what it throws, or its 5 s being over, is the returned error. */
export async function tearDown(
  { teardown }: HandlerModule,
  { isUp, shared }: SetupResult,
  stop: StopControl,
  log: Log,
): Promise<CliError | undefined> {
  if (teardown === undefined || !isUp) return undefined;
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
