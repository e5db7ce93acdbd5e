/** What the tests of shutdowns look with. */
import { ErrorGroup } from "holdfast";
import { type Shutdown, type ShutdownPart, type ShutdownPhase } from "holdfast/lifecycle";
import { type FakeClock } from "../clock/fake-clock.ts";
import { errorOf } from "../core/outcome.ts";

export const PHASES: readonly ShutdownPhase[] = ["announce", "intake", "drain", "close", "flush"];

/** A part that writes down when each of its functions is called. */
export function noting(name: string, clock: FakeClock, log: unknown[]): ShutdownPart {
  const note = (phase: string): void => void log.push(`${clock.now()} ${name} ${phase}`);
  return { name, ...Object.fromEntries(PHASES.map((phase) => [phase, () => note(phase)])) };
}

/** What a run has thrown, each with what it says. */
export async function failuresOf(shutdown: Shutdown, clock: FakeClock): Promise<unknown[]> {
  const error = await clock.run(() => errorOf(shutdown.run()));
  if (!(error instanceof ErrorGroup)) throw error;
  return error.errors;
}

export function messagesOf(errors: readonly unknown[]): string[] {
  return errors.map((error) => (error instanceof Error ? error.message : String(error)));
}
