/**
 * Where a pending promise is awaited, asked of V8 without having prepared anything and without touching the promise.
 *
 * V8 prints the async functions that wait for the microtask that runs: it follows the only reaction of that microtask's promise, and through `Promise.all` on to the promise
 * that `Promise.all` was to make. So a microtask's promise is given to a `Promise.all` whose constructor says that it has made the promise under study. That promise gets no
 * reaction, the microtask's never settles, and both are garbage a moment later. The microtask runs in a context with a queue of its own, which is drained before the call returns.
 *
 * This rests on how V8 is made (11.3 to 14.6 were tried), not on a standard: so it is tried on a promise of our own first.
 *
 * Invariants
 * - PROBE-1: a promise that was asked about has as many reactions as before, and is collected as before.
 */
import { type Context, createContext, runInContext } from "node:vm";
import { tag, tagOf, untag } from "./tag.ts";

/** Frames of a stack beyond this are cut. */
const DEEPEST = 100;
/** Promises asked about in one go, so that what is asked about many is collected meanwhile. */
const CHUNK = 500;

const SOURCE = `(() => {
  Error.stackTraceLimit = limit;
  const stacks = [];
  for (let index = 0; index < promises.length; index++) {
    const subject = promises[index];
    function Subject(executor) {
      executor(() => {}, () => {});
      return subject;
    }
    Subject.resolve = (value) => value;
    const derived = Promise.resolve().then(function probe() {
      const holder = {};
      Error.captureStackTrace(holder, probe);
      stacks[index] = holder.stack;
      return new Promise(() => {});
    });
    Promise.all.call(Subject, [derived]);
  }
  return stacks;
})()`;

/** The line between what runs now and what waits for the promise. */
const BORDER = / Promise\.all \(index 0\)$/u;

let context: Context | undefined;
let isUsable: boolean | undefined;

/** Whether this engine answers. Tried once, at the first call. */
export function canReadAwaitStacks(): boolean {
  return (isUsable ??= selfTest());
}

/**
 * The frames that await each promise, the innermost first, like "load (file:///app.ts:3:5)"; none for a promise that nobody awaits, that has two reactions, or that has settled, and none
 * at all on an engine that does not answer.
 */
export function awaitStacks(promises: readonly object[]): (readonly string[])[] {
  return canReadAwaitStacks() ? read(promises) : promises.map(() => []);
}

function read(promises: readonly object[]): (readonly string[])[] {
  context ??= createContext(Object.create(null), { microtaskMode: "afterEvaluate" });
  const all: (readonly string[])[] = [];
  context["limit"] = DEEPEST + currentDepth();
  try {
    for (let start = 0; start < promises.length; start += CHUNK) {
      context["promises"] = promises.slice(start, start + CHUNK);
      // Holds: it is what the source above returns; an empty place where no microtask has run.
      const stacks = runInContext(SOURCE, context) as readonly (string | undefined)[];
      for (let index = 0; index < Math.min(CHUNK, promises.length - start); index++) all.push(framesOf(stacks[index]));
    }
  } finally {
    context["promises"] = undefined;
  }
  return all;
}

function framesOf(stack: string | undefined): readonly string[] {
  if (typeof stack !== "string") return [];
  const lines = stack.split("\n");
  const border = lines.findIndex((line) => BORDER.test(line));
  return border < 0 ? [] : lines.slice(border + 1).map((line) => line.replace(/^\s*(?:at (?:async )?)?/u, ""));
}

/** V8 counts the frames of the caller first. */
function currentDepth(): number {
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = Infinity;
    const { stack } = new Error("only for its stack");
    return typeof stack === "string" ? stack.split("\n").length : 0;
  } catch {
    // Somebody froze Error.
    return 0;
  } finally {
    try {
      Error.stackTraceLimit = limit;
    } catch {
      // As above.
    }
  }
}

abstract class SubjectBase {
  async run(promise: Promise<void>): Promise<void> {
    await promise;
  }
}
/** V8 prints the tag of an object of a derived class only. */
class Subject extends SubjectBase {}

function selfTest(): boolean {
  const subject = new Subject();
  const promise = new Promise<void>(() => {});
  void subject.run(promise);
  tag(subject, 7);
  try {
    const [frames = []] = read([promise]);
    return frames.length === 1 && tagOf(frames[0] ?? "") === 7;
  } catch {
    // Other hosts have no contexts, or none with a queue of their own.
    return false;
  } finally {
    untag(subject, undefined);
  }
}
