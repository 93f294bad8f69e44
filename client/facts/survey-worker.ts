/** The planner beside the page: a graph of hundreds of nodes is looked at while the canvas goes on drawing. */
import "../no-eval.ts";
import { nodes, type Registry } from "../../nodes/index.ts";
import { addressOf, type Server } from "../runs/server.ts";
import type { FromSurveyor, ToSurveyor } from "./messages.ts";
import { registryOf } from "./registry.ts";
import { serverFiles } from "./server-files.ts";
import { surveyDocument } from "./survey-document.ts";

/** So often it says that it hears, while it looks at something: the server may take its time with a file. */
const beatMs = 500;

let registry: Registry = nodes;
let server: Server = { url: self.location.origin };
const files = serverFiles((request) =>
  fetch(addressOf(server, "/api/facts"), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(server.token && { Authorization: `Bearer ${server.token}` }) },
    body: JSON.stringify(request),
  }),
);

async function hear(message: ToSurveyor): Promise<void> {
  if (message.is === "forget") return files.forget();
  if (message.is === "open") {
    registry = registryOf(message.nodes);
    server = message.server;
    return;
  }
  const { id, document } = message;
  const beat = setInterval(() => tell({ is: "beat" }), beatMs);
  // What cannot even be planned is the server's to refuse; here nothing is known of it.
  const surveyed = await surveyDocument(document, registry, files).catch(() => ({ facts: new Map(), problems: [] }));
  clearInterval(beat);
  tell({ is: "surveyed", id, ...surveyed });
}

const tell = (message: FromSurveyor): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToSurveyor>) => void hear(data);
