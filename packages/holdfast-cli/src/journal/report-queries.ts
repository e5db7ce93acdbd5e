/** Asks a journal for its report. Indexes hold dead and retried items apart: the cost is that of the failures. */
import type { JournalCounts } from "./journal.ts";
import type { AttemptsTally, ErrorTally, JournalReport } from "./journal-report.ts";
import type { Database } from "./sqlite.ts";

/** Groups told; a job that fails in a hundred ways needs no hundred and first. */
const GROUPS = 100;

interface TallyRow {
  readonly error_name: string | null;
  readonly error_code: string | null;
  readonly count: number;
  readonly item_index: number;
  readonly key: string | null;
  readonly message: string | null;
  readonly sample: string | null;
}

export function journalReport(database: Database, counts: JournalCounts): JournalReport {
  // Here and below: the columns of the statement, as the schema types them.
  const dead = database
    .prepare(
      `SELECT tally.*, item.item_index, item.key, item.message, item.sample
       FROM (SELECT error_name, error_code, count(*) AS count, min(id) AS first FROM item WHERE state = 'dead' GROUP BY error_name, error_code) AS tally
       JOIN item ON item.id = tally.first ORDER BY count DESC, tally.first LIMIT ${GROUPS}`,
    )
    .all() as TallyRow[];
  // With one min() the other columns are those of its row: the first item's first message.
  const failed = database
    .prepare(
      `SELECT tally.*, item.item_index, item.key, item.sample
       FROM (SELECT error_name, error_code, count(*) AS count, min(item_id) AS first, message FROM attempt GROUP BY error_name, error_code) AS tally
       JOIN item ON item.id = tally.first ORDER BY count DESC, tally.first LIMIT ${GROUPS}`,
    )
    .all() as TallyRow[];
  return {
    succeeded: counts.succeeded,
    dead: counts.dead,
    deadByError: dead.map(tally),
    deadKinds: count(
      database,
      "SELECT count(*) AS count FROM (SELECT 1 FROM item WHERE state = 'dead' GROUP BY error_name, error_code)",
    ),
    failedByError: failed.map(tally),
    failedKinds: count(
      database,
      "SELECT count(*) AS count FROM (SELECT 1 FROM attempt GROUP BY error_name, error_code)",
    ),
    failedAttempts: count(database, "SELECT count(*) AS count FROM attempt"),
    attempts: attemptsTallies(database, counts),
  };
}

/** Items that took one attempt are not looked at: they are all the others. */
function attemptsTallies(database: Database, counts: JournalCounts): AttemptsTally[] {
  const tallies = database
    .prepare(
      `SELECT attempts, CAST(total(state = 'succeeded') AS INTEGER) AS succeeded, CAST(total(state = 'dead') AS INTEGER) AS dead
       FROM item WHERE attempts <> 1 GROUP BY attempts`,
    )
    .all() as AttemptsTally[];
  let { succeeded, dead } = counts;
  for (const other of tallies) {
    succeeded -= other.succeeded;
    dead -= other.dead;
  }
  const once = succeeded + dead > 0 ? [{ attempts: 1, succeeded, dead }] : [];
  return [...once, ...tallies.map((other) => ({ ...other }))].toSorted((a, b) => a.attempts - b.attempts);
}

function tally(row: TallyRow): ErrorTally {
  return {
    errorName: row.error_name ?? "Error",
    errorCode: row.error_code ?? undefined,
    count: row.count,
    index: row.item_index,
    key: row.key ?? undefined,
    message: row.message ?? "",
    sample: row.sample ?? undefined,
  };
}

function count(database: Database, sql: string): number {
  return (database.prepare(sql).get() as { readonly count: number }).count;
}
