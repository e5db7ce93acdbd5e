/** The `run` table: who ran what on which input, and whether this run may go on where the last one ended. */
import { hostname } from "node:os";
import process from "node:process";
import { CliError } from "../cli-error.ts";
import type { JournalOptions } from "./journal.ts";
import type { Database } from "./sqlite.ts";

export interface RunRecord {
  readonly id: number;
  readonly started_at: number;
  readonly process: number;
  readonly host: string;
  readonly handler: string;
  readonly input_name: string;
  readonly input_format: string;
  readonly input_size: number | null;
  readonly input_sha256: string | null;
  readonly key_field: string | null;
}

export function lastRun(database: Database): RunRecord | undefined {
  // The columns named here, as the schema types them.
  return database
    .prepare(
      `SELECT id, started_at, process, host, handler, input_name, input_format, input_size, input_sha256, key_field
       FROM run ORDER BY id DESC LIMIT 1`,
    )
    .get() as RunRecord | undefined;
}

/** Returns the new run's id. Runs that never said how they ended were killed: the caller holds the lock. */
export function startRun(database: Database, options: JournalOptions, now: number): number {
  const { input } = options;
  database.exec("BEGIN IMMEDIATE; UPDATE run SET state = 'killed' WHERE state = 'running'");
  // RETURNING gives the one row inserted.
  const row = database
    .prepare(
      `INSERT INTO run (state, started_at, process, host, handler, options, input_name, input_format, input_size, input_sha256, input_items, key_field)
       VALUES ('running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    )
    .get(
      now,
      process.pid,
      hostname(),
      options.handler,
      JSON.stringify(options.options),
      input.name,
      input.format,
      input.facts?.size ?? null,
      input.facts?.sha256 ?? null,
      input.facts?.items ?? null,
      input.key ?? null,
    ) as { readonly id: number };
  database.exec("COMMIT");
  return row.id;
}

export function endRun(database: Database, runId: number, state: string, now: number): void {
  database.prepare("UPDATE run SET state = ?, ended_at = ? WHERE id = ?").run(state, now, runId);
}

/**
 * Refuses to skip items of one job because another job did them.
 *
 * @throws {CliError} 65 when handler, key field, or, without a key, the input's bytes or format differ.
 */
export function requireSameJob(last: RunRecord, options: Pick<JournalOptions, "path" | "handler" | "input">): void {
  const { path, handler, input } = options;
  const hint = "--fresh starts over in this journal; --journal FILE keeps it and uses another";
  const refuse = (what: string): CliError => new CliError(65, `journal ${path} belongs to ${what}`, { hint });
  if (last.handler !== handler) throw refuse(`handler ${last.handler}, and this run uses ${handler}`);
  if (last.key_field !== (input.key ?? null)) {
    throw refuse(`a run ${keyWords(last.key_field)}, and this one is ${keyWords(input.key ?? null)}`);
  }
  if (input.key !== undefined) return;
  if (last.input_format !== input.format)
    throw refuse(`input read as ${last.input_format}, and this run reads it as ${input.format}`);
  if (input.facts === undefined || last.input_sha256 === null) {
    throw new CliError(
      65,
      `journal ${path} can't be continued: what comes from ${streamName(last, options)} may not be the same items again`,
      {
        hint: `--key FIELD knows items by a field of their own; ${hint}`,
      },
    );
  }
  if (last.input_sha256 !== input.facts.sha256) {
    throw new CliError(
      65,
      `journal ${path} belongs to another input: ${last.input_name} had ${last.input_size} bytes then, ${input.name} has ${input.facts.size} now, and their contents differ`,
      {
        hint: `with --key FIELD from the start an input may change; ${hint}`,
      },
    );
  }
}

function keyWords(key: string | null): string {
  return key === null ? "without --key" : `with --key ${key}`;
}

function streamName(last: RunRecord, options: Pick<JournalOptions, "input">): string {
  const name = options.input.facts === undefined ? options.input.name : last.input_name;
  return name === "-" ? "stdin" : name;
}
