/** What made a history of version 2 into one of version 3: runs have a user, a weight, and an end of their own. */

export const fromVersion2: readonly string[] = [
  "ALTER TABLE runs RENAME TO old_runs",
  "DROP INDEX runs_by_state",
  // AUTOINCREMENT: the number of a run that was removed is never another's.
  `CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
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
    failure TEXT,
    user TEXT, -- who submitted it; null: the owner
    pinned INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER, -- what its files weigh; null: nobody has looked yet
    removed TEXT -- when it was put into the trash
  ) STRICT`,
  `INSERT INTO runs (number, id, key, request, title, batches, first, state, seq, created, started, ended, ms, failure)
   SELECT number, id, key, request, title, batches, first, state, seq, created, started, ended, ms, failure FROM old_runs`,
  "DROP TABLE old_runs",
  "CREATE INDEX runs_by_state ON runs (state)",
  "CREATE INDEX runs_by_bytes ON runs (bytes)",
  "CREATE INDEX runs_by_end ON runs (ended) WHERE ended IS NOT NULL AND removed IS NULL AND pinned = 0",
  "CREATE INDEX runs_unweighed ON runs (number) WHERE bytes IS NULL AND ended IS NOT NULL",
  "CREATE INDEX runs_in_trash ON runs (removed) WHERE removed IS NOT NULL",
  // Runs that have no row any more, and may have events, outputs and files still: these go in small steps.
  "CREATE TABLE leaving (run TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
  "PRAGMA user_version = 3",
];
