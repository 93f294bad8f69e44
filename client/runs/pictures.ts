/**
 * The pictures of runs: the last of each node, the films of loops, files that were saved. A day's work makes thousands of
 * them, so the runs looked at longest ago are forgotten; the server has their last pictures and their files.
 */
import type { Preview } from "./run-view.ts";
import { type Sheet, sheetOf } from "./sheet.ts";

export interface FilmFrame extends Sheet {
  /** Of a loop: the step, from 0. */
  readonly index: number;
  readonly count: number;
  /** Of a run of several: all frames of a film are of one. */
  readonly batch: number | undefined;
  readonly batches: number | undefined;
}

/** What one run has to show. */
class Album {
  /** By path, or path and output. */
  readonly last = new Map<string, Sheet>();
  readonly films = new Map<string, readonly FilmFrame[]>();
  readonly files = new Map<string, Sheet | "loading" | "failed">();

  get bytes(): number {
    const files = [...this.files.values()].filter((file) => typeof file !== "string");
    const frames = [...this.films.values()].flat();
    return [...new Set([...this.last.values(), ...frames, ...files].map(({ image }) => image))].reduce(
      (sum, { width, height }) => sum + 4 * width * height,
      0,
    );
  }
}

export interface PicturesOptions {
  /** What all albums may take, beside the one in use. */
  readonly maxBytes?: number;
  /** A film that takes more loses every other frame. */
  readonly maxFilmBytes?: number;
  readonly makeSheet?: typeof sheetOf;
}

export class Pictures {
  /** The one used last comes last. */
  readonly #albums = new Map<string, Album>();
  readonly #options: Required<PicturesOptions>;

  constructor({ maxBytes = 256 * 2 ** 20, maxFilmBytes = 96 * 2 ** 20, makeSheet = sheetOf }: PicturesOptions = {}) {
    this.#options = { maxBytes, maxFilmBytes, makeSheet };
  }

  show({ run, path, output, index, count, batch, batches, dims, pictures }: Preview): void {
    const album = this.#use(run);
    const sheet = this.#options.makeSheet(dims, pictures);
    const key = output === undefined ? path : `${path}.${output}`;
    album.last.set(key, sheet);
    if (index !== undefined) {
      // A film is of one batch, though not every step of each is shown: the first frame of another begins another.
      const shown = album.films.get(key) ?? [];
      const before = shown.filter((frame) => frame.index < index && frame.batch === batch);
      const film = [...before, { ...sheet, index, count: count ?? index + 1, batch, batches }];
      const bytes = film.length * 4 * sheet.width * sheet.height;
      album.films.set(key, bytes > this.#options.maxFilmBytes ? everyOther(film) : film);
    }
    this.#forget();
  }

  picture(run: string, path: string): Sheet | undefined {
    return this.#known(run)?.last.get(path);
  }

  paths(run: string): readonly string[] {
    return [...(this.#known(run)?.last.keys() ?? [])];
  }

  film(run: string, path: string): readonly FilmFrame[] {
    return this.#known(run)?.films.get(path) ?? [];
  }

  /** The loops of a run that have a film. */
  films(run: string): readonly string[] {
    return [...(this.#known(run)?.films.keys() ?? [])];
  }

  /** A file as a picture; `load` is called when nobody has asked for it before, and `loaded` when it is there. */
  file(run: string, name: string, load: () => Promise<Sheet>, loaded: () => void): Sheet | undefined {
    const { files } = this.#use(run);
    const known = files.get(name);
    if (known) return typeof known === "string" ? undefined : known;
    files.set(name, "loading");
    load().then(
      (sheet) => {
        files.set(name, sheet);
        this.#forget();
        loaded();
      },
      () => files.set(name, "failed"),
    );
    return undefined;
  }

  /** Files that could not be loaded are, when they are asked for again. */
  retry(): void {
    for (const { files } of this.#albums.values())
      for (const [name, file] of files) if (file === "failed") files.delete(name);
  }

  #known(run: string): Album | undefined {
    return this.#albums.has(run) ? this.#use(run) : undefined;
  }

  #use(run: string): Album {
    const album = this.#albums.get(run) ?? new Album();
    this.#albums.delete(run);
    this.#albums.set(run, album);
    return album;
  }

  #forget(): void {
    const albums = [...this.#albums].map(([run, album]) => ({ run, bytes: album.bytes }));
    let total = albums.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { run, bytes } of albums.slice(0, -1)) {
      if (total <= this.#options.maxBytes) return;
      this.#albums.delete(run);
      total -= bytes;
    }
  }
}

/** The last one always. */
const everyOther = (film: readonly FilmFrame[]): readonly FilmFrame[] =>
  film.filter((_, i) => (film.length - 1 - i) % 2 === 0);
