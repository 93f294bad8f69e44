/** The real server in a process of its own, with its workers, and a client that speaks its protocol. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import WebSocket from "ws";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import {
  decodePreview,
  endStates,
  type Logged,
  type RunDetail,
  type RunSummary,
  type ServerMessage,
  serverMessage,
} from "../../server/protocol.ts";
import { temporaryFolder, testCache } from "./cli.ts";
import { onOneThread } from "./one-thread.ts";
import { childrenOf } from "./processes.ts";

export interface ServerOptions {
  readonly data?: string;
  readonly args?: readonly string[];
  readonly token?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** A program that is given the server's command line to run: in a container, on a disk of its own. */
  readonly within?: readonly string[];
  /** Where it runs graphs its arguments say. */
  readonly withoutBackend?: boolean;
}

export class TestServer {
  readonly url: string;
  readonly data: string;
  readonly process: ChildProcess;
  /** Lines of stderr. */
  readonly log: readonly string[];
  readonly #token: string | undefined;

  private constructor(process: ChildProcess, url: string, data: string, log: readonly string[], token?: string) {
    this.process = process;
    this.url = url;
    this.data = data;
    this.log = log;
    this.#token = token;
  }

  static async start({
    data = temporaryFolder(),
    args = [],
    token,
    environment,
    within,
    withoutBackend = false,
  }: ServerOptions = {}): Promise<TestServer> {
    const secret = token === undefined ? [] : ["--token", token];
    const { child, log, line } = spawnServer(
      ["--data", data, ...secret, ...args],
      environment,
      within,
      withoutBackend ? [] : undefined,
    );
    const url = (await line).replace("GuideGraph at ", "");
    return new TestServer(child, url, data, log, token);
  }

  /** A request as the server's own page makes it. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    const bearer: Record<string, string> = this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` };
    return fetch(this.url + path, { ...init, headers: { Origin: this.url, ...bearer, ...init.headers } });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}, method = "POST"): Promise<Response> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.request(path, { method, body: text, headers: { "Content-Type": "application/json", ...headers } });
  }

  async json<T>(path: string): Promise<T> {
    const response = await this.request(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Submits a run that must be accepted. */
  async submit(body: object, headers?: Record<string, string>): Promise<string> {
    const response = await this.post("/api/runs", body, headers);
    const reply = (await response.json()) as { id: string };
    if (response.status !== 201) throw new Error(`POST /api/runs: ${response.status} ${JSON.stringify(reply)}`);
    return reply.id;
  }

  detail(id: string): Promise<RunDetail> {
    return this.json(`/api/runs/${id}`);
  }

  runs(): Promise<RunSummary[]> {
    return this.json("/api/runs");
  }

  cancel(id: string): Promise<Response> {
    return this.request(`/api/runs/${id}`, { method: "DELETE" });
  }

