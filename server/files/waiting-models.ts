/**
 * Models that came whole and wait for what their card will say: beside their place, under no name that anything lists.
 */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { Refusal } from "../refusal.ts";
import type { ModelCard } from "./model-card.ts";
import { placeModel } from "./place-model.ts";
import type { Arrived } from "./receive.ts";

export interface WaitingModel extends Arrived {
  readonly id: string;
  readonly name: string;
}

/** Whoever is asked may have to look something up; a window that was closed asks nobody. */
const patienceMs = 30 * 60_000;
/** Each may be gigabytes. */
const most = 8;

interface Entry {
  readonly model: WaitingModel;
  timer?: NodeJS.Timeout;
  /** How many are at it: it does not go while they read it, unless somebody gives it up. */
  users: number;
}

export class WaitingModels {
  readonly #folder: string;
  /** The one that nobody has been at for the longest time first. */
  readonly #waiting = new Map<string, Entry>();
  #isClosed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The oldest that nobody is at goes where too many wait; throws a Refusal where there is none, and after the end. */
  async add(arrived: Arrived, name: string): Promise<WaitingModel> {
    if (this.#waiting.size >= most) {
      const idle = [...this.#waiting.values()].find(({ users }) => users === 0);
      if (!idle)
        throw new Refusal("unavailable", `${most} models wait for their cards: answer or give up one of them first`);
      await this.remove(idle.model.id);
    }
    if (this.#isClosed) throw new Refusal("unavailable", "The server is stopping");
    const model = { ...arrived, id: randomUUID(), name };
    this.#wait({ model, users: 0 });
    return model;
  }

  /** It stays while `work` is at it. Throws a Refusal for one that waits no more, and what `work` throws. */
  async at<T>(id: string, work: (model: WaitingModel) => Promise<T>): Promise<T> {
    const entry = this.#entry(id);
    entry.users++;
    try {
      return await work(entry.model);
    } finally {
      entry.users--;
      if (this.#waiting.get(id) === entry) this.#wait(entry);
    }
  }

  /**
   * Gives it its place, to one who asks at a time: a second finds it waits no more. Throws what placeModel throws, and then it
   * waits on.
   */
  async settle(id: string, card: ModelCard | undefined): Promise<boolean> {
    const entry = this.#entry(id);
    const { name, path, sha256 } = entry.model;
    this.#forget(id);
    let isNew: boolean;
    try {
      isNew = await placeModel({ path, sha256 }, this.#folder, name, card);
    } catch (error) {
      this.#wait(entry);
      if (this.#isClosed) await this.remove(id);
      throw error;
    }
    await rm(path, { force: true });
    return isNew;
  }

  async remove(id: string): Promise<void> {
    const entry = this.#forget(id);
    if (entry) await rm(entry.model.path, { force: true });
  }

  /** With the server, nobody waits any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#waiting.keys()].map((id) => this.remove(id)));
  }

  #entry(id: string): Entry {
    const found = this.#waiting.get(id);
    if (!found) throw new Refusal("absent", "This model waits no more: drop it again");
    return found;
  }

  /** As if it had come now. */
  #wait(entry: Entry): void {
    const { id } = entry.model;
    this.#forget(id);
    this.#waiting.set(id, entry);
    entry.timer = setTimeout(() => this.#lose(id), patienceMs).unref();
  }

  #lose(id: string): void {
    const entry = this.#waiting.get(id);
    // Whoever is at it has it wait anew when they are done.
    if (entry?.users === 0) void this.remove(id).catch(() => {});
  }

  #forget(id: string): Entry | undefined {
    const entry = this.#waiting.get(id);
    clearTimeout(entry?.timer);
    this.#waiting.delete(id);
    return entry;
  }
}
