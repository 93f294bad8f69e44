import { describe, expect, test } from "vitest";
import type { Card } from "../../../../client/canvas/card.ts";
import type { Begin, Gesture, Press } from "../../../../client/canvas/gestures/gesture.ts";
import type { Stage } from "../../../../client/canvas/gestures/stage.ts";
import { gestureAt } from "../../../../client/canvas/gestures/table.ts";
import { emptyHand, type Hand } from "../../../../client/canvas/hand.ts";
import { cardAt, type Hit, type HitKind, outputOf, type SlotEnd, slotAt } from "../../../../client/canvas/hit.ts";
import type { CanvasHost, Spot } from "../../../../client/canvas/host.ts";
import { project } from "../../../../client/canvas/project.ts";
import { bestSlot, refusal } from "../../../../client/edit/fit.ts";
import { nodeOf } from "../../../../client/edit/graph.ts";
import { wired } from "../../../../client/edit/insert.ts";
import { newNode } from "../../../../graphs/document/index.ts";
import { catalogue } from "../../support/catalogue.ts";
import { example } from "../../support/graphs.ts";

const number = newNode({ id: 90, type: "guidegraph/number", pos: [4000, 4000] }, catalogue.definitions);
const guided = example("guided-ddim");
const graph = {
  ...guided,
  nodes: [...guided.nodes, number],
  groups: [{ title: "All", bounding: [-500, -500, 5000, 5000] as const }],
};
const none = () => undefined;
const lookups = { catalogue, fileFacts: none, watched: none, renews: () => false, classes: none, origin: none };

/** A stage on which nothing is painted, and what was asked of its host. */
function staged() {
  const projection = project(graph, lookups, (text) => 7 * text.length);
  const calls: unknown[][] = [];
  let hand: Hand = emptyHand;
  const host = new Proxy({} as CanvasHost, {
    get(_, name) {
      if (name === "refusal")
        return (...[held, node, slot]: Parameters<CanvasHost["refusal"]>) =>
          refusal(graph, catalogue, held, node, slot);
      if (name === "bestSlot")
        return (...[held, node]: Parameters<CanvasHost["bestSlot"]>) => bestSlot(graph, catalogue, held, node);
      return (...parameters: unknown[]) => {
        calls.push([name, ...parameters]);
        return name === "reroute" ? 99 : undefined;
      };
    },
  });
  const stage: Stage = {
    host,
    cards: projection.cards,
    groups: projection.graph._groups,
    selection: new Set(),
    view: { x: 0, y: 0, scale: 1 },
    zoom: none,
    toCanvas: (at) => at,
    toScreen: (at) => at,
    hitAt: () => ({ on: "nothing" }),
    slotAt: (at, reach) => slotAt(projection, at, reach),
    cardAt: (at) => cardAt(projection, at),
    outputOf: (link) => outputOf(projection, link),
    hold(next) {
      hand = next;
    },
    place: none,
    raise: none,
    mark: none,
    point: none,
  };
  const card = (title: string) => [...stage.cards.values()].find(({ look }) => look.title === title) as Card;
  const slot = (title: string, side: "input" | "output", name: string): SlotEnd => {
    const index = card(title)[`${side}s`].findIndex((slot) => slot.name === name);
    return { card: card(title), side, index, name };
  };
  return { stage, card, slot, calls, inHand: () => hand.holds, said: () => calls.filter(([name]) => name !== "tip") };
}

type Staged = ReturnType<typeof staged>;

const at = (x: number, y: number): Spot => ({ screen: [x, y], canvas: [x, y] });
const start = at(0, 0);
/** Where nothing lies. */
const away = at(-400, -800);
const press: Press = { at: start, isTouch: false, isDouble: false, shift: false, ctrl: false, alt: false };
const untold = {} as PointerEvent;

function drag(gesture: Gesture, to = away): void {
  gesture.move?.(start, { movementX: 0, movementY: 0 } as PointerEvent);
  gesture.move?.(to, untold);
  gesture.drop?.(to);
}

interface Case<On extends HitKind> {
  readonly hit: Hit<On>;
  /** What the host is then asked for, in order. */
  readonly click: readonly unknown[][];
  readonly drag: readonly unknown[][];
  readonly double: readonly unknown[][];
}

