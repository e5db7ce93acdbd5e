/**
 * A connection to a process that is watched: one question, one answer, as long as both are there.
 *
 *   the process opens a socket in a folder made for it ──▶ we connect ──▶ socket and folder are gone ──▶ question, answer, question, …
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { LiveCancellation, LiveGauges, LiveSnapshot } from "holdfast/inspect";
import { AnswerFolder } from "../attach/answer-folder.ts";
import { askProcess } from "../attach/ask-process.ts";
import { unavailable } from "../attach/attach-error.ts";
import { checkTarget } from "../attach/check-target.ts";
import { libraryFile } from "../inspect/look-into.ts";
import { startServing } from "./start-serving.ts";
import type { ServingInput } from "./start-serving.ts";

const SOCKET = "live";
/** What a socket's address can hold on Linux. */
const LONGEST_PATH = 107;
/** More than 5,000 tasks give: it is not what we asked. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

export interface LiveConnection {
  sinceLast(): Promise<LiveGauges>;
  snapshot(): Promise<LiveSnapshot>;
  cancel(id: number): Promise<LiveCancellation>;
  /** Settles when the process has hung up, or was left. */
  readonly closed: Promise<void>;
  close(): void;
}

/** @throws {@link CliError} (66, 69, 75, 77) when the process can't be watched. */
export async function openLive(pid: number): Promise<LiveConnection> {
  const facts = checkTarget(pid);
  const folder = new AnswerFolder(facts.uid, facts.gid);
  try {
    const path = join(folder.path, SOCKET);
    if (Buffer.byteLength(path) > LONGEST_PATH)
      throw unavailable(`the socket would lie at ${path}, which is too long for one`, "set TMPDIR to a shorter path");
    await askProcess(pid, String(startServing), { library: libraryFile(), path } satisfies ServingInput);
    return await connectTo(folder, pid);
  } finally {
    folder.remove();
  }
}

/** To the socket that process `pid` has opened in `folder`. @throws {@link CliError} (69) when nobody answers there */
export function connectTo(folder: AnswerFolder, pid: number): Promise<LiveConnection> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(
        unavailable(`process ${pid} can't be connected to: ${error instanceof Error ? error.message : String(error)}`),
      );
    let path: string;
    try {
      path = folder.socketPath(SOCKET);
    } catch (error) {
      fail(error);
      return;
    }
    const socket = connect(path);
    socket.once("error", fail);
    socket.once("connect", () => resolve(new SocketConnection(socket, pid)));
  });
}

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

class SocketConnection implements LiveConnection {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pid: number;
  #asked: Asked | undefined;
  #heard: string[] = [];
  #length = 0;

  constructor(socket: Socket, pid: number) {
    this.#socket = socket;
    this.#pid = pid;
    socket.setEncoding("utf8");
    // "close" follows.
    socket.on("error", () => {});
    socket.on("data", (chunk: string) => this.#hear(chunk));
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#asked?.reject(unavailable(`process ${pid} hung up`));
        resolve();
      }),
    );
  }

  // Hold, all three: it is what the library answers to that question.
  async sinceLast(): Promise<LiveGauges> {
    return (await this.#ask("since-last")) as LiveGauges;
  }
  async snapshot(): Promise<LiveSnapshot> {
    return (await this.#ask("snapshot")) as LiveSnapshot;
  }
  async cancel(id: number): Promise<LiveCancellation> {
    return (await this.#ask(`cancel ${id}`)) as LiveCancellation;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** One at a time: the process hangs up on who does not wait. */
  #ask(question: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(unavailable(`process ${this.#pid} hung up`));
        return;
      }
      this.#asked = { resolve, reject };
      this.#socket.write(`${question}\n`);
    });
  }

  #hear(chunk: string): void {
    this.#length += chunk.length;
    this.#heard.push(chunk);
    if (this.#length > LONGEST_ANSWER) this.#socket.destroy();
    if (!chunk.endsWith("\n")) return;
    const text = this.#heard.join("");
    const asked = this.#asked;
    this.#heard = [];
    this.#length = 0;
    this.#asked = undefined;
    try {
      const answer: unknown = JSON.parse(text);
      if (typeof answer === "object" && answer !== null && "error" in answer)
        asked?.reject(unavailable(`process ${this.#pid} could not be looked into: ${String(answer.error)}`));
      else asked?.resolve(answer);
    } catch {
      asked?.reject(unavailable(`process ${this.#pid} answered what can't be read`));
      this.#socket.destroy();
    }
  }
}
