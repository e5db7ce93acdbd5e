import { resumeCommand, shellWord } from "../../src/report/command-line.ts";
import { expect, test } from "../harness.ts";

test("the command that goes on is the one that was given, without what would not go on", () => {
  expect(resumeCommand(["h.ts", "in.txt", "-j", "5", "--fresh", "--resume", "never", "--output", "out"])).toBe(
    "holdfast run h.ts in.txt -j 5 --output out",
  );
  expect(resumeCommand(["h.ts", "in.txt", "--resume=never", "--resume", "require"])).toBe(
    "holdfast run h.ts in.txt --resume require",
  );
});

test("words are quoted where a shell would read them as something else", () => {
  expect(["plain-1.txt", "a b", "it's", "$HOME", "", "50/s", "5%"].map(shellWord)).toEqual([
    "plain-1.txt",
    "'a b'",
    `'it'\\''s'`,
    "'$HOME'",
    "''",
    "50/s",
    "5%",
  ]);
});