const cases: { readonly [On in HitKind]: (staged: Staged) => Case<On> } = {
  slot: ({ slot }) => ({
    hit: { on: "slot", ...slot("Noise", "output", "noise") },
    click: [],
    drag: [["palette", away, expect.objectContaining({ slot: "noise", side: "output", kind: "noise" })]],
    double: [],
  }),
  row: ({ card }) => {
    const { id, look } = card("Noise");
    const edited = [
      ["select", new Set([id])],
      ["edit", id, "seed", expect.anything()],
    ];
    return {
      hit: { on: "row", card: card("Noise"), row: look.rows.findIndex(({ name }) => name === "seed") },
      click: edited,
      drag: [
        ["select", new Set([id])],
        [
          "set",
          id,
          "seed",
          Math.max(0, Number(look.rows.find(({ name }) => name === "seed")?.value) - 100),
          expect.anything(),
        ],
      ],
      double: edited,
    };
  },
  opener: ({ card }) => {
    const { id } = card("Guided DDIM");
    return {
      hit: { on: "opener", card: card("Guided DDIM") },
      click: [["open", id]],
      drag: [],
      double: [["open", id]],
    };
  },
  edge: ({ card }) => {
    const { id } = card("Noise");
    const narrow = ["widen", id, 8, expect.anything()];
    return {
      hit: { on: "edge", card: card("Noise") },
      click: [["select", new Set([id])]],
      drag: [narrow, narrow],
      double: [["select", new Set([id])]],
    };
  },
  card: ({ card }) => {
    const { id, pos } = card("Guided DDIM");
    const selected = ["select", new Set([id])];
    return {
      hit: { on: "card", card: card("Guided DDIM") },
      click: [selected],
      drag: [selected, ["move", new Map([[id, [pos[0] - 400, pos[1] - 800]]]), new Map()]],
      double: [["open", id]],
    };
  },
  link: () => {
    const asked = [["menu", start, { on: "link", id: 1 }]];
    return { hit: { on: "link", id: 1 }, click: asked, drag: [], double: asked };
  },
  group: ({ stage }) => ({
    hit: { on: "group", index: 0 },
    click: [["select", new Set(stage.cards.keys())]],
    drag: [["move", expect.any(Map), new Map([[0, [-900, -1300]]])]],
    double: [["renameGroup", 0, expect.anything()]],
  }),
  nothing: () => ({
    hit: { on: "nothing" },
    click: [["select", new Set()]],
    drag: [],
    double: [["palette", start]],
  }),
};

for (const [on, caseOf] of Object.entries(cases)) {
  const begun = (more: Partial<Press> = {}) => {
    const on = staged();
    const { hit, ...wanted } = caseOf(on);
    return { ...on, wanted, gesture: gestureAt(on.stage, hit, { ...press, ...more }) };
  };
  test(`a click on a ${on} asks for what it says`, () => {
    const { gesture, wanted, said } = begun();
    gesture.click?.(start);
    expect(said()).toEqual(wanted.click);
  });
  test(`a drag from a ${on} asks once it is put down, and leaves nothing in hand`, () => {
    const { gesture, wanted, said, inHand } = begun();
    drag(gesture);
    expect(said()).toEqual(wanted.drag);
    expect(inHand()).toBe("nothing");
  });
  test(`a double click on a ${on} is no two clicks`, () => {
    const { gesture, wanted, said } = begun({ isDouble: true });
    gesture.click?.(start);
    expect(said()).toEqual(wanted.double);
  });
  test(`a drag from a ${on} that is given up edits nothing`, () => {
    const { gesture, said, inHand } = begun();
    gesture.move?.(start, { movementX: 0, movementY: 0 } as PointerEvent);
    gesture.cancel?.();
    expect(inHand()).toBe("nothing");
    expect(said().filter(([name]) => name !== "select" && name !== "widen")).toEqual([]);
  });
}

test("Ctrl draws a box, which selects what it touches; with Shift too what was selected", () => {
  const { stage, said, inHand } = staged();
  const gesture = gestureAt(stage, { on: "nothing" }, { ...press, at: at(-5000, -5000), ctrl: true });
  gesture.move?.(at(5000, 5000), untold);
  expect(inHand()).toBe("box");
  gesture.drop?.(at(5000, 5000));
  expect(said()).toEqual([["select", new Set(stage.cards.keys())]]);
});

