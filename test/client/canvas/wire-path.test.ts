import { beforeEach, expect, test, vi } from "vitest";
import { type WirePath, wirePath } from "../../../client/canvas/wire-path.ts";
import { generator } from "../../support/random.ts";

type Point = readonly [number, number];
type Box = readonly [x: number, y: number, width: number, height: number];

/** Remembers where a path has its corners; curves by their ends. */
class Corners {
  readonly points: Point[] = [];
  moveTo = (x: number, y: number) => this.points.push([x, y]);
  lineTo = (x: number, y: number) => this.points.push([x, y]);
  arcTo = (x: number, y: number) => this.points.push([x, y]);
  bezierCurveTo = (...[, , , , x, y]: number[]) => this.points.push([x, y]);
}
beforeEach(() => void vi.stubGlobal("Path2D", Corners));

const cornersOf = ({ path }: WirePath) => (path as unknown as Corners).points;
const wireOf = (from: Box, to: Box, out: number, into: number) =>
  wirePath([from[0] + from[2], from[1] + out], [to[0], to[1] + into], { box: from }, { box: to });

const isInside = ([x, y]: Point, [left, top, width, height]: Box) =>
  x > left && x < left + width && y > top && y < top + height;
const along = ([ax, ay]: Point, [bx, by]: Point) =>
  Array.from({ length: 24 }, (_, i): Point => [ax + ((bx - ax) * (i + 1)) / 25, ay + ((by - ay) * (i + 1)) / 25]);

test("a wire that runs backwards is behind neither of its cards, wherever they stand", () => {
  const random = generator(7);
  let tried = 0;
  while (tried < 200) {
    const some = (): Box => [random() * 600, random() * 600, 80 + random() * 160, 40 + random() * 300];
    const [from, to] = [some(), some()];
    const [gapX, gapY] = [0, 1].map(
      (axis) => Math.max(from[axis], to[axis]) - Math.min(from[axis] + from[axis + 2], to[axis] + to[axis + 2]),
    );
    const lieOnEachOther = gapX < 0 && gapY < 8;
    if (to[0] >= from[0] + from[2] || lieOnEachOther) continue;
    tried++;
    const points = cornersOf(wireOf(from, to, random() * from[3], random() * to[3]));
    const hidden = points.flatMap((point, i) => (i === 0 ? [] : along(points[i - 1], point)));
    expect(hidden.filter((point) => isInside(point, from) || isInside(point, to))).toEqual([]);
  }
});

test("of the ways above and below two cards side by side it takes the shorter", () => {
  const [left, right]: Box[] = [
    [0, 0, 100, 200],
    [200, 0, 100, 200],
  ];
  expect(wireOf(right, left, 40, 40).middle[1]).toBe(-14);
  expect(wireOf(right, left, 180, 180).middle[1]).toBe(214);
});

test("forwards it is one curve", () => {
  expect(cornersOf(wireOf([0, 0, 100, 200], [200, 0, 100, 200], 40, 40))).toEqual([
    [100, 40],
    [200, 40],
  ]);
});
