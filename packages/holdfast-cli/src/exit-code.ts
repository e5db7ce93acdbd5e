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

const looking = ["dump", "ps", "top", "doctor"] as const;

/** Those of `holdfast ls`, `dump`, `ps`, `top` and `doctor`, each with the commands that have it. */
export const inspectExitCodeMeanings: readonly (readonly [
  code: string,
  meaning: string,
  commands: readonly ("ls" | "dump" | "ps" | "top" | "doctor")[],
])[] = [
  ["0", "looked", ["ls", "dump", "ps"]],
  ["0", "q was pressed, or --count was reached", ["top"]],
  ["0", "looked, and found nothing wrong", ["doctor"]],
  ["1", "found something", ["doctor"]],
  ["64", "wrong use of an option", ["ls", ...looking]],
  ["66", "no such process, or no Node process", looking],
  ["69", "not on this system", ["ls"]],
  ["69", "the process can't be attached to, or has ended; the message says why", looking],
  ["75", "it does not answer now; the same command may succeed later", looking],
  ["77", "the process belongs to another user", looking],
  ["130, 143", "SIGINT, SIGTERM", looking],
  ["141", "the reader of standard output went away", ["top"]],
];
