/**
 * The function that is evaluated in the main thread: asks each worker thread, looks at its own, and puts the answers together. It is sent as source, so it refers to nothing around it.
 *
 * A worker is asked through the inspector's NodeWorker domain, by a session of the main thread with itself: no port is open, and it is interrupted where it is, as the main thread was. Its answer is a file, since messages come
 * back only when the main thread's event loop turns, which it may never do.
 */
import type { Builtin, Look, LookInput } from "./look.ts";

/** What became of one worker. */
export interface ThreadLook {
  /** As `worker.threadId`; undefined where that is not known. */
  readonly id: number | undefined;
  readonly name: string;
  /** Of its module. */
  readonly url: string;
  /** undefined when it has not answered. */
  readonly look: Look | undefined;
  readonly problem: string | undefined;
}

/** The main thread, and the workers below it, at whatever depth. */
export interface ThreadsLook extends Look {
  readonly threads: readonly ThreadLook[];
  /** Why no worker was asked, if there may be some. */
  readonly threadsProblem: string | undefined;
}

interface InspectorSession {
  connect: () => void;
  disconnect: () => void;
  on: (
    event: string,
    listener: (message: { params: { sessionId: string; workerInfo: { title: string; url: string } } }) => void,
  ) => void;
  post: (method: string, params: object) => void;
}

/** @param folder where the workers leave their answers @param isOwnTurn whether the main thread was not interrupted for it */
export function lookAtThreads(
  builtin: Builtin,
  input: LookInput,
  folder: string,
  isOwnTurn: boolean,
  look: (builtin: Builtin, input: LookInput) => Look,
): ThreadsLook {
  // All hold: modules of Node have these members.
  const { Session } = builtin("node:inspector") as { Session: new () => InspectorSession };
  const { existsSync, readFileSync } = builtin("node:fs") as {
    existsSync: (path: string) => boolean;
    readFileSync: (path: string, encoding: string) => string;
  };
  const { performance } = builtin("node:perf_hooks") as { performance: { now(): number } };
  const began = performance.now();
  /** How long the main thread waits for workers that have not answered when it is done itself: they are in native code, or their heap is large. */
  const patience = input.deep ? 10_000 : 2000;

  const asked: { readonly title: string; readonly url: string; readonly file: string }[] = [];
  let threadsProblem: string | undefined;
  let session: InspectorSession | undefined;
  try {
    session = new Session();
    session.connect();
    const workers: { readonly sessionId: string; readonly title: string; readonly url: string }[] = [];
    session.on("NodeWorker.attachedToWorker", ({ params: { sessionId, workerInfo } }) => {
      workers.push({ sessionId, title: workerInfo.title, url: workerInfo.url });
    });
    session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
    for (const { sessionId, title, url } of workers) {
      const file = `${folder}/thread-${asked.length + 1}${isOwnTurn ? "-again" : ""}`;
      const expression = `(() => {
        const builtin = (name) => process.getBuiltinModule === undefined ? require(name) : process.getBuiltinModule(name);
        let answer;
        try {
          answer = { look: (${String(look)})(builtin, ${JSON.stringify(input)}) };
        } catch (error) {
          answer = { problem: String(error && error.message || error) };
        }
        const { writeFileSync, renameSync } = builtin("node:fs");
        try {
          writeFileSync(${JSON.stringify(`${file}.part`)}, JSON.stringify(answer), { flag: "wx", mode: 0o600 });
          renameSync(${JSON.stringify(`${file}.part`)}, ${JSON.stringify(file)});
        } catch {
          // Whoever asked has gone.
        }
      })()`;
      const params = { expression, includeCommandLineAPI: true, silent: true };
      session.post("NodeWorker.sendMessageToWorker", {
        sessionId,
        message: JSON.stringify({ id: 1, method: "Runtime.evaluate", params }),
      });
      asked.push({ title, url, file });
    }
  } catch (error) {
    threadsProblem = error instanceof Error ? error.message : String(error);
  }

  try {
    const own = look(builtin, input);
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const until = performance.now() + patience;
    while (performance.now() < until && !asked.every(({ file }) => existsSync(file))) Atomics.wait(cell, 0, 0, 1);

    const threads = asked.map(({ title, url, file }): ThreadLook => {
      const [, id, name = ""] = /^\[worker (\d+)\] ?(.*)$/u.exec(title) ?? [];
      const who = { id: id === undefined ? undefined : Number(id), name: id === undefined ? title : name, url };
      if (!existsSync(file))
        return {
          ...who,
          look: undefined,
          problem: `it has not answered within ${patience} ms: it is inside a native call`,
        };
      // Holds: that is what it writes.
      const { look: found, problem } = JSON.parse(readFileSync(file, "utf8")) as { look?: Look; problem?: string };
      return { ...who, look: found, problem };
    });
    threads.sort((left, right) => (left.id ?? 0) - (right.id ?? 0));
    const running = isOwnTurn ? [] : own.running;
    return { ...own, running, pause: performance.now() - began, threads, threadsProblem };
  } finally {
    try {
      session?.disconnect();
    } catch {
      // It was never connected.
    }
  }
}
