/** The server's REST handles. What is refused comes back as an ApiError with every problem. */
import type { NodeDescription } from "../../nodes/describe.ts";
import type {
  AcceptedRun,
  CommandReply,
  DeviceHealth,
  DocumentSummary,
  ModelForm,
  ModelSummary,
  PlaceRequest,
  Problem,
  RunDetail,
  RunRequest,
  RunSummary,
  Health as Told,
  TrashedRun,
  Usage,
  WaitingReply,
} from "../../server/protocol.ts";
import { randomKey } from "./random-key.ts";
import { addressOf, type Server } from "./server.ts";

export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly errors: readonly Problem[],
  ) {
    super(errors.map(({ message }) => message).join("\n"));
  }
}

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly backend: string;
  readonly devices?: readonly DeviceHealth[];
  readonly machines?: Told["machines"];
  readonly stranded?: Told["stranded"];
}

export class Api {
  constructor(readonly server: Server) {}

  async #fetch(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<unknown> {
    const reply = await this.#reply(method, path, body, headers);
    const text = await reply.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  async #reply(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    const reply = await this.#send(method, path, body, headers);
    if (reply.ok) return reply;
    const errors = await errorsIn(reply);
    throw new ApiError(
      reply.status,
      errors ?? [{ message: `The server answered ${reply.status} to ${method} ${path}` }],
    );
  }

  #send(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    const { token } = this.server;
    const auth = token ? { Authorization: `Bearer ${token}` } : {};
    return fetch(addressOf(this.server, path), {
      method,
      headers: { ...headers, ...auth },
      ...(body !== undefined && { body }),
    });
  }

  async #save(path: string, graph: object, over: string | undefined): Promise<string> {
    const condition = over === undefined ? { "If-None-Match": "*" } : { "If-Match": over };
    const headers = { "Content-Type": "application/json", ...condition };
    return etagOf(await this.#reply("PUT", path, JSON.stringify(graph), headers));
  }

  async #list<T>(path: string): Promise<T[]> {
    return (await this.#fetch("GET", path)) as T[];
  }

  #json(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    return this.#fetch(method, path, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
  }

  /** Pictures in a page cannot send a token; this makes a cookie of it, which all requests of our own page carry then. */
  session = async (token = this.server.token): Promise<void> => {
    if (token) await this.#fetch("POST", "/api/session", undefined, { Authorization: `Bearer ${token}` });
  };
  /** One that takes no runs now says so with a 503, and serves on. */
  health = async (): Promise<Health> => {
    const reply = await this.#send("GET", "/api/health");
    const told = reply.status === 503 ? await reply.json().catch(() => undefined) : undefined;
    return (told?.status ? told : await this.#fetch("GET", "/api/health")) as Health;
  };
  nodes = (): Promise<NodeDescription[]> => this.#list("/api/nodes");
  models = (): Promise<ModelSummary[]> => this.#list("/api/models");
  images = (): Promise<{ id: string }[]> => this.#list("/api/images");
  tensors = (): Promise<{ id: string }[]> => this.#list("/api/tensors");

  graphs = (): Promise<DocumentSummary[]> => this.#list("/api/graphs");
  /** What comes with the program has no tag: it is not written over. */
  graph = async (name: string): Promise<{ readonly graph: unknown; readonly etag?: string }> => {
    const reply = await this.#reply("GET", graphPath(name));
    const etag = reply.headers.get(tagHeader);
    return { graph: await reply.json(), ...(etag !== null && { etag }) };
  };
  /** Over the state of this tag, else as a new one; gives the tag of what was written. Refused (412) where anything else is there. */
  saveGraph = (name: string, graph: object, over: string | undefined): Promise<string> =>
    this.#save(graphPath(name), graph, over);
  /** Refused where it has another state than that of the tag (412), is gone (404), or the new name is taken (409). */
  renameGraph = async (name: string, to: string, over: string): Promise<string> => {
    const headers = { "Content-Type": "application/json", "If-Match": over };
    return etagOf(await this.#reply("PATCH", graphPath(name), JSON.stringify({ name: to }), headers));
  };

  command = async (command: string): Promise<CommandReply> =>
    (await this.#json("POST", "/api/commands", { command })) as CommandReply;

  /** A ZIP of its ONNX files, the manifest first. */
  exported = async (graph: object): Promise<Blob> => {
    const json = { "Content-Type": "application/json" };
    return (await this.#reply("POST", "/api/exports", JSON.stringify(graph), json)).blob();
  };

  samplers = (): Promise<DocumentSummary[]> => this.#list("/api/samplers");
  sampler = (name: string): Promise<unknown> => this.#fetch("GET", `/api/samplers/${encodeURIComponent(name)}`);
  /** On the same condition as a graph. */
  saveSampler = (name: string, graph: object, over: string | undefined): Promise<string> =>
    this.#save(`/api/samplers/${encodeURIComponent(name)}`, graph, over);
  renameSampler = (name: string, to: string): Promise<unknown> =>
    this.#json("PATCH", `/api/samplers/${encodeURIComponent(name)}`, { name: to });
  deleteSampler = (name: string): Promise<unknown> =>
    this.#fetch("DELETE", `/api/samplers/${encodeURIComponent(name)}`);

  /** Newest first; `before`: those numbered below. */
  runs = (before?: number): Promise<RunSummary[]> =>
    this.#list(`/api/runs${before === undefined ? "" : `?before=${before}`}`);
  pin = (id: string, isPinned: boolean): Promise<unknown> =>
    this.#fetch(isPinned ? "PUT" : "DELETE", `/api/runs/${id}/pin`);
  /** Puts a run away, with its files; for a while it can be restored. */
  trash = (id: string): Promise<unknown> => this.#fetch("POST", `/api/runs/${id}/trash`);
  restore = (id: string): Promise<unknown> => this.#fetch("POST", `/api/runs/${id}/restore`);
  trashed = (): Promise<TrashedRun[]> => this.#list("/api/trash");
  /** For good. Without an id: all that is in it. */
  emptyTrash = (id?: string): Promise<unknown> =>
    this.#fetch("DELETE", `/api/trash${id === undefined ? "" : `/${id}`}`);
  usage = async (): Promise<Usage> => (await this.#fetch("GET", "/api/usage")) as Usage;
  /** Puts a run that waits before or after another. */
  place = (id: string, wish: PlaceRequest): Promise<unknown> => this.#json("POST", `/api/runs/${id}/place`, wish);
  run = async (id: string): Promise<RunDetail> => (await this.#fetch("GET", `/api/runs/${id}`)) as RunDetail;
  start = async (request: Partial<RunRequest> & { graph: object }): Promise<AcceptedRun> =>
    (await this.#json("POST", "/api/runs", request, { "Idempotency-Key": randomKey() })) as AcceptedRun;
  cancelAll = (): Promise<unknown> => this.#fetch("DELETE", "/api/runs");
  cancel = (id: string): Promise<unknown> => this.#fetch("DELETE", `/api/runs/${id}`);
  outputUrl = (id: string, name: string): string => addressOf(this.server, outputPath(id, name)).href;
  /** Bytes of a file of a run, and how long all of it is. */
  outputPart = async (
    id: string,
    name: string,
    from: number,
    to: number,
  ): Promise<{ bytes: Uint8Array; size: number }> => {
    const reply = await this.#reply("GET", outputPath(id, name), undefined, { Range: `bytes=${from}-${to - 1}` });
    const [, size] = /\/(\d+)$/.exec(reply.headers.get("Content-Range") ?? "") ?? [];
    const bytes = new Uint8Array(await reply.arrayBuffer());
    return { bytes, size: Number(size ?? bytes.length) };
  };
  output = async (id: string, name: string): Promise<Blob> => (await this.#reply("GET", outputPath(id, name))).blob();

  /** Lets models run again that ended their process. */
  release = (held: string): Promise<unknown> => this.#fetch("DELETE", `/api/quarantine/${held}`);

  /** A model that is looked at and waits for its card, unless nothing is to be asked. */
  bringModel = async (file: File, name: string, hasCard: boolean): Promise<WaitingReply> =>
    (await this.#fetch("POST", `/api/models/waiting?name=${encodeURIComponent(name)}${hasCard ? "&card" : ""}`, file, {
      "Content-Type": "application/octet-stream",
    })) as WaitingReply;
  /** The form that these answers make. */
  askModel = async (waits: string, given: { flags: string; command?: string }): Promise<ModelForm> =>
    (await this.#json("POST", `/api/models/waiting/${waits}/form`, given)) as ModelForm;
  settleModel = async (waits: string, given: { flags: string } | { card: string }): Promise<ModelSummary> =>
    (await this.#json("POST", `/api/models/waiting/${waits}`, given)) as ModelSummary;
  giveUpModel = (waits: string): Promise<unknown> => this.#fetch("DELETE", `/api/models/waiting/${waits}`);
  /** `batch`: the folder whose pictures are one; `isNew`: refused where there is such a folder. */
  uploadImage = (file: File, name = file.name, batch = "", isNew = false): Promise<unknown> =>
    this.#fetch("POST", `/api/images?name=${encodeURIComponent(name)}&batch=${encodeURIComponent(batch)}`, file, {
      "Content-Type": file.type || "application/octet-stream",
      ...(isNew && { "If-None-Match": "*" }),
    });
  uploadTensor = (file: File, name = file.name): Promise<unknown> =>
    this.#fetch("POST", `/api/tensors?name=${encodeURIComponent(name)}`, file, {
      "Content-Type": "application/octet-stream",
    });
}

const graphPath = (name: string): string => `/api/graphs/${encodeURIComponent(name)}`;

/** An ETag is another, or none, behind a proxy that compresses. */
const tagHeader = "Document-ETag";

/** Of what was written. Behind a proxy that takes it away, any state fits. */
const etagOf = (reply: Response): string => reply.headers.get(tagHeader) ?? "*";

const outputPath = (id: string, name: string): string => `/api/runs/${id}/outputs/${encodeURIComponent(name)}`;

/** What a refusal says; undefined when something between here and the server answered in its own words. */
async function errorsIn(reply: Response): Promise<readonly Problem[] | undefined> {
  try {
    return ((await reply.json()) as { errors?: Problem[] } | undefined)?.errors;
  } catch {
    return undefined;
  }
}
