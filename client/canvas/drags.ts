/** Gestures that do not wire: moving cards, a box around them, the view, a range of numbers. */
import type { Point } from "../edit/graph.ts";
import { type Card, grid } from "./card.ts";
import type { Drag } from "./drag.ts";
import { rangeOf } from "./draw-rows.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import type { Spot } from "./host.ts";

/** `click`: what it is when the pointer does not move. */
export function pan(canvas: EditorCanvas, click?: (at: Spot) => void): Drag {
  let last: Point | undefined;
  return {
    move({ screen }, event) {
      const from = last ?? [screen[0] - event.movementX, screen[1] - event.movementY];
      const { x, y, scale } = canvas.view;
      canvas.view = { x: x + (screen[0] - from[0]) / scale, y: y + (screen[1] - from[1]) / scale, scale };
      last = screen;
      canvas.element.style.cursor = "grabbing";
    },
    end(at, moved) {
      canvas.element.style.cursor = "default";
      if (!moved) click?.(at);
    },
  };
}

export function dragCards(canvas: EditorCanvas, card: Card, event: PointerEvent): Drag {
  const { host, scene } = canvas;
  const adds = event.shiftKey || event.ctrlKey || event.metaKey;
  const was = scene.selection.has(card.id);
  const chosen = new Set(adds || was ? scene.selection : []);
  if (adds && was) chosen.delete(card.id);
  else chosen.add(card.id);
  if (adds || !was) host.select(chosen);
  toFront(canvas, card);
  return moving(canvas, [...chosen], [], () => {
    if (!adds && was) host.select(new Set([card.id]));
  });
}

/** A point put into a wire, and in hand until the pointer is lifted. */
export function dragReroute(canvas: EditorCanvas, link: number, { canvas: at }: Spot): Drag {
  const stroke = `reroute ${link} ${performance.now()}`;
  const id = canvas.host.reroute(link, at, stroke);
  return {
    move({ canvas: [x, y] }) {
      const card = id === undefined ? undefined : canvas.card(id);
      if (id === undefined || !card) return;
      const [dx, dy] = [card.size[0] / 2, card.size[1] / 2];
      canvas.host.move(new Map([[id, [snapped(x - dx), snapped(y - dy)]]]), new Map(), stroke);
    },
  };
}

/** A group takes along what lies inside it. */
export function dragGroup(canvas: EditorCanvas, index: number): Drag {
  const { pos, size } = canvas.projection.graph._groups[index];
  const isInside = ({ pos: [x, y], size: [w] }: Card) =>
    x >= pos[0] && x + w <= pos[0] + size[0] && y >= pos[1] && y <= pos[1] + size[1];
  const ids = [...canvas.projection.cards.values()].filter(isInside).map(({ id }) => id);
  return moving(canvas, ids, [index], () => canvas.host.select(new Set(ids)));
}

/** The title becomes a field, where it is painted. */
export function renameGroup(canvas: EditorCanvas, index: number): void {
  const { pos, size } = canvas.projection.graph._groups[index];
  const [x, y] = canvas.toScreen([pos[0] + 6, pos[1] + 4]);
  const { scale } = canvas.view;
  canvas.host.renameGroup(index, [x, y, Math.max(120, (size[0] - 12) * scale), 24]);
}

const snapped = (value: number): number => Math.round(value / grid) * grid;

