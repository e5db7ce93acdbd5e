/**
 * The signals of a run: the first SIGINT or SIGTERM stops, the second aborts, the third exits at once; SIGUSR2 asks.
 */

export type StopSignal = "SIGINT" | "SIGTERM";

export interface RunSignalListeners {
  readonly onStop: (signal: StopSignal) => void;
  readonly onAbort: (signal: StopSignal) => void;
  readonly onExit: (signal: StopSignal) => void;
  readonly onStatus: () => void;
}

/** Listens until the returned function is called. */
export function listenForSignals(listeners: RunSignalListeners): () => void {
  let seen = 0;
  const onSignal = (signal: StopSignal): void => {
    seen += 1;
    if (seen === 1) listeners.onStop(signal);
    else if (seen === 2) listeners.onAbort(signal);
    else listeners.onExit(signal);
  };
  const onInterrupt = (): void => onSignal("SIGINT");
  const onTerminate = (): void => onSignal("SIGTERM");
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onTerminate);
  process.on("SIGUSR2", listeners.onStatus);
  return () => {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onTerminate);
    process.off("SIGUSR2", listeners.onStatus);
  };
}
