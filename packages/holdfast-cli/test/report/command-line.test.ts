import { programName, resumeStep, shellWord } from "../../src/report/command-line.ts";
import { expect, test } from "../harness.ts";

const file = { input: "in.txt", key: undefined };

test("the command that goes on is the one that was given, without what would not go on", () => {
  const args = ["h.ts", "in.txt", "-j", "5", "--fresh", "--resume", "never", "--output", "my out"];
  expect(resumeStep("holdfast", args, file)).toEqual({
    why: "to go on",
    command: "holdfast run h.ts in.txt -j 5 --output 'my out'",
  });
  expect(resumeStep("holdfast", ["h.ts", "in.txt", "--resume=never", "--resume", "require"], file).command).toBe(
    "holdfast run h.ts in.txt --resume require",
  );
});

test("standard input goes on with a key only", () => {
  expect([
    resumeStep("holdfast", ["h.ts", "-", "--key", "id"], { input: "-", key: "id" }),
    resumeStep("holdfast", ["h.ts", "-", "--fresh"], { input: "-", key: undefined }),
  ]).toEqual([
    { why: "to go on, with the same input again", command: "holdfast run h.ts - --key id" },
    {
      why: "to start over, with the same input again; with --key FIELD it could go on",
      command: "holdfast run h.ts - --fresh",
    },
  ]);
});

test("a program that npm started is called by npx: a shell does not find it otherwise", () => {
  expect([programName({}), programName({ npm_command: "exec" }), programName({ npm_command: "run-script" })]).toEqual([
    "holdfast",
    "npx holdfast",
    "npx holdfast",
  ]);
  expect(resumeStep("npx holdfast", ["h.ts", "in.txt"], file).command).toBe("npx holdfast run h.ts in.txt");
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
