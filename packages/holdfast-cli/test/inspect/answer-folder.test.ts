/** Where an answer is laid, and what is read from there, whatever others put in its place. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AnswerFolder } from "../../src/attach/answer-folder.ts";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "holdfast-answer-test-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const refused = (folder: string): string =>
  `the folder for the answer would lie in ${folder}, where other users can replace it`;

describe("ANSWER-1: the folder is new, its user's alone, and lies where no third user can replace it", () => {
  test("each is made anew, and closed to everybody else, whatever the umask", () => {
    const before = process.umask(0);
    try {
      const folders = [new AnswerFolder(uid, gid, parent), new AnswerFolder(uid, gid, parent)];
      expect(new Set(folders.map(({ path }) => path)).size).toBe(2);
      for (const folder of folders) {
        const stat = lstatSync(folder.path);
        expect([stat.isDirectory(), stat.mode & 0o7777, stat.uid]).toEqual([true, 0o700, uid]);
        expect(readdirSync(folder.path)).toEqual([]);
        folder.remove();
      }
    } finally {
      process.umask(before);
    }
  });

  test("a place in which all may rename what they like is refused, and left as it was", () => {
    chmodSync(parent, 0o777);
    expect(() => new AnswerFolder(uid, gid, parent)).toThrow(refused(parent));
    expect(readdirSync(parent)).toEqual([]);
  });

  test("so is a place below such a one", () => {
    const below = join(parent, "mine");
    mkdirSync(below, { mode: 0o700 });
    chmodSync(parent, 0o777);
    expect(() => new AnswerFolder(uid, gid, below)).toThrow(refused(parent));
    expect(readdirSync(below)).toEqual([]);
  });

  test("a sticky folder is a place, however open it is", () => {
    chmodSync(parent, 0o1777);
    const folder = new AnswerFolder(uid, gid, parent);
    expect(folder.path.startsWith(`${parent}/`)).toBe(true);
    folder.remove();
  });

  test("a link is judged by where it leads to", () => {
    const open = join(parent, "open");
    const link = join(parent, "link");
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(open, link);
    expect(() => new AnswerFolder(uid, gid, link)).toThrow(refused(open));
  });

  test("a third user's folder is refused", () => {
    // Only root can give a folder away; anybody else is made a stranger to his own.
    const { getuid } = process;
    try {
      if (uid === 0) chownSync(parent, 65_534, 65_534);
      else Reflect.set(process, "getuid", () => 65_534);
      expect(() => new AnswerFolder(uid === 0 ? 0 : 65_534, gid, parent)).toThrow(refused(parent));
    } finally {
      Reflect.set(process, "getuid", getuid);
    }
  });
});

describe("ANSWER-2: what is read is a file of the process's user, in the folder that was made for it", () => {
  let folder: AnswerFolder;
  beforeEach(() => {
    folder = new AnswerFolder(uid, gid, parent);
  });
  afterEach(() => folder.remove());

  test("an answer is read as it was written", () => {
    expect(folder.has("answer")).toBe(false);
    writeFileSync(join(folder.path, "answer"), '{"value":1}');
    expect([folder.has("answer"), folder.read("answer")]).toEqual([true, { value: 1 }]);
  });

  test("a link in its place is not followed", () => {
    writeFileSync(join(parent, "secret"), '{"value":"secret"}');
    symlinkSync(join(parent, "secret"), join(folder.path, "answer"));
    expect(() => folder.read("answer")).toThrow("ELOOP");
  });

  test("a foreign user's file in its place is not read", () => {
    // As if the process were somebody else's: then what this user writes is a stranger's.
    const { getuid } = process;
    Reflect.set(process, "getuid", () => 65_534);
    try {
      const theirs = new AnswerFolder(65_534, 65_534, "/tmp");
      writeFileSync(join(theirs.path, "answer"), "{}");
      expect(() => theirs.read("answer")).toThrow("the answer is not a file of the process's user");
      theirs.remove();
    } finally {
      Reflect.set(process, "getuid", getuid);
    }
  });

  test("a pipe in its place is refused at once, though nobody writes to it", () => {
    execFileSync("mkfifo", [join(folder.path, "answer")]);
    expect(() => folder.read("answer")).toThrow("the answer is not a file of the process's user");
  });

  test("a link in the place of the folder leads to nothing that is read or removed", () => {
    const victim = join(parent, "victim");
    mkdirSync(victim);
    writeFileSync(join(victim, "answer"), '{"value":"not ours"}');
    const moved = join(parent, "moved");
    renameSync(folder.path, moved);
    symlinkSync(victim, folder.path);
    writeFileSync(join(moved, "answer"), '{"value":"ours"}');
    expect(folder.read("answer")).toEqual({ value: "ours" });
    folder.remove();
    expect([readdirSync(moved), readFileSync(join(victim, "answer"), "utf8")]).toEqual([[], '{"value":"not ours"}']);
  });

  test("removing it leaves nothing behind, and a second time does nothing", () => {
    writeFileSync(join(folder.path, "answer.part"), "{");
    folder.remove();
    folder.remove();
    expect(readdirSync(parent)).toEqual([]);
  });
});
