import { expect, test } from "vitest";
import { arrange, type Extent } from "../../../client/edit/arrange.ts";
import { type Layout, tangleOf } from "../../../client/edit/tangle.ts";
import { untangled } from "../../../client/edit/untangle.ts";
import { example } from "../support/graphs.ts";

const card: Extent = { width: 160, height: 120, head: 28, shows: false, inputs: { x: 44, z: 64 }, outputs: { y: 44 } };
const link = (id: number, from: number, to: number, input = "x") => ({ id, from, output: "y", to, input });
const layout = (columns: readonly (readonly number[])[]): Layout => ({ columns, lead: new Map() });

test("tangleOf counts a wire behind a card, a crossing and a wire that runs up again", () => {
  const three = new Map([1, 2, 3].map((id) => [id, card]));
  const past = tangleOf([link(1, 1, 3)], three);
  expect(past(layout([[1], [2], [3]]))).toBeGreaterThan(past({ columns: [[1], [2], [3]], lead: new Map([[2, 160]]) }));
  const four = new Map([1, 2, 3, 4].map((id) => [id, card]));
  const pair = tangleOf([link(1, 1, 3), link(2, 2, 4)], four);
  const straight = [
    [1, 2],
    [3, 4],
  ];
  const crossed = [
    [1, 2],
    [4, 3],
  ];
  expect(pair(layout(crossed))).toBeGreaterThan(pair(layout(straight)));
  const column = tangleOf([link(1, 1, 2)], new Map([1, 2].map((id) => [id, card])));
  expect(column(layout([[2, 1]]))).toBeGreaterThan(column(layout([[1, 2]])) + 500);
});

test("untangled takes a crossing apart and leaves a straight chain alone", () => {
  const four = new Map([1, 2, 3, 4].map((id) => [id, card]));
  const links = [link(1, 1, 3), link(2, 2, 4)];
  const start = layout([
    [1, 2],
    [4, 3],
  ]);
  const price = tangleOf(links, four);
  expect(price(untangled([start], links, four))).toBeLessThan(price(start));
  const chain = [link(1, 1, 2), link(2, 2, 3)];
  const row = new Map([1, 2, 3].map((id) => [id, card]));
  expect(untangled([layout([[1], [2], [3]])], chain, row).columns).toEqual([[1], [2], [3]]);
});

test("arrange lays the same graph out the same way each time", () => {
  const graph = example("guided-ddim");
  const extents = new Map(graph.nodes.map(({ id, inner }) => [id, { ...card, shows: inner !== undefined }]));
  expect([...arrange(graph, extents)]).toEqual([...arrange(graph, extents)]);
});
