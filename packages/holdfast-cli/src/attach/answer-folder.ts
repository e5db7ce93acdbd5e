/**
 * Where the process that is looked into leaves its answer: a file in a folder that only its user can enter, made for this one answer. Nobody listens on anything meanwhile.
 *
 * The folder is held open from the moment it is made, and all that is done in it goes through that: its user, who owns it, could put a link in its place, and root would follow it.
 *
 * Invariants
 * - ANSWER-1: the folder did not exist before, is the target's user's alone (0700), and lies where no third user can replace it.
 * - ANSWER-2: what is read is a file of the target's user, in that very folder, never one that a link leads to. Nothing is removed but what is in it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unavailable } from "./attach-error.ts";

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;
/** Without waiting: a pipe in its place has no writer. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FOLDER = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY;

export class AnswerFolder {
  readonly path: string;
  readonly #uid: number;
  /** Descriptor of the folder itself; undefined when it was removed. */
  #opened: number | undefined;
  readonly #onExit = (): void => this.remove();

  /** For a process of user `uid`. @throws {@link CliError} (69) when no safe place is found. */
  constructor(uid: number, gid: number, parent: string = tmpdir()) {
    const real = orUnavailable(parent, () => realpathSync(parent));
    checkParents(real, uid);
    this.path = orUnavailable(parent, () => mkdtempSync(join(real, "holdfast-")));
    this.#uid = uid;
    this.#opened = openSync(this.path, FOLDER);
    process.on("exit", this.#onExit);
    // Only root may attach to others' processes, and only root may give a folder away.
    if (process.getuid?.() !== uid) fchownSync(this.#opened, uid, gid);
  }

  /** Whether a file of that name is there. It is complete: it was renamed. */
  has(name: string): boolean {
    return existsSync(this.#inside(name));
  }

  /** @throws {Error} when it is not what ANSWER-2 says, or no JSON */
  read(name: string): unknown {
    const descriptor = openSync(this.#inside(name), FILE);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile() || stat.uid !== this.#uid) throw new Error("the answer is not a file of the process's user");
      return JSON.parse(readFileSync(descriptor, "utf8"));
    } finally {
      closeSync(descriptor);
    }
  }

  /** A way to the socket of that name in this very folder. @throws {Error} when there is none, or what is there is no socket of the process's user */
  socketPath(name: string): string {
    const path = this.#inside(name);
    const stat = lstatSync(path);
    if (!stat.isSocket() || stat.uid !== this.#uid) throw new Error("it is not a socket of the process's user");
    return path;
  }

  /** Folders that the process's user has put there are left, with this one. */
  remove(): void {
    process.off("exit", this.#onExit);
    if (this.#opened === undefined) return;
    try {
      for (const name of readdirSync(this.#inside("."))) unlinkSync(this.#inside(name));
      rmdirSync(this.path);
    } catch {
      // Not empty, or not ours any more.
    }
    closeSync(this.#opened);
    this.#opened = undefined;
  }

  /** By the descriptor, whatever its path leads to now. */
  #inside(name: string): string {
    return `/proc/self/fd/${this.#opened}/${name}`;
  }
}

/** What `make` gives. @throws {CliError} (69) where a folder can't be made */
function orUnavailable<T>(parent: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unavailable(
      `no folder for the answer can be made in ${parent}: ${error instanceof Error ? error.message : String(error)}`,
      "set TMPDIR to a folder that you may write to",
    );
  }
}

/** Whoever may write to a folder may rename what is in it, unless it is sticky as /tmp is. */
function checkParents(path: string, uid: number): void {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid: owner } = lstatSync(folder);
    const isTrusted = owner === 0 || owner === uid || owner === process.getuid?.();
    if (!isTrusted || ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0))
      throw unavailable(
        `the folder for the answer would lie in ${folder}, where other users can replace it`,
        "set TMPDIR to a folder that is yours alone",
      );
    if (folder === dirname(folder)) return;
  }
}
