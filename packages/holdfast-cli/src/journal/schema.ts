/**
 * The journal's tables. Any SQLite tool reads them; times are milliseconds since the epoch, durations milliseconds.
 *
 * `item.id` is the item's index, or, with a key, a number of the journal's own: a changed input gives a key another index.
 */

/** "HFJ1" in the file's header, where file(1) and we look for it. */
export const APPLICATION_ID = 0x48464a31;
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  state TEXT NOT NULL,                -- running, finished, stopped, failed; killed: it ended without a word
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  process INTEGER NOT NULL,
  host TEXT NOT NULL,
  handler TEXT NOT NULL,
  options TEXT NOT NULL,              -- JSON
  input_name TEXT NOT NULL,
  input_format TEXT NOT NULL,
  input_size INTEGER,                 -- the fingerprint; NULL for stdin
  input_sha256 TEXT,
  input_items INTEGER,
  key_field TEXT                      -- NULL: items are known by their index
);
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL,
  item_index INTEGER NOT NULL,
  key TEXT,
  state TEXT NOT NULL,                -- succeeded, dead
  attempts INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration REAL NOT NULL,
  output TEXT,                        -- JSON
  error_name TEXT,                    -- of the last error of a dead item
  error_code TEXT,
  message TEXT,
  sample TEXT                         -- JSON, cut
);
CREATE UNIQUE INDEX item_key ON item (key) WHERE key IS NOT NULL;
CREATE INDEX item_dead ON item (error_name, error_code) WHERE state = 'dead';
CREATE INDEX item_retried ON item (attempts, state) WHERE attempts <> 1;
CREATE TABLE attempt (                -- those that failed
  item_id INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  duration REAL NOT NULL,
  error_name TEXT NOT NULL,
  error_code TEXT,
  message TEXT NOT NULL,
  stack TEXT,
  PRIMARY KEY (item_id, run_id, attempt)
) WITHOUT ROWID;
CREATE TABLE output (                 -- the file that the commits keep in step
  id INTEGER PRIMARY KEY CHECK (id = 1),
  path TEXT NOT NULL,
  offset INTEGER NOT NULL
);
CREATE VIEW dead AS
  SELECT item_index, key, error_name, error_code, message, attempts, started_at, duration, sample, run_id, id
  FROM item WHERE state = 'dead';
`;
