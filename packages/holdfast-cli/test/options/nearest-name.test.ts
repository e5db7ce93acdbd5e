import { nearestName } from "../../src/options/nearest-name.ts";
import { expect, test } from "../harness.ts";

const known = ["concurrency", "timeout", "retries", "rate", "resume", "output", "dry-run"];

test("a slip of the keys finds the name that was meant", () => {
  expect(
    ["conurrency", "timeuot", "retires", "rat", "resmue", "dryrun", "conc"].map((name) => nearestName(name, known)),
  ).toEqual(["concurrency", "timeout", "retries", "rate", "resume", "dry-run", "concurrency"]);
});

test("a name that is near nothing finds nothing", () => {
  expect(["xyzzy", "verbose", "z"].map((name) => nearestName(name, known))).toEqual([undefined, undefined, undefined]);
});
