/**
 * Where the process that is looked into leaves its answer: a file in a folder that only its user can enter, made for this one answer. Nobody listens on anything meanwhile.
 *
 * Invariants
 * - ANSWER-1: the folder did not exist before, is the target's user's alone (0700), and lies where no third user can replace it.
 * - ANSWER-2: what is read is a file of the target's user, never one that a link leads to.
 */
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unavailable } from "./attach-error.ts";

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;

export class AnswerFolder {
  readonly path: string;
  /** Written first, then renamed to `file`: that is there only when it is complete. */
  readonly part: string;
  readonly file: string;
  readonly #uid: number;
  readonly #onExit = (): void => this.remove();

  /** For a process of user `uid`. @throws {@link CliError} (69) when no safe place is found. */
  constructor(uid: number, gid: number, parent: string = tmpdir()) {
    const real = realpathSync(parent);
    checkParents(real, uid);
    this.path = mkdtempSync(join(real, "holdfast-"));
    this.part = join(this.path, "part");
    this.file = join(this.path, "answer");
    this.#uid = uid;
    process.on("exit", this.#onExit);
    // Only root may attach to others' processes, and only root may give a folder away.
    if (process.getuid?.() !== uid) chownSync(this.path, uid, gid);
  }

  get isAnswered(): boolean {
    return existsSync(this.file);
  }

  /** @throws {Error} when it is not what ANSWER-2 says, or no JSON */
  read(): unknown {
    const descriptor = openSync(this.file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile() || stat.uid !== this.#uid) throw new Error("the answer is not a file of the process's user");
      return JSON.parse(readFileSync(descriptor, "utf8"));
    } finally {
      closeSync(descriptor);
    }
  }

  remove(): void {
    process.off("exit", this.#onExit);
    rmSync(this.path, { recursive: true, force: true });
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
