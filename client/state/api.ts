/** The server's REST handles. What is refused comes back as an ApiError with every problem. */
import type { NodeDescription } from "../../nodes/describe.ts";
import type {
  DocumentSummary,
  ModelSummary,
  Problem,
  RunDetail,
  RunRequest,
  RunSummary,
} from "../../server/protocol.ts";

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
}
const token = new URLSearchParams(location.search).get("token");

export class Api {
  async #fetch(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<unknown> {
    const auth = token ? { Authorization: `Bearer ${token}` } : {};
    const reply = await fetch(path, { method, headers: { ...headers, ...auth }, ...(body !== undefined && { body }) });
    const text = await reply.text();
    const json: unknown = text === "" ? undefined : JSON.parse(text);
    if (reply.ok) return json;
    const errors = (json as { errors?: Problem[] } | undefined)?.errors;
    throw new ApiError(
      reply.status,
      errors ?? [{ message: `The server answered ${reply.status} to ${method} ${path}` }],
    );
  }

  async #list<T>(path: string): Promise<T[]> {
    return (await this.#fetch("GET", path)) as T[];
  }

  #json(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    return this.#fetch(method, path, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
  }

  /** Pictures in a page cannot send a token; this makes a cookie of it. */
  session = async (): Promise<void> => {
    if (token) await this.#fetch("POST", "/api/session");
  };
  health = async (): Promise<Health> => (await this.#fetch("GET", "/api/health")) as Health;
  nodes = (): Promise<NodeDescription[]> => this.#list("/api/nodes");
  models = (): Promise<ModelSummary[]> => this.#list("/api/models");
  images = (): Promise<{ id: string }[]> => this.#list("/api/images");

  graphs = (): Promise<DocumentSummary[]> => this.#list("/api/graphs");
  graph = (name: string): Promise<unknown> => this.#fetch("GET", `/api/graphs/${encodeURIComponent(name)}`);
  saveGraph = (name: string, graph: object): Promise<unknown> =>
    this.#json("PUT", `/api/graphs/${encodeURIComponent(name)}`, graph);
  deleteGraph = (name: string): Promise<unknown> => this.#fetch("DELETE", `/api/graphs/${encodeURIComponent(name)}`);

  samplers = (): Promise<DocumentSummary[]> => this.#list("/api/samplers");
  sampler = (name: string): Promise<unknown> => this.#fetch("GET", `/api/samplers/${encodeURIComponent(name)}`);
  saveSampler = (name: string, graph: object): Promise<unknown> =>
    this.#json("PUT", `/api/samplers/${encodeURIComponent(name)}`, graph);
  deleteSampler = (name: string): Promise<unknown> =>
    this.#fetch("DELETE", `/api/samplers/${encodeURIComponent(name)}`);

  runs = (): Promise<RunSummary[]> => this.#list("/api/runs");
  run = async (id: string): Promise<RunDetail> => (await this.#fetch("GET", `/api/runs/${id}`)) as RunDetail;
  start = async (request: Partial<RunRequest> & { graph: object }): Promise<{ id: string }> =>
    (await this.#json("POST", "/api/runs", request, { "Idempotency-Key": crypto.randomUUID() })) as { id: string };
  cancel = (id: string): Promise<unknown> => this.#fetch("DELETE", `/api/runs/${id}`);
  outputUrl = (id: string, name: string): string => `/api/runs/${id}/outputs/${encodeURIComponent(name)}`;

  uploadModel = (file: File, flags = ""): Promise<unknown> =>
    this.#fetch("POST", `/api/models?name=${encodeURIComponent(file.name)}&flags=${encodeURIComponent(flags)}`, file, {
      "Content-Type": "application/octet-stream",
    });
  uploadImage = (file: File): Promise<unknown> =>
    this.#fetch("POST", `/api/images?name=${encodeURIComponent(file.name)}`, file, {
      "Content-Type": file.type || "application/octet-stream",
    });
}
