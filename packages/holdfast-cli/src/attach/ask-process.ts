/**
 * Has a function evaluated by another process, and gives its answer.
 *
 *   check ─> SIGUSR1 ─> port open ─> one frame ─> port closed ─> … work … ─> answer file
 *           (unless the inspector is open already; then it stays open)
 *
 * Invariants
 * - ATTACH-1: an inspector that was opened for us is closed by the first thing that is evaluated, before any work. From then on nothing listens.
 * - ATTACH-2: an inspector that opens when we have given up is closed all the same, by a process that we leave behind.
 */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AnswerFolder } from "./answer-folder.ts";
import { notNow, unavailable } from "./attach-error.ts";
import { checkAnswer, checkSigusr1, checkTarget } from "./check-target.ts";
import { InspectorSocket } from "./inspector-socket.ts";
import { awakenInspector, findInspector } from "./open-inspector.ts";
import type { Inspector } from "./open-inspector.ts";
import { isAlive } from "./process-facts.ts";
import type { ProcessFacts } from "./process-facts.ts";
import { answerNames, remoteExpression } from "./remote-expression.ts";

export interface Answer {
  readonly value: unknown;
  /** The second answer; undefined where none was asked for, or none came. */
  readonly later: unknown;
  /** Milliseconds between the signal and the moment when the port was closed again; undefined when the inspector had been open before. */
  readonly window: number | undefined;
}

const [FIRST, SECOND] = answerNames;
/** How long an inspector may take to open: 10 to 20 ms where the process reacts at all. */
const OPENING = 2_000;
/** A second question, by a timer of the process. */
export interface Again {
  /** Milliseconds from the first answer. */
  readonly after: number;
  /** Whether to wait for it, by the first answer. */
  readonly isWorth: (value: unknown) => boolean;
}

/** How late a second answer may come: a loop that stands still gives none. */
const LATE = 10_000;
/** How long an answer may take: a walk through a heap of gigabytes does. */
const ANSWERING = 60_000;

/**
 * What `source`, a function expression, returns for `input`, called in process `pid` by its main thread, once or twice. It must need nothing but its arguments: `(builtin, input, folder, isAgain) => value`, where
 * `builtin` gives a module of Node by name, and `folder` is a place for files of its own. The first time it interrupts whatever runs, the second time it has a turn of its own. @throws {@link CliError} (66, 69, 75, 77) when the process can't be asked.
 */
export async function askProcess(pid: number, source: string, input: unknown, again?: Again): Promise<Answer> {
  const facts = checkTarget(pid);
  const open = await findInspector(facts);
  if (open === undefined) checkSigusr1(facts);
  checkAnswer(facts, tmpdir());
  const folder = new AnswerFolder(facts.uid, facts.gid);
  // Whoever interrupts the tool between the signal and the closing must not leave a port open.
  const onExit = (): void => leaveCloser(facts);
  try {
    const started = performance.now();
    if (open === undefined) process.once("exit", onExit);
    const inspector = open ?? (await awakenInspector(facts, OPENING));
    if (inspector === undefined) throw silent(facts);
    const expression = remoteExpression({
      pid,
      source,
      input,
      folder,
      closes: open === undefined,
      again: again?.after,
    });
    const socket = await say(inspector, expression, facts, open === undefined);
    try {
      if (open === undefined && !(await closesWithin(socket, OPENING))) {
        leaveCloser(facts);
        throw busy(facts, OPENING);
      }
      process.off("exit", onExit);
      const window = open === undefined ? performance.now() - started : undefined;
      const value = await answerIn(folder, facts);
      const isAsked = again?.isWorth(value) === true;
      return { value, later: isAsked ? await secondIn(folder, facts, again.after + LATE) : undefined, window };
    } finally {
      socket.close();
    }
  } finally {
    process.off("exit", onExit);
    folder.remove();
  }
}

/** @param isOurs whether the inspector was opened for this: another is its owner's, and stays as it is */
async function say(
  inspector: Inspector,
  expression: string,
  facts: ProcessFacts,
  isOurs: boolean,
): Promise<InspectorSocket> {
  try {
    const socket = await InspectorSocket.open(inspector.port, inspector.path);
    socket.evaluate(expression);
    return socket;
  } catch (error) {
    if (!isAlive(facts)) throw ended(facts);
    if (isOurs) leaveCloser(facts);
    throw unavailable(
      `the inspector of process ${facts.pid} on port ${inspector.port} does not answer: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function answerIn(folder: AnswerFolder, facts: ProcessFacts): Promise<unknown> {
  const until = performance.now() + ANSWERING;
  while (!folder.has(FIRST)) {
    // It may have answered and ended since the look.
    if (!isAlive(facts) && !folder.has(FIRST)) throw ended(facts);
    if (performance.now() > until) throw busy(facts, ANSWERING);
    await wait(2);
  }
  const answer = folder.read(FIRST);
  if (typeof answer === "object" && answer !== null && "value" in answer) return answer.value;
  const reason =
    typeof answer === "object" && answer !== null && "error" in answer ? String(answer.error) : "no reason";
  throw unavailable(`process ${facts.pid} could not be looked into: ${reason}`);
}

/** undefined when it has ended, or does not come to it: the first answer says what there is to say. */
async function secondIn(folder: AnswerFolder, facts: ProcessFacts, patience: number): Promise<unknown> {
  const until = performance.now() + patience;
  while (!folder.has(SECOND)) {
    if (!isAlive(facts) || performance.now() > until) return undefined;
    await wait(10);
  }
  const answer = folder.read(SECOND);
  return typeof answer === "object" && answer !== null && "value" in answer ? answer.value : undefined;
}

/** Not for ever: a native call holds up whatever is evaluated, and a process that exits waits until its debuggers have left. */
async function closesWithin(socket: InspectorSocket, patience: number): Promise<boolean> {
  const isLate = Symbol("late");
  return (await Promise.race([socket.closed, wait(patience, isLate, { ref: false })])) !== isLate;
}

function busy(facts: ProcessFacts, patience: number): Error {
  if (!isAlive(facts)) return ended(facts);
  return notNow(
    `process ${facts.pid} has not answered within ${patience / 1000} s; its main thread is inside one long native call${patience < ANSWERING ? "" : ", or it may not write its answer"}`,
    "try again when that has returned",
  );
}

function ended({ pid }: ProcessFacts): Error {
  return unavailable(`process ${pid} ended while it was looked into`);
}

function silent(facts: ProcessFacts): Error {
  if (!isAlive(facts)) return ended(facts);
  leaveCloser(facts);
  return notNow(
    `process ${facts.pid} got a SIGUSR1 and opened no inspector within ${OPENING / 1000} s: it has a SIGUSR1 handler of its own, or its main thread is inside one long native call such as execSync`,
    "try again later, or start the program with --inspect",
  );
}

/** It may still open when the native call returns. */
function leaveCloser({ pid }: ProcessFacts): void {
  const file = fileURLToPath(new URL("./close-late-inspector.js", import.meta.url));
  spawn(process.execPath, [file, String(pid)], { detached: true, stdio: "ignore" }).unref();
}
