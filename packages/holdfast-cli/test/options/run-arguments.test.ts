import { optionTable } from "../../src/options/option-table.ts";
import { parseRunArguments } from "../../src/options/run-arguments.ts";
import { expect, test } from "../harness.ts";

test("OPTION-1: an absent option has the value that --help prints as its default", () => {
  const settings = parseRunArguments(["handler.ts", "items.txt"]);
  expect(settings).toEqual({
    handler: "handler.ts",
    input: "items.txt",
    format: undefined,
    key: undefined,
    concurrency: 100,
    timeout: undefined,
    retries: 4,
    backoff: { baseDelay: 500, maxDelay: 30_000, factor: 2, jitter: "full" },
    interval: undefined,
    output: undefined,
    journal: undefined,
    resume: "auto",
    fresh: false,
    limit: undefined,
    dryRun: false,
    maxFailures: undefined,
    drain: 10_000,
    progress: "auto",
    summary: "text",
    quiet: false,
  });
  for (const spec of optionTable) {
    if (spec.default !== undefined) expect(settings).toMatchObject(spec.set(spec.default));
  }
});

test("options may stand anywhere, short, with = or with a space, and the last one wins", () => {
  expect(
    parseRunArguments(["-j5", "h.ts", "--retries=2", "in.csv", "-t", "10s", "-nq", "--output", "-", "--retries", "0"]),
  ).toMatchObject({
    handler: "h.ts",
    input: "in.csv",
    concurrency: 5,
    timeout: 10_000,
    retries: 0,
    dryRun: true,
    quiet: true,
    output: "-",
  });
});

test("after -- a word is a name", () => {
  expect(parseRunArguments(["--journal", "j.db", "--", "--odd.ts", "-"]).handler).toBe("--odd.ts");
});

test("a rate is kept as the milliseconds between two starts", () => {
  expect(
    ["50/s", "30/m", "7200/h", "0.5/s"].map((rate) => parseRunArguments(["h", "i", "--rate", rate]).interval),
  ).toEqual([20, 2_000, 500, 2_000]);
});
