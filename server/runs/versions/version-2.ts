/** The tables of version 2, as they were on its day: what a new history begins with, and what one of version 1 became. */

const tables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT UNIQUE,
    request TEXT NOT NULL,
    title TEXT NOT NULL,
    batches INTEGER NOT NULL,
    first INTEGER NOT NULL,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL,
    created TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    ms REAL,
    failure TEXT
  ) STRICT`,
  "CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state)",
  // Of the run with this number.
  "CREATE TABLE IF NOT EXISTS tasks (number INTEGER PRIMARY KEY, graph TEXT NOT NULL, options TEXT NOT NULL) STRICT",
  `CREATE TABLE IF NOT EXISTS events (
    run TEXT NOT NULL, seq INTEGER NOT NULL, at TEXT NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID`,
  // The last event of each node, and the last step of each loop: of a million events nobody looks for them.
  `CREATE TABLE IF NOT EXISTS nodes (
    run TEXT NOT NULL, path TEXT NOT NULL, type TEXT NOT NULL, first INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (run, path, type)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS outputs (
    run TEXT NOT NULL, seq INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, mime TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (run, name)
  ) STRICT, WITHOUT ROWID`,
  "CREATE INDEX IF NOT EXISTS outputs_by_seq ON outputs (run, seq)",
  "PRAGMA user_version = 2",
];

export const fromNothing: readonly string[] = tables;

/** A row of `runs` became short. What is made anew is made as the tables say, so the old one is put aside first. */
export const fromVersion1: readonly string[] = [
  "ALTER TABLE runs RENAME TO old_runs",
  "DROP INDEX runs_by_state",
  ...tables,
  `INSERT INTO runs (number, id, key, request, title, batches, first, state, seq, created, started, ended, ms, failure)
   SELECT number, id, key, request, title, options ->> 'batches', coalesce(options ->> 'first', 0), state, seq,
          created, started, ended, ms, failure FROM old_runs`,
  "INSERT INTO tasks (number, graph, options) SELECT number, graph, options FROM old_runs",
  "DROP TABLE old_runs",
  `INSERT INTO nodes (run, path, type, first, event)
   SELECT run, path, type, first, event FROM (
     SELECT run, event ->> 'path' AS path, event ->> 'type' AS type, min(seq) AS first, max(seq) AS last
     FROM events WHERE event ->> 'type' IN ('node', 'step') GROUP BY 1, 2, 3
   ) AS told JOIN events USING (run) WHERE seq = last`,
];
