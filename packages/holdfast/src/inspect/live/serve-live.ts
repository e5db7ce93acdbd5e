/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Answers one who watches this process, over a Unix socket.
 *
 *   listening ──the first client──▶ connected ──question──▶ answering ──taken──▶ connected ── …
 *       └── nobody came, or the process ends ──▶ gone ◀── the client went, or sent what is no question
 *
 * Invariants
 * - LIVE-1: it listens until one client has come, then never again, and for 10 s at most. Nobody but the process's user can reach the socket: it is 0600, in a folder of that user which is 0700 and no link.
 * - LIVE-2: what is sent to it is never run. It is one of three questions, or the connection ends.
 * - LIVE-3: an answer is made when it is asked for, and whoever asks on before it has been taken is sent away: one who reads slowly makes nothing grow.
 * - LIVE-4: it does not keep the process alive, and leaves nothing behind: neither the socket and its folder, nor what is measured for it.
 */
import { chmodSync, lstatSync, rmdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { now, startWatchdog } from "../../core/lowlevel.ts";
import { dump } from "../dump.ts";
import { allowsCancel, cancelTask } from "./cancel-task.ts";
import { Gauges } from "./gauges.ts";
import { type LiveQuestion, LONGEST_QUESTION, parseQuestion } from "./protocol.ts";

/** Milliseconds in which the client has to come. */
const PATIENCE = 10_000;

/**
 * Listens on a Unix socket at `path` for one client, and answers what {@link LiveGauges}, {@link LiveSnapshot} and {@link LiveCancellation} say, until that one goes. Listens already when it returns. The folder of `path` is removed
 * when the client has come, if it is empty then. For `holdfast top`, which calls it in the process that it shows.
 *
 * @throws {Error} when the folder is not the user's alone, or something has that name already
 */
export function serveLive(path: string): Disposable {
  checkFolder(dirname(path));
  const server = createServer();
  let client: Client | undefined;
  const stopListening = (): void => {
    process.off("exit", stopListening);
    if (!server.listening) return;
    server.close();
    try {
      rmSync(path, { force: true });
      rmdirSync(dirname(path));
    } catch {
      // Whoever made the folder was faster.
    }
  };
  server.on("connection", (socket) => {
    stopListening();
    if (client === undefined) client = new Client(socket);
    // It came before the first one was let in.
    else socket.destroy();
  });
  // It is told below.
  server.on("error", () => {});
  // The primary of a cluster is not to listen for us.
  server.listen({ path, exclusive: true });
  if (!server.listening) throw new Error(`nothing can listen at ${path}`);
  server.unref();
  process.on("exit", stopListening);
  startWatchdog(stopListening, PATIENCE);
  chmodSync(path, 0o600);
  return {
    [Symbol.dispose]: () => {
      stopListening();
      client?.leave();
    },
  };
}

function checkFolder(folder: string): void {
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.geteuid?.() || (stat.mode & 0o777) !== 0o700)
    throw new Error(`the folder ${folder} is not this user's alone`);
}

class Client {
  readonly #socket: Socket;
  /** Made when they are first asked for: what throws then is an answer, not the end of the process. */
  #gauges: Gauges | undefined;
  #heard = "";
  #isAnswering = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.unref();
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#hear(text));
    // "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => this.#gauges?.stop());
  }

  leave(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    this.#heard += text;
    const end = this.#heard.indexOf("\n");
    if (end < 0 && this.#heard.length < LONGEST_QUESTION) return;
    // One at a time: nothing may come after it before it is answered.
    const isAlone = end === this.#heard.length - 1 && !this.#isAnswering;
    const question = isAlone ? parseQuestion(this.#heard.slice(0, end)) : undefined;
    this.#heard = "";
    if (question === undefined) {
      this.leave();
      return;
    }
    this.#isAnswering = true;
    this.#socket.write(`${this.#answer(question)}\n`, () => {
      this.#isAnswering = false;
    });
  }

  #answer(question: LiveQuestion): string {
    try {
      return JSON.stringify(this.#look(question));
    } catch (error) {
      return JSON.stringify({ error: error instanceof Error ? error.message : "it threw what is no error" });
    }
  }

  #look(question: LiveQuestion): object {
    switch (question.kind) {
      case "since-last":
        return (this.#gauges ??= new Gauges()).sinceLast();
      case "snapshot": {
        const began = now();
        const dumped = dump();
        return { dump: dumped, pause: now() - began, allowsCancel: allowsCancel() };
      }
      case "cancel":
        return cancelTask(question.id);
    }
  }
}
