import { expect, test } from "vitest";
import { growFor, hasRoom, pushDown } from "../../../client/plugin/room.ts";
import { wrapped } from "../../../client/plugin/wrapped.ts";
import { added, LGraph } from "./host.ts";

test("a node grows once for a picture, keeping its width, and no more than a large picture asks", () => {
  const node = added(new LGraph(), "preview");
  const [width, body] = [...(node.size as number[])];
  expect(growFor(node, body, { width: 64, height: 64 })).toBe(true);
  expect([node.size[0], node.size[1]]).toEqual([width, body + width - 20 + 10]);
  expect(growFor(node, body, { width: 64, height: 640 })).toBe(false);
  expect(hasRoom(node, body)).toBe(true);
});

test("what lay below a grown node moves down with what lies below that; pinned nodes and others stay", () => {
  const graph = new LGraph();
  const [top, middle, bottom, beside, pinned] = ["preview", "preview", "preview", "preview", "preview"].map(
    (type, i) => {
      const node = added(graph, type);
      node.pos = [i === 3 ? 900 : 0, i * 100];
      node.setSize([200, 40]);
      return node;
    },
  );
  pinned.flags.pinned = true;
  beside.pos = [900, 50];
  top.setSize([200, 240]);
  pushDown(top, 30);
  expect([top, middle, bottom, beside, pinned].map(({ pos }) => [...(pos as number[])].slice(0, 2))).toEqual([
    [0, 0],
    [0, 294],
    [0, 388],
    [900, 50],
    [0, 400],
  ]);
});

test("a text is broken at its spaces; a word too long for a line has one to itself", () => {
  const measure = (text: string) => text.length;
  expect(wrapped("one two  three", 7, measure)).toEqual(["one two", "three"]);
  expect(wrapped("a enormously b", 5, measure)).toEqual(["a", "enormously", "b"]);
});
