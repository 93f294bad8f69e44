/** A process that copies an SQLite database that another one writes to: `copy-database.js FROM TO`. */
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";

const [from, to] = process.argv.slice(2);
const client = createClient({ url: pathToFileURL(from).href, timeout: 10_000, concurrency: 1 });
try {
  await client.execute({ sql: "VACUUM INTO ?", args: [to] });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  client.close();
  process.disconnect?.();
}
