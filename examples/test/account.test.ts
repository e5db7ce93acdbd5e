import { pageOf } from "../fetch-pages/misbehaviour.ts";
import type { Behaviour } from "../fetch-pages/misbehaviour.ts";
import type { Visit } from "../fetch-pages/server.ts";
import { takeAccount } from "../start/account.ts";
import type { Evidence } from "../start/account.ts";
import { expect, test } from "../../packages/holdfast/test/harness.ts";

const seed = 7;
const urls = [1, 2, 3, 4].map((page) => `http://127.0.0.1:1/pages/${page}`);
const page: Behaviour = { kind: "page", delay: 0 };
const gone: Behaviour = { kind: "gone", delay: 0, status: 404 };

function visit(number: number, attempt: number, behaviour: Behaviour, outcome: Visit["outcome"] = "answered"): Visit {
  return { path: `/pages/${number}`, attempt, behaviour, outcome };
}

function line(number: number): string {
  const { title, html } = pageOf(seed, `/pages/${number}`);
  return JSON.stringify({ url: urls[number - 1], title, size: Buffer.byteLength(html) });
}

/** Page 2 is gone; page 3 was in flight when the run was killed, page 4 had not been started. */
const sound: Evidence = {
  seed,
  urls,
  atKill: {
    journal: [
      { index: 0, state: "succeeded" },
      { index: 1, state: "dead" },
    ],
    visits: 3,
  },
  journal: [
    { index: 0, state: "succeeded" },
    { index: 1, state: "dead" },
    { index: 2, state: "succeeded" },
    { index: 3, state: "succeeded" },
  ],
  output: [line(1), line(3), line(4)],
  visits: [
    visit(1, 1, page),
    visit(2, 1, gone),
    visit(3, 1, page, "aborted by the client"),
    visit(3, 2, page),
    visit(4, 1, page),
  ],
  concurrency: 1,
};

/** What the checks that fail have against the evidence. */
function objections(evidence: Evidence): (readonly string[])[] {
  return takeAccount(evidence)
    .checks.map(({ against }) => against)
    .filter((against) => against.length > 0);
}

test("sound evidence: every item is accounted for, and each check holds", () => {
  const { checks, ...numbers } = takeAccount(sound);
  expect(numbers).toEqual({ accounted: 4, lost: 0, rerun: 1, deadLetters: 1 });
  expect(checks.map(({ against }) => against)).toEqual([[], [], [], [], [], []]);
});

test("an item without a row in the journal is lost", () => {
  const evidence = { ...sound, journal: sound.journal.slice(0, 3) };
  expect(takeAccount(evidence).lost).toBe(1);
  expect(objections(evidence)).toEqual([["/pages/4"], ["/pages/4"]]);
});

test("a result that is missing from the output is found", () => {
  expect(objections({ ...sound, output: [line(1), line(3)] })).toEqual([["/pages/4"]]);
});

test("a result that is in the output twice is found", () => {
  expect(objections({ ...sound, output: [...sound.output, line(3)] })).toEqual([["/pages/3"]]);
});

test("a result that is not what the server sent is found", () => {
  const wrong = JSON.stringify({ url: urls[3], title: "Another page", size: 1 });
  expect(objections({ ...sound, output: [line(1), line(3), wrong] })).toEqual([
    [`not the page of /pages/4: ${wrong}`, "/pages/4"],
  ]);
});

test("a success that the server never sent is found", () => {
  const visits = [...sound.visits.slice(0, 4), visit(4, 1, page, "aborted by the client")];
  expect(objections({ ...sound, visits })).toEqual([["/pages/4"]]);
});

test("a dead letter whose page was sent after all is found", () => {
  const visits = [visit(1, 1, page), visit(2, 1, page), ...sound.visits.slice(2)];
  expect(objections({ ...sound, visits })).toEqual([["/pages/2"]]);
});

test("an acknowledged item that is asked for again is found", () => {
  expect(objections({ ...sound, visits: [...sound.visits, visit(1, 2, page)] })).toEqual([["/pages/1"]]);
});

test("more items run again than places and one commit window explain are found", () => {
  const atKill = { journal: [], visits: 3 };
  const visits = [...sound.visits, visit(1, 2, page), visit(2, 2, gone)];
  expect(objections({ ...sound, atKill, visits })).toEqual([["/pages/3", "/pages/1", "/pages/2"]]);
});
