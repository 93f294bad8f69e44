/** What made a history of version 3 into one of version 4: what waits may be put in another order, and a run knows its document. */

export const fromVersion3: readonly string[] = [
  // Among what waits of its user; null: as it was submitted.
  "ALTER TABLE runs ADD COLUMN place INTEGER",
  // The identity of its document, whatever that is called.
  "ALTER TABLE runs ADD COLUMN document TEXT",
  `UPDATE runs SET document = (
    SELECT CASE WHEN json_valid(graph) THEN json_extract(graph, '$.extra.guidegraph.id') END
    FROM tasks WHERE tasks.number = runs.number
  )`,
  "PRAGMA user_version = 4",
];
