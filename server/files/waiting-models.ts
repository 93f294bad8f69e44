/**
 * Models that came whole and wait for what their card will say: beside their place, under no name that anything lists.
 * Model and card get their places together, or neither does.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../refusal.ts";
import { writePieces } from "./atomic.ts";
import { type Arrived, place } from "./receive.ts";

export interface WaitingModel extends Arrived {
  readonly id: string;
  readonly name: string;
}

/** Whoever is asked may have to look something up; a window that was closed asks nobody. */
const patienceMs = 30 * 60_000;
/** Each may be gigabytes. */
const most = 8;

export const cardName = (model: string): string => model.replace(/\.[^.]*$/, ".json");

export class WaitingModels {
  readonly #folder: string;
  readonly #waiting = new Map<string, { readonly model: WaitingModel; readonly timer: NodeJS.Timeout }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The oldest goes where too many wait. */
  async add(arrived: Arrived, name: string): Promise<WaitingModel> {
    const model = { ...arrived, id: randomUUID(), name };
    const timer = setTimeout(() => void this.remove(model.id), patienceMs).unref();
    this.#waiting.set(model.id, { model, timer });
    const [[oldest]] = this.#waiting;
    if (this.#waiting.size > most) await this.remove(oldest);
    return model;
  }

  /** Throws a Refusal for one that waits no more. */
  get(id: string): WaitingModel {
    const found = this.#waiting.get(id);
    if (!found) throw new Refusal("absent", "This model waits no more: drop it again");
    found.timer.refresh();
    return found.model;
  }

  /** Throws a Refusal where another card or model has the name: both stay as they were. */
  async settle({ id, name, ...arrived }: WaitingModel, card: string | undefined): Promise<boolean> {
    const path = join(this.#folder, cardName(name));
    const before = existsSync(path) ? await readFile(path, "utf8") : undefined;
    const writes = card !== undefined && card !== before;
    if (writes && before !== undefined)
      throw new Refusal("taken", `There is another card ${cardName(name)}: give the model another name`);
    // The card first: a model without what it needs is seen by nobody.
    if (writes) await writePieces(path, [new TextEncoder().encode(card)]);
    try {
      return await place(arrived, this.#folder, name);
    } catch (error) {
      if (writes) await rm(path, { force: true });
      throw error;
    } finally {
      await this.remove(id);
    }
  }

  async remove(id: string): Promise<void> {
    const found = this.#waiting.get(id);
    if (!found) return;
    clearTimeout(found.timer);
    this.#waiting.delete(id);
    await rm(found.model.path, { force: true });
  }

  /** With the server, nobody waits any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((id) => this.remove(id)));
  }
}
