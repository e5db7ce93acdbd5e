/**
 * Third act: is everything accounted for? The tool's claims (its journal, its output file) are held against what the
 * server saw. Nothing here believes a number that it can count.
 */
import { pageOf } from "../fetch-pages/misbehaviour.ts";
import type { Visit } from "../fetch-pages/server.ts";
import type { JournalItem } from "./journal.ts";

export interface Evidence {
  readonly seed: number;
  /** The input, in order: the item with index 0 is the first. */
  readonly urls: readonly string[];
  /** What the journal held after kill -9, and how many visits the server had seen by then. */
  readonly atKill: { readonly journal: readonly JournalItem[]; readonly visits: number };
  /** What the journal holds now. */
  readonly journal: readonly JournalItem[];
  /** The lines of the output file. */
  readonly output: readonly string[];
  /** All that the server saw, before and after the kill. */
  readonly visits: readonly Visit[];
  readonly concurrency: number;
}

export interface Check {
  /** A sentence that is true when the check holds. */
  readonly claim: string;
  /** What contradicts it; empty when it holds. */
  readonly against: readonly string[];
}

export interface Account {
  /** Items that ended, as a result or as a dead letter. */
  readonly accounted: number;
  readonly lost: number;
  /** Items that were asked for before the kill and again after it. */
  readonly rerun: number;
  readonly deadLetters: number;
  readonly checks: readonly Check[];
}

export function takeAccount(evidence: Evidence): Account {
  const { seed, urls, atKill, journal, output, visits, concurrency } = evidence;
  const paths = urls.map((url) => new URL(url).pathname);
  const pathOf = ({ index }: JournalItem): string => paths[index] ?? `item ${index}, which is not in the input`;
  const succeeded = journal.filter(({ state }) => state === "succeeded").map(pathOf);
  const dead = journal.filter(({ state }) => state === "dead").map(pathOf);
  const ended = new Set([...succeeded, ...dead]);
  const lost = paths.filter((path) => !ended.has(path));

  const before = new Set(visits.slice(0, atKill.visits).map(({ path }) => path));
  const after = new Set(visits.slice(atKill.visits).map(({ path }) => path));
  const rerun = [...after].filter((path) => before.has(path));
  const acknowledged = atKill.journal.map(pathOf);

  const results = output.map((line) => pathOfResult(line, seed));
  const last = new Map(visits.map((visit) => [visit.path, visit]));
  const gotThePage = (path: string): boolean => {
    const visit = last.get(path);
    return visit?.behaviour.kind === "page" && visit.outcome === "answered";
  };

  return {
    accounted: ended.size,
    lost: lost.length,
    rerun: rerun.length,
    deadLetters: dead.length,
    checks: [
      {
        claim: `the journal holds all ${amount(urls.length)} items, each once: ${amount(succeeded.length)} succeeded, ${amount(dead.length)} are dead letters`,
        against: [
          ...lost,
          ...duplicates([...succeeded, ...dead]),
          ...[...ended].filter((path) => !paths.includes(path)),
        ],
      },
      {
        claim: `the output holds ${amount(output.length)} pages, each once, each with the title and size that the server has for it`,
        against: [...duplicates(results), ...difference(results, succeeded), ...difference(succeeded, results)],
      },
      {
        claim: "every page that succeeded was sent in full by the server the last time it was asked for",
        against: succeeded.filter((path) => !gotThePage(path)),
      },
      {
        claim: "every dead letter was refused, broken off or left hanging the last time it was asked for",
        against: dead.filter((path) => !last.has(path) || gotThePage(path)),
      },
      {
        claim: `none of the ${amount(acknowledged.length)} items acknowledged before the kill was asked for again`,
        against: acknowledged.filter((path) => after.has(path)),
      },
      {
        // Each of the places may have been given to a second item while the first one waited for its commit.
        claim: `${amount(rerun.length)} were run again: what ${concurrency} places held in flight and in one commit window`,
        against: rerun.length <= 2 * concurrency ? [] : rerun,
      },
    ],
  };
}

/** `1,234`, in every locale. */
export function amount(count: number): string {
  return count.toLocaleString("en-US");
}

/** The path of a line of the output, if it says of its page what the server would. */
function pathOfResult(line: string, seed: number): string {
  const { url, title, size }: { readonly url?: unknown; readonly title?: unknown; readonly size?: unknown } =
    JSON.parse(line);
  const path = new URL(String(url)).pathname;
  const page = pageOf(seed, path);
  return title === page.title && size === Buffer.byteLength(page.html) ? path : `not the page of ${path}: ${line}`;
}

function duplicates(paths: readonly string[]): string[] {
  return paths.filter((path, index) => paths.indexOf(path) !== index);
}

function difference(paths: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return paths.filter((path) => !known.has(path));
}
