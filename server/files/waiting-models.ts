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

export class WaitingModels {
  readonly #folder: string;
  readonly #waiting = new Map<string, { readonly model: WaitingModel; readonly timer: NodeJS.Timeout }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The oldest goes where too many wait. */
  async add(arrived: Arrived, name: string): Promise<WaitingModel> {
    const model = { ...arrived, id: randomUUID(), name };
    this.#wait(model);
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

  /**
   * Gives it its place, to one who asks at a time: a second finds it waits no more. Throws what placeModel throws, and then it
   * waits on.
   */
  async settle(id: string, card: ModelCard | undefined): Promise<boolean> {
    const { name, ...arrived } = this.get(id);
    this.#forget(id);
    let isNew: boolean;
    try {
      isNew = await placeModel(arrived, this.#folder, name, card);
    } catch (error) {
      this.#wait({ ...arrived, name });
      throw error;
    }
    await rm(arrived.path, { force: true });
    return isNew;
  }

  async remove(id: string): Promise<void> {
    const model = this.#forget(id);
    if (model) await rm(model.path, { force: true });
  }

  /** With the server, nobody waits any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((id) => this.remove(id)));
  }

  #wait(model: WaitingModel): void {
    const timer = setTimeout(() => void this.remove(model.id), patienceMs).unref();
    this.#waiting.set(model.id, { model, timer });
  }

  #forget(id: string): WaitingModel | undefined {
    const found = this.#waiting.get(id);
    clearTimeout(found?.timer);
    this.#waiting.delete(id);
    return found?.model;
  }
}