  connect(): Promise<Reader> {
    const socket = new WebSocket(`${this.url.replace("http", "ws")}/api/events`, ["guidegraph.1"], {
      headers: { Origin: this.url, ...(this.#token !== undefined && { Authorization: `Bearer ${this.#token}` }) },
    });
    return new Promise((resolve, reject) => {
      const reader = new Reader(socket);
      socket.once("open", () => resolve(reader));
      socket.once("error", reject);
    });
  }

  /** Every event of a run after a number, until it has ended. */
  async eventsOf(run: string, after = 0): Promise<readonly Logged[]> {
    const reader = await this.connect();
    reader.send({ type: "subscribe", run, after });
    await reader.until(isEnd);
    reader.close();
    return reader.events;
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const { process } = this;
    if (process.exitCode === null && process.signalCode === null)
      await new Promise((resolve) => {
        process.once("exit", resolve);
        process.kill(signal);
      });
    // It is of no use any more, and large.
    rmSync(join(this.data, "ballast"), { force: true });
    return process.exitCode;
  }

  /** Process ids of the two workers. */
  workers(): number[] {
    return childrenOf(this.process.pid as number);
  }
}

/** Starts `guidegraph serve`; `line` is the line that says where it listens, and rejects when it ends without one. */
export function spawnServer(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  within: readonly string[] = [],
  backend: readonly string[] = ["--backend", "cpu"],
) {
  const main = join(packageRoot, "server", "guidegraph.mjs");
  // Whoever has an account where tests run is no part of them.
  const open = args.some((arg) => /^--(no-)?token/.test(arg)) || environment.GUIDEGRAPH_TOKEN ? [] : ["--no-token"];
  const serve = ["serve", "--port", "0", "--cache", testCache, ...backend, ...open, ...args];
  const [program, ...before] = [...within, process.execPath];
  const child = spawn(program, [...before, main, ...onOneThread(serve)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const log: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => log.push(...text.split("\n").filter(Boolean)));
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
    child.once("exit", (code) => reject(Object.assign(new Error(log.join("\n")), { code })));
  });
  return { child, log, line };
}

export const isEnd = (message: ServerMessage): boolean => message.type === "run" && endStates.has(message.state);

/** One end of a socket: all that came, each message held to its schema. */
export class Reader {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly previews: ReturnType<typeof decodePreview>[] = [];
  closed: number | undefined;
  #wake = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.previews.push(decodePreview(data));
      else this.messages.push(serverMessage.parse(JSON.parse(data.toString())));
      this.#wake();
    });
    socket.on("close", (code) => {
      this.closed = code;
      this.#wake();
    });
  }

  get events(): readonly Logged[] {
    return this.messages.filter((message): message is Logged => "seq" in message && message.type !== "live");
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message of that kind, come or to come. */
  async until(wanted: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (;;) {
      const found = this.messages.find(wanted);
      if (found) return found;
      if (this.closed !== undefined) throw new Error(`The socket closed (${this.closed}) before the message came`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async untilClosed(): Promise<number> {
    while (this.closed === undefined)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.closed;
  }

  close(): void {
    this.socket.close();
  }
}

export const graph = (name: string): object =>
  JSON.parse(readFileSync(join(packageRoot, "graphs", `${name}.json`), "utf8"));

interface SerialisedGraph {
  readonly nodes: readonly { readonly id: number; readonly type: string; readonly subgraph?: SerialisedGraph }[];
}

/** The path of the first node of a type, wherever in the graph it is: where an example has it is not for a test to fix. */
export function pathIn(document: object, type: string): string {
  const find = ({ nodes }: SerialisedGraph, outer: string): string | undefined => {
    for (const { id, type: its, subgraph } of nodes) {
      const path = `${outer}${id}`;
      const found = its === `guidegraph/${type}` ? path : subgraph && find(subgraph, `${path}/`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const path = find(document as SerialisedGraph, "");
  if (path === undefined) throw new Error(`There is no ${type} in the graph`);
  return path;
}

/** Guided DDIM of one picture in four steps: about a second. */
export const quick = {
  graph: graph("guided-ddim"),
  set: { "Diffusion Schedule.timestep_respacing": "ddim4", "Wanted shape.classes": "3" },
};

/** Noise as a picture: no model, a few milliseconds, a file. */
export const tiny = { graph: noisePicture() };

function noisePicture(): object {
  const b = documentBuilder(nodes, { title: "Noise" });
  const noise = b.add("guidegraph/gaussian-noise", { height: 16 });
  const image = b.add("guidegraph/decode-image", { x: noise.out("x_T") });
  b.add("guidegraph/save-png", { images: image.out("image"), name: "noise" });
  return writeDocument(b.document());
}

/** Of two pictures in 250 steps: it does not end by itself within a test. */
export const long = {
  graph: graph("guided-ddim"),
  set: { "Diffusion Schedule.timestep_respacing": "ddim250", "Wanted shape.classes": "3,5" },
};

/** Where the loop of both is. */
export const loopPath = pathIn(quick.graph, "sampling-loop");
