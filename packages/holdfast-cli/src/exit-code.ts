/**
 * What the program's exit codes mean. Numbers of sysexits(3) where one fits, 128 + n for signal n.
 *
 * EXIT-1: 0 is returned only when every item of the input has succeeded, in this run or an earlier one of the same
 * journal, or when as many failed as --max-failures allows.
 */
export const exitCode: {
  readonly succeeded: 0;
  readonly deadLetters: 1;
  readonly usage: 64;
  readonly data: 65;
  readonly noInput: 66;
  readonly unavailable: 69;
  readonly software: 70;
  readonly cannotCreate: 73;
  readonly writeFailed: 74;
  readonly stoppedEarly: 75;
  readonly notPermitted: 77;
  readonly handler: 78;
  readonly interrupted: 130;
  readonly brokenPipe: 141;
  readonly terminated: 143;
} = {
  succeeded: 0,
  deadLetters: 1,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cannotCreate: 73,
  writeFailed: 74,
  stoppedEarly: 75,
  notPermitted: 77,
  handler: 78,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
};

/** For --help and the guide: each code with its meaning, in order. */
export const exitCodeMeanings: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "every item succeeded, now or in an earlier run of this journal"],
  ["1", "ran to the end, some items are dead letters"],
  ["64", "wrong use of an option"],
  ["65", "broken input, or a journal that does not belong to it"],
  ["66", "input missing or unreadable"],
  ["70", "the handler ended the process or can never finish, or a bug in holdfast"],
  ["73", "journal or output cannot be created"],
  ["74", "disk full or write error"],
  ["75", "stopped early, the same command goes on: --max-failures, --limit, or the journal is in use"],
  ["78", "the handler cannot be loaded, has no default export, or its setup failed"],
  ["130, 143", "SIGINT, SIGTERM: drained, the same command goes on"],
  ["141", "the reader of standard output went away"],
];

/** Those of `holdfast ls`, `dump`, `ps`, `top` and `doctor`. */
export const inspectExitCodeMeanings: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "looked; doctor: and found nothing wrong"],
  ["1", "doctor found something"],
  ["64", "wrong use of an option"],
  ["66", "no such process, or no Node process"],
  ["69", "the process can't be attached to; the message says why"],
  ["75", "it does not answer now; the same command may succeed later"],
  ["77", "the process belongs to another user"],
];
