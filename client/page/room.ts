/** What the cards of each level took of the canvas when they were last shown: one that has grown since gets its room. */
import type { Editor } from "../actions/editor.ts";
import type { Placed } from "../edit/arrange-marks.ts";
import type { Point } from "../edit/graph.ts";
import { roomFor } from "../edit/making-room.ts";
import { madeRoom } from "../state/tab.ts";
import { inActive } from "../state/tabs.ts";

type Boxes = ReadonlyMap<number, Placed>;

export class Room {
  #tab = "";
  /** By the level's path; inside a node one changes the card around. */
  readonly #levels = new Map<string, Boxes>();

  /** Of the level that is shown now. Gives whether cards have moved. */
  make(editor: Editor): boolean {
    const { canvas, tab } = editor;
    if (!canvas || !tab) return false;
    if (this.#tab !== tab.key) this.#levels.clear();
    this.#tab = tab.key;
    const path = tab.level.join("/");
    const before = this.#levels.get(path);
    const cards = [...canvas.cards.values()].filter(({ look }) => look.form !== "reroute");
    const now = new Map(cards.map(({ id, box }): [number, Placed] => [id, [box[0], box[1], box[2], box[3]]]));
    const pinned = new Set(cards.filter(({ look }) => look.pinned).map(({ id }) => id));
    const moves = before ? roomFor(before, now, pinned) : new Map<number, Point>();
    const moved = ([x, y, w, h]: Placed, [dx, dy]: Point = [0, 0]): Placed => [x + dx, y + dy, w, h];
    this.#levels.set(path, new Map([...now].map(([id, box]) => [id, moved(box, moves.get(id))])));
    if (moves.size === 0) return false;
    const places = new Map(
      [...moves].map(([id, [dx, dy]]): [number, Point] => {
        const [x, y] = canvas.card(id)?.pos ?? [0, 0];
        return [id, [x + dx, y + dy]];
      }),
    );
    editor.apply(inActive((tab) => madeRoom(tab, places, editor.catalogue)));
    return true;
  }
}
