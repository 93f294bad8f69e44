/**
 * One process in which graphs are planned or run, from its start to its end. It may crash, hang or lie: its messages are
 * held to their size and schema, and one that sends something else, or no longer listens, is ended.
 */
import { fork } from "node:child_process";
import { type FromWorker, readMessages, type ToWorker } from "../channel/messages.ts";
import { presentable } from "../channel/problems.ts";
import { programAt } from "../files/package-root.ts";
import type { RunFailure } from "../protocol.ts";
import { environmentFor } from "./environment.ts";

export interface Gone {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
  /** What it was killed for: it sent what is no message, or closed its channel and lived on. */
  readonly fault?: "garbage" | "silence";
  /** The error that it did not catch, as it said it. */
  readonly error?: string;
  /** How the run failed with it, where that is known: it was another machine's. */
  readonly failure?: RunFailure;
}

export interface ChildOptions {
  /** What it is, for whoever looks at a list of processes. */
  readonly title: string;
  /** MiB of JavaScript objects; what needs more ends. Absent: as Node has it. */
  readonly heapMiB?: number | undefined;
  /** Whether it computes networks. */
  readonly computes: boolean;
  /** Folders whose names are not for clients. */
  readonly hidden: readonly string[];
  /** Takes a message; false when it makes no sense, however well it is formed. */
  readonly hear: (message: FromWorker) => boolean;
  readonly gone: (how: Gone) => void;
}

export interface Child {
  /** Undefined of one that could not be started. */
  readonly pid: number | undefined;
  /** False when it cannot be reached any more. */
  send(message: ToWorker): boolean;
  kill(): void;
}

const main = programAt("worker/main");
const stderrLength = 64 * 1024;
/** Between the end of a channel and the end of its process, where the one follows from the other. */
const silenceMs = 500;
/** Between the end of a process and the last that it wrote. */
const lastWordsMs = 250;

export function startChild({ title, heapMiB, computes, hidden, hear, gone }: ChildOptions): Child {
  let stderr = "";
  let fault: Gone["fault"];
  let silence: NodeJS.Timeout | undefined;
  const child = fork(main, [title], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: environmentFor(process.env, computes),
    execArgv: [...process.execArgv, ...(heapMiB === undefined ? [] : [`--max-old-space-size=${heapMiB}`])],
  });
  const kill = () => void child.kill("SIGKILL");
  const endFor = (what: Gone["fault"]) => {
    fault = what;
    kill();
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-stderrLength);
  });
  const wroteAll = new Promise<void>((resolve) => child.stderr?.once("close", resolve));
  child.on("message", (raw) => {
    if (fault) return;
    const messages = readMessages(raw);
    if (!messages?.every(hear)) endFor("garbage");
  });
  const exit = (code: number | null, signal: NodeJS.Signals | null) => {
    clearTimeout(silence);
    const error = uncaught(stderr);
    gone({
      code,
      signal,
      stderr,
      ...(fault && { fault }),
      ...(error !== undefined && { error: presentable(error, hidden) }),
    });
  };
  child.on("exit", (code, signal) => {
    const late = new Promise((resolve) => setTimeout(resolve, lastWordsMs));
    void Promise.race([wroteAll, late]).then(() => exit(code, signal));
  });
  // One that no longer listens is of no use, even if it lives.
  child.on("disconnect", () => {
    silence = setTimeout(() => endFor("silence"), silenceMs);
  });
  child.on("error", () => {
    if (child.pid === undefined) exit(null, null);
  });
  return {
    pid: child.pid,
    send: (message) => {
      if (!child.connected) return false;
      child.send(message, () => {});
      return true;
    },
    kill,
  };
}

/** Whether it ended for want of memory, as it said itself. */
export const isOutOfMemory = ({ stderr }: Gone): boolean => /heap out of memory|bad_alloc|out of memory/i.test(stderr);

/** The bytes that it was given, where it was ended for holding more (worker/watchdog.ts). */
export function memoryLimitMet({ stderr }: Gone): number | undefined {
  const [, bytes] = /^out of memory: more than (\d+) bytes$/m.exec(stderr) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}

/** The first line of the error that ended a process of Node: "Error: …". */
const uncaught = (stderr: string): string | undefined => /^(?:Uncaught )?(\w*Error: .{1,300})$/m.exec(stderr)?.[1];
