// `npm start`: builds what changed, then serves. npm passes a signal to the shell of a script, which ends and tells nobody:
// the server would go on unseen, and hold the data folder. So it ends, in good order, when that shell is gone.
import { buildIfChanged } from "./build.mjs";

const shell = process.ppid;
const isGone = () => process.ppid !== shell;
setInterval(() => isGone() && process.kill(process.pid, "SIGTERM"), 500).unref();

await buildIfChanged();
process.argv.splice(2, 0, "serve");
await import("./guidegraph.mjs");