function moving(canvas: EditorCanvas, all: readonly number[], groups: readonly number[], click: () => void): Drag {
  const ids = all.filter((id) => canvas.card(id)?.look.pinned === false);
  const things = [
    ...ids.map((id) => canvas.card(id) as Card),
    ...groups.map((index) => canvas.projection.graph._groups[index]),
  ].map((thing) => ({ thing, from: [thing.pos[0], thing.pos[1]] as const }));
  let start: Point | undefined;
  const place = (dx: number, dy: number) => {
    for (const { thing, from } of things) {
      thing.pos[0] = from[0] + dx;
      thing.pos[1] = from[1] + dy;
    }
    // The frame of a group lies under everything.
    if (groups.length > 0) canvas.dirty();
    else canvas.stir();
  };
  const putDown = () => {
    canvas.scene.moving = new Set();
    canvas.dirty();
  };
  return {
    move({ canvas: [x, y] }) {
      if (!start) {
        start = [x, y];
        canvas.scene.moving = new Set(ids);
        canvas.dirty();
      }
      place(snapped(x - start[0]), snapped(y - start[1]));
    },
    end(_, moved) {
      putDown();
      if (!moved) return click();
      const at = (index: number): Point => [things[index].thing.pos[0], things[index].thing.pos[1]];
      const cards = new Map(ids.map((id, i) => [id, at(i)]));
      canvas.host.move(cards, new Map(groups.map((index, i) => [index, at(ids.length + i)])));
    },
    cancel() {
      place(0, 0);
      putDown();
    },
  };
}

function toFront({ projection: { graph } }: EditorCanvas, card: Card): void {
  graph._nodes.splice(graph._nodes.indexOf(card), 1);
  graph._nodes.push(card);
}

export function dragBox(canvas: EditorCanvas, { canvas: [x, y] }: Spot, adds: boolean): Drag {
  const { scene, host } = canvas;
  const clear = () => {
    scene.box = undefined;
    canvas.stir();
  };
  return {
    move({ canvas: [toX, toY] }) {
      scene.box = [Math.min(x, toX), Math.min(y, toY), Math.abs(toX - x), Math.abs(toY - y)];
      canvas.stir();
    },
    end() {
      const { box } = scene;
      clear();
      if (!box) return;
      const [left, top, width, height] = box;
      const hits = [...canvas.projection.cards.values()].filter(
        ({ box: [x, y, w, h] }) => x < left + width && x + w > left && y < top + height && y + h > top,
      );
      host.select(new Set([...(adds ? scene.selection : []), ...hits.map(({ id }) => id)]));
    },
    cancel: clear,
  };
}

/** The right edge of a note sets how wide its text runs. */
export function dragEdge(canvas: EditorCanvas, card: Card): Drag {
  const { id, pos } = card;
  const stroke = `width ${id} ${performance.now()}`;
  return {
    move: ({ canvas: [x] }) => canvas.host.widen(id, Math.max(grid, Math.round((x - pos[0]) / grid) * grid), stroke),
    end: (_, moved) => !moved && canvas.host.select(new Set([id])),
  };
}

/** A click edits a parameter; a pull along a range turns it. */
export function dragRow(canvas: EditorCanvas, card: Card, row: number, event: PointerEvent): Drag {
  const { host } = canvas;
  const { name, kind, parameter, value } = card.look.rows[row];
  if (!canvas.scene.selection.has(card.id) && !event.shiftKey) host.select(new Set([card.id]));
  const range = rangeOf({ parameter, kind });
  const stroke = `${card.id} ${name} ${performance.now()}`;
  const [fx, fy, width, height] = card.field(row);
  return {
    move({ canvas: [x] }) {
      if (!range) return;
      const part = Math.max(0, Math.min(1, (x - card.pos[0] - fx) / width));
      const exact = range[0] + part * (range[1] - range[0]);
      const step = parameter.integer ? 1 : (range[1] - range[0]) / 100;
      const next = Number((Math.round(exact / step) * step).toPrecision(6));
      if (next !== value) host.set(card.id, name, next, stroke);
    },
    end(_, moved) {
      if (moved) return;
      if (kind === "boolean") return host.set(card.id, name, value !== true);
      const { scale } = canvas.view;
      const [x, y] = canvas.toScreen([card.pos[0] + fx, card.pos[1] + fy]);
      host.edit(card.id, name, [x, y, width * scale, height * scale]);
    },
  };
}