test("Alt on a wire puts a point into it, which follows the pointer", () => {
  const { stage, said } = staged();
  drag(gestureAt(stage, { on: "link", id: 1 }, { ...press, alt: true }));
  expect(said()).toEqual([
    ["reroute", 1, [0, 0], expect.anything()],
    ["move", new Map([[99, [-8, -8]]]), new Map(), expect.anything()],
    ["move", new Map([[99, [-408, -808]]]), new Map(), expect.anything()],
  ]);
});

describe("a wire in hand", () => {
  const ends = () => {
    const on = staged();
    const labels = on.slot("Wanted shape", "output", "labels");
    const taker = on.slot("Build cond_fn", "input", "labels");
    const wish = { from: labels.card.id, output: "labels", to: taker.card.id, input: "labels" };
    const place = (end: SlotEnd) => at(...end.card.slotPlace(end.side, end.index));
    return { ...on, labels, taker, wish, place };
  };
  const pull = (stage: Stage, from: SlotEnd, to: Spot) => drag(gestureAt(stage, { on: "slot", ...from }, press), to);
  const tap = (stage: Stage, on: Hit) => {
    const gesture = gestureAt(stage, on, { ...press, isTouch: true });
    gesture.click?.(start);
    return gesture.linger?.();
  };

  test("ends at the slot that it is pulled to", () => {
    const { stage, labels, taker, wish, place, said } = ends();
    pull(stage, labels, place(taker));
    expect(said()).toContainEqual(["connect", wish, undefined]);
  });

  test("or that is tapped after its own", () => {
    const { stage, labels, taker, wish, said, inHand } = ends();
    const kept = tap(stage, { on: "slot", ...labels });
    expect(inHand()).toBe("wire");
    expect(kept?.click({ on: "slot", ...taker }, start)).toBe(false);
    expect(said()).toEqual([["connect", wish]]);
    expect(inHand()).toBe("nothing");
  });

  test("says why it does not fit, in the same words pulled or tapped", () => {
    const { stage, labels, slot, place, calls } = ends();
    const wrong = slot("Decode Image", "input", "x");
    pull(stage, labels, place(wrong));
    const pulled = calls.filter(([name, text]) => name === "tip" && text !== undefined);
    calls.length = 0;
    expect(tap(stage, { on: "slot", ...labels })?.click({ on: "slot", ...wrong }, start)).toBe(true);
    expect(calls.map(([, text]) => text)).toEqual([pulled[0][1]]);
    expect(pulled[0][1]).toContain("A list of labels does not fit “x”.");
  });

  test("on a parameter's row makes that an input; one that does not fit there goes to a slot of the card", () => {
    const { stage, card, slot, labels, said } = ends();
    const [taker, given] = [card("Noise"), slot("Number", "output", "number")];
    const onRow = (name: string): Stage => ({
      ...stage,
      slotAt: () => undefined,
      hitAt: () => ({ on: "row", card: taker, row: taker.look.rows.findIndex((row) => row.name === name) }),
      cardAt: () => taker,
    });
    pull(onRow("seed"), given, away);
    const wish = { from: 90, output: "number", to: taker.id, input: "seed" };
    expect(said()).toContainEqual(["connect", wish, undefined]);
    const next = wired(graph, catalogue, wish);
    expect(nodeOf(next, taker.id)?.inputs.map(({ name }) => name)).toContain("seed");
    pull(onRow("seed"), labels, away);
    expect(said()).toContainEqual([
      "connect",
      { from: labels.card.id, output: "labels", to: taker.id, input: "labels" },
      undefined,
    ]);
  });

  test("pulled off its input is the wire that was there: let go beside everything, it is gone", () => {
    const { stage, slot, said } = ends();
    const end = slot("Build cond_fn", "input", "labels");
    const link = graph.links.find(({ to, input }) => to === end.card.id && input === "labels");
    pull(stage, end, away);
    expect(said()).toEqual([["disconnect", link?.id]]);
  });
});

// @ts-expect-error what widens a note is told nothing of the view
const tooCurious: Begin<"edge", "host"> = ({ view }) => ({ click: () => view });
void tooCurious;
