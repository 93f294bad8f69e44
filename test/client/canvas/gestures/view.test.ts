import { expect, test } from "vitest";
import { pan } from "../../../../client/canvas/gestures/pan.ts";
import { pinch } from "../../../../client/canvas/gestures/pinch.ts";
import { zoom } from "../../../../client/canvas/gestures/zoom.ts";
import { type View, zoomAbout } from "../../../../client/canvas/view.ts";
import type { Point } from "../../../../client/edit/graph.ts";

/** A view in the upper left corner of the window. */
const looked = () => ({
  view: { x: 30, y: -40, scale: 0.5 } as View,
  zoom(factor: number, [x, y]: Point) {
    this.view = zoomAbout(this.view, x, y, factor);
  },
  point: () => undefined,
});
const under = ({ x, y, scale }: View, [px, py]: Point): Point => [px / scale - x, py / scale - y];
const expectPoint = (point: Point, wanted: Point) => {
  expect(point[0]).toBeCloseTo(wanted[0]);
  expect(point[1]).toBeCloseTo(wanted[1]);
};

test("pan keeps what was pressed under the pointer", () => {
  const stage = looked();
  const pressed = under(stage.view, [200, 100]);
  const gesture = pan(stage);
  gesture.move?.({ screen: [210, 130], canvas: [0, 0] }, { movementX: 10, movementY: 30 } as PointerEvent);
  gesture.move?.({ screen: [260, 90], canvas: [0, 0] }, { movementX: 50, movementY: -40 } as PointerEvent);
  expectPoint(under(stage.view, [260, 90]), pressed);
});

test.each([
  [100, 0.852],
  [-100, 1.174],
])("a wheel turned by %d zooms about the pointer", (deltaY, factor) => {
  const stage = looked();
  const pointed = under(stage.view, [300, 200]);
  zoom(stage, { deltaY, deltaMode: 0, ctrlKey: false, clientX: 300, clientY: 200 } as WheelEvent);
  expect(stage.view.scale / 0.5).toBeCloseTo(factor, 3);
  expectPoint(under(stage.view, [300, 200]), pointed);
});

test("pinch keeps what lies between two fingers between them", () => {
  const stage = looked();
  const [from, to, other]: Point[] = [
    [100, 100],
    [60, 140],
    [300, 220],
  ];
  const between = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const held = under(stage.view, between(from, other));
  pinch(stage, { from, to, other });
  expectPoint(under(stage.view, between(to, other)), held);
  expect(stage.view.scale).toBeGreaterThan(0.5);
});
