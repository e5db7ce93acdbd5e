import type { Summary } from "../../src/report/summary.ts";
import { withinTolerance } from "../../src/report/summarize.ts";
import { textReport } from "../../src/report/text-report.ts";
import { expect, test } from "../harness.ts";

const finished: Summary = {
  state: "finished",
  stoppedBy: undefined,
  exitCode: 0,
  handler: "h.ts",
  input: "in.txt",
  journal: "in.txt.holdfast.db",
  output: "out.ndjson",
  total: 20_000,
  succeeded: 20_000,
  dead: 0,
  left: 0,
  thisRun: {
    succeeded: 20_000,
    dead: 0,
    cancelled: 0,
    skipped: 0,
    rerun: 0,
    duplicates: 0,
    duration: 12_300,
    itemsPerSecond: 1_626,
  },
  deadLetters: [],
  failedAttempts: { count: 0, groups: [] },
  attempts: [{ attempts: 1, succeeded: 20_000, dead: 0 }],
  abandoned: { count: 0, items: [] },
  lateErrors: 0,
  next: undefined,
};

test("a run without failures is four lines", () => {
  expect(textReport(finished)).toBe(`finished: 20,000 of 20,000 succeeded, 0 dead letters, 0 left
this run: 20,000 succeeded, 0 dead, in 12.3 s (1,626/s)

journal  in.txt.holdfast.db
results  out.ndjson
`);
});

test("a run with everything says everything", () => {
  const group = {
    error: "HttpStatusError",
    code: "ERR_HTTP_404",
    count: 10,
    message: "HTTP 404\nNot Found",
    key: "17",
    index: 17,
    item: '"https://a.test"',
  };
  expect(
    textReport({
      ...finished,
      state: "stopped",
      stoppedBy: "SIGINT",
      exitCode: 130,
      succeeded: 9_000,
      dead: 11,
      left: 10_989,
      thisRun: {
        succeeded: 4_000,
        dead: 11,
        cancelled: 3,
        skipped: 5_000,
        rerun: 118,
        duplicates: 2,
        duration: 8_000,
        itemsPerSecond: 501.4,
      },
      deadLetters: [
        group,
        { ...group, error: "TypeError", code: undefined, count: 1, message: "x is undefined", item: undefined },
      ],
      failedAttempts: { count: 64, groups: [{ ...group, count: 64 }] },
      attempts: [
        { attempts: 1, succeeded: 8_990, dead: 10 },
        { attempts: 5, succeeded: 10, dead: 1 },
      ],
      abandoned: {
        count: 2,
        items: [
          { key: "3", attempt: 1, sawSignal: false },
          { key: "4", attempt: 2, sawSignal: true },
        ],
      },
      lateErrors: 1,
      next: { why: "to go on", command: "holdfast run h.ts in.txt" },
    }),
  ).toBe(`stopped (SIGINT): 9,000 of 20,000 succeeded, 11 dead letters, 10,989 left
this run: 4,000 succeeded, 11 dead, 3 cut short, 5,000 done before, 118 re-run, 2 duplicate keys skipped, in 8.0 s (501/s)

dead letters
  10 x HttpStatusError (ERR_HTTP_404): HTTP 404 Not Found
       first at item 17: "https://a.test"
   1 x TypeError: x is undefined
       first at item 17

failed attempts: 64
  64 x HttpStatusError (ERR_HTTP_404): HTTP 404 Not Found
       first at item 17: "https://a.test"
items by attempts  1: 9,000, 5: 11

abandoned: 2 attempts ran on after the timeout
  item 3, attempt 1: never looked at its signal; pass ({ signal }) on
  item 4, attempt 2: looked at its signal and went on
1 of them failed later, unheard

journal  in.txt.holdfast.db
results  out.ndjson

to go on:
  holdfast run h.ts in.txt
`);
});

test("EXIT-1: 0 needs every item to have succeeded, or as few dead letters as are tolerated, in number or of all items", () => {
  expect([
    withinTolerance(undefined, 0, 10),
    withinTolerance(undefined, 1, 10),
    withinTolerance(5, 5, 10),
    withinTolerance(5, 6, 10),
    withinTolerance("10%", 1, 10),
    withinTolerance("10%", 2, 10),
    withinTolerance("10%", 1, undefined),
    withinTolerance("10%", 0, undefined),
  ]).toEqual([true, false, true, false, true, false, false, true]);
});
