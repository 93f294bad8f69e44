import fc from "fast-check";
import { expect, test } from "vitest";
import { toggleInput } from "../../../client/edit/graph.ts";
import { makeSubgraph } from "../../../client/edit/subgraph.ts";
import { spotsIn } from "../../../client/edit/trace.ts";
import { classesUnder, listed } from "../../../client/state/class-names.ts";
import { initialState } from "../../../client/state/state.ts";
import { documentBuilder, type GraphDocument, setParameter } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { catalogue } from "../support/catalogue.ts";

const models = [
  { id: "judge.pt", role: "classifier", facts: { classNames: ["circle", "square", "star"] } },
  { id: "other.pt", role: "unet", facts: { classNames: ["a", "b", "c"] } },
] as const;
const state = { ...initialState("dark", 1440), models };

interface Drawn {
  readonly classes?: string;
  /** Labels a batch, as written; 0 as the list. */
  readonly count?: number;
  readonly isSheet?: boolean;
}

/** Its pictures are saved one by one, or laid out in sheets; and of what saves them, the path. */
function graphWith({ classes = "", count = 0, isSheet = false }: Drawn) {
  const b = documentBuilder(nodes, { title: "x" });
  const model = b.add("guidegraph/load-unet", { file: "other.pt" }).out("model");
  const classifier = b.add("guidegraph/load-classifier", { file: "judge.pt" }).out("classifier");
  const labels = b.add("guidegraph/class-labels", { model, classes, count }).out("labels");
  b.add("guidegraph/class-labels", { classes: "1" });
  b.add("guidegraph/build-cond-fn", { classifier, labels });
  const images = b.add("guidegraph/load-image", { file: "a.npz" }).out("image");
  b.add("guidegraph/save-npz", { images, labels });
  b.add("guidegraph/save-png", { images: isSheet ? b.add("guidegraph/grid", { images }).out("image") : images });
  const graph = b.document();
  return { graph, path: String(graph.nodes.find(({ type }) => type === "guidegraph/save-png")!.id) };
}

/** Under each of `count` files of a run of so many batches. */
function under(drawn: Drawn, [count, batches]: readonly [number, number], labels?: readonly number[]) {
  const { graph, path } = graphWith(drawn);
  return Array.from({ length: count }, (_, index) => {
    const found = classesUnder(state, graph, { path, index, count, batches }, labels);
    return found && listed(found.names);
  });
}

test("each picture has the class that its run drew, called as the classifier beside the labels calls it", () => {
  expect(under({}, [4, 4], [2, 0, 1, 7])).toEqual(["star", "circle", "square", "7"]);
});

test("a sheet of several has those of its batch", () => {
  const drawn = { count: 2, isSheet: true };
  expect(under(drawn, [2, 2], [2, 0, 1, 1])).toEqual(["star, circle", "square × 2"]);
});

test("a sheet says how its pictures lie, unless a wire does", () => {
  const sheetOf = (
    of: Parameters<typeof graphWith>[0],
    change: (graph: GraphDocument) => GraphDocument = (same) => same,
  ) => {
    const { graph, path } = graphWith(of);
    return classesUnder(state, change(graph), { path, index: 0, count: 1, batches: 1 }, undefined)?.sheet;
  };
  const drawn = { classes: "2,0,1,2,0", isSheet: true };
  const idOf = ({ nodes }: GraphDocument) => nodes.find(({ type }) => type === "guidegraph/grid")!.id;
  const wide = (graph: GraphDocument) => setParameter(graph, `${idOf(graph)}.columns`, "2", nodes);
  const wired = (graph: GraphDocument) => ({ ...graph, ...toggleInput(graph, idOf(graph), "columns", "number") });
  expect(sheetOf(drawn)).toEqual({ columns: 3, gap: 2 });
  expect(sheetOf(drawn, wide)).toEqual({ columns: 2, gap: 2 });
  expect(sheetOf(drawn, wired)).toBeUndefined();
  expect(sheetOf({ ...drawn, isSheet: false })).toBeUndefined();
});

test("groups hide nothing: whatever of a graph is grouped, the same is said", () => {
  const shapes: readonly Drawn[] = [{ classes: "2,0" }, { classes: "2,0", isSheet: true }, { count: 2, isSheet: true }];
  fc.assert(
    fc.property(fc.constantFrom(...shapes), fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), (one, taken) => {
      const { graph, path } = graphWith(one);
      const ids = new Set(graph.nodes.map(({ id }) => id).filter((_, i) => taken[i]));
      fc.pre(ids.size > 0);
      const grouped = { ...graph, ...makeSubgraph(graph, ids, "Group", catalogue).graph };
      const saver = spotsIn(grouped).find(({ node }) => node.type === "guidegraph/save-png");
      const inside = [...(saver?.level ?? []), saver?.node.id].join("/");
      const [count, labels] = one.isSheet ? [1, [2, 0]] : [2, [2, 0]];
      const at = (path: string) => ({ path, index: 0, count, batches: 1 });
      expect(classesUnder(state, grouped, at(inside), labels)).toEqual(classesUnder(state, graph, at(path), labels));
    }),
  );
});

test("without labels of the run, what its graph asks for: a list is repeated from batch to batch", () => {
  expect(under({ classes: "2, 0" }, [4, 2], [])).toEqual(["star", "circle", "star", "circle"]);
  expect(under({ classes: "2,0,1", count: 2 }, [4, 2])).toEqual(["star", "circle", "square", "star"]);
  expect(under({ classes: "2,0,1", count: 2, isSheet: true }, [3, 3])).toEqual([
    "star, circle",
    "square, star",
    "circle, square",
  ]);
  expect(under({}, [1, 1], [])).toEqual(["random"]);
});

test("nothing is said where labels and files are not one to one, unless all are of one class", () => {
  const lists: readonly Drawn[] = [{ classes: "2,0,1" }, { classes: "2,0,1", count: 2 }];
  const drawn = lists.flatMap((one) => [one, { ...one, isSheet: true }]);
  fc.assert(
    fc.property(fc.constantFrom(...drawn), fc.integer({ min: 1, max: 12 }), fc.nat(60), (one, count, length) => {
      const each = one.isSheet ? (one.count ?? 3) : 1;
      fc.pre(length > 0 && length !== count * each);
      const labels = Array.from({ length }, (_, i) => i % 3);
      expect(new Set(under(one, [count, count], labels))).toEqual(new Set([undefined]));
      expect(under({ ...one, classes: "2,2,2" }, [count, count], labels)[0]).toBe("star");
    }),
  );
  expect(under({ classes: "2,0,1" }, [5, 2], [])[0]).toBeUndefined();
});

test("nothing is said where nothing is known", () => {
  const { graph } = graphWith({ classes: "2,0" });
  expect(classesUnder(state, undefined, undefined, undefined)).toBeUndefined();
  expect(classesUnder(state, graph, undefined, [2, 0])).toBeUndefined();
  expect(classesUnder(state, graphWith({ classes: "2" }).graph, undefined, [2, 2])).toEqual({ names: ["star"] });
  const b = documentBuilder(nodes, { title: "x" });
  b.add("guidegraph/load-unet", { file: "other.pt" });
  expect(classesUnder(state, b.document(), { path: "1", index: 0, count: 1, batches: 1 }, [])).toBeUndefined();
});
