/**
 * The litegraph class of a node type. What it has (slots, widgets) follows from its ports, and these from its definition
 * or, for what holds a graph, from the graph inside it: asked of graphs/document, as the planner does.
 */
import { holdsGraph, isBorder as isBorderNode, own, portsOf, structures } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { borderFields, freeNameOf, renamed } from "./border.ts";
import { canvasNode } from "./canvas-node.ts";
import { classLook, helpOf } from "./class-look.ts";
import { type GuideNode, isGuideNode } from "./guide-node.ts";
import type { HostCanvas, HostGraph, HostPanel, HostSlot, LiteGraphHost, MenuEntry } from "./host.ts";
import { addBorder, innerGraph, removeBorder } from "./inner.ts";
import { refreshReroutes, touchesReroute } from "./reroutes.ts";
import { seenNode } from "./seen.ts";
import { bare, cutStrangers, setSlots } from "./slots.ts";
import { stamp, writtenFor } from "./versions.ts";
import {
  blanksOf,
  currentValue,
  type Field,
  fieldsOf,
  fitted,
  type KnownFiles,
  misfit,
  propertyInfo,
  show,
  widgetFor,
} from "./widgets.ts";

export interface Around {
  readonly host: LiteGraphHost;
  readonly catalogue: Catalogue;
  readonly files: KnownFiles;
}

export function nodeClass(description: NodeDescription, { host, catalogue, files }: Around): new () => GuideNode {
  const { type, title, version } = description;
  const ownInputs = new Set(description.inputs.map(({ name }) => name));
  const isNote = type === structures.note;
  const holds = holdsGraph(description);
  const isBorder = isBorderNode(description);

  class Node extends canvasNode(host, type) implements GuideNode {
    declare readonly subgraph?: HostGraph;
    #fields: readonly Field[] = [];
    /** What can be typed in a wire's place, and is not. */
    #open: ReadonlyMap<string, unknown> = new Map();
    #quiet = 0;
    /** The version of the definition that its properties are written for. */
    #version = version;

    constructor() {
      super(title);
      this.type = type;
      if (holds) this.subgraph = innerGraph(this, host);
      this.follow();
      this.setSize(this.computeSize());
    }

    // Ports

    follow(cut = false): void {
      if (this.#quiet > 0) return;
      this.#quiet++;
      const ports = portsOf(seenNode(this, this.subgraph), catalogue.definitions) ?? { inputs: {}, outputs: {} };
      if (cut) for (const side of ["inputs", "outputs"] as const) cutStrangers(this, side, ports[side]);
      const [entering, leaving] = (["inputs", "outputs"] as const).map((side) =>
        setSlots(this, side, ports[side], host),
      );
      // Its own ports are none of the graph inside: litegraph's panel of that leaves them out.
      for (const slot of this.inputs)
        if (description.structure && ownInputs.has(slot.name)) slot.not_subgraph_input = true;
      this.#fields = isBorder ? borderFields : fieldsOf(ports.inputs);
      this.#open = holds ? blanksOf(ports.inputs) : new Map();
      this.#showFields();
      this.#quiet--;
      this.grow();
      if (this.graph && (entering || leaving)) this.#told(this.graph);
    }

    quietly(change: () => void): void {
      this.#quiet++;
      try {
        change();
      } finally {
        this.#quiet--;
      }
      this.follow();
    }

    #told(graph: HostGraph): void {
      if (touchesReroute(this)) refreshReroutes(graph);
      const holder = graph._subgraph_node;
      if (isGuideNode(holder)) holder.follow(true);
    }

    onAdded(graph: HostGraph): void {
      if (isBorder) this.setProperty("name", freeNameOf(this, graph));
    }

    onConnectionsChange(): void {
      if (this.#quiet === 0 && this.graph && touchesReroute(this)) refreshReroutes(this.graph);
    }

    /** The parameters that can become inputs: litegraph's menu "Inputs" adds the slot, "Remove Slot" gives the widget back. */
    onGetInputs(): [string, string][] {
      return this.#widgetFields()
        .filter(({ parameter }) => !parameter.prose)
        .map(({ name, kind }) => [name, kind]);
    }

    onInputAdded(slot: HostSlot): void {
      this.#byHand("inputs", slot, addBorder);
    }
    onOutputAdded(slot: HostSlot): void {
      this.#byHand("outputs", slot, addBorder);
    }
    onInputRemoved(_index: number, slot: HostSlot): void {
      this.#byHand("inputs", slot, removeBorder);
    }
    onOutputRemoved(_index: number, slot: HostSlot): void {
      this.#byHand("outputs", slot, removeBorder);
    }

    /** A slot came or went in litegraph's menus: a parameter's, or a port that is a node in the graph inside. */
    #byHand(side: "inputs" | "outputs", slot: HostSlot, change: typeof addBorder): void {
      if (this.#quiet > 0) return;
      const isParameter = this.#fields.some(({ name }) => name === slot.name);
      if (this.subgraph && !isParameter) change(this.subgraph, side, slot, host);
      this.follow();
      this.shrink();
    }

    // Parameters

    /** A graph input's name is its title: its fields are in litegraph's panel of properties, not on the node. */
    #widgetFields(): Field[] {
      if (isBorder) return [];
      return this.#fields.filter(({ name }) => !this.inputs.some((slot) => slot.name === name));
    }

    #showFields(): void {
      const hidden = new Set(this.inputs.map(({ name }) => name));
      for (const field of this.#fields)
        if (!hidden.has(field.name)) this.properties[field.name] = currentValue(this.properties, field);
      this.widgets = this.#widgetFields().map((field) => {
        const value = currentValue(this.properties, field);
        const widget = widgetFor(field, files);
        show(widget, field, value);
        return widget;
      });
    }

    /** What is entered is made to fit, and that is said; what does not fit is not taken. */
    override setProperty(given: string, value: unknown): void {
      const name = isBorder && given === "type" ? "kind" : given;
      const field = this.#fields.find((one) => one.name === name);
      const before = own(this.properties, name);
      const next = field ? fitted(field, value) : value;
      if (next !== undefined && next !== before) {
        this.properties[name] = next;
        (this as { onPropertyChanged?(name: string, value: unknown, before: unknown): void }).onPropertyChanged?.(
          name,
          next,
          before,
        );
        if (isBorder) this.#borderChanged(name, before);
        if (this.#open.has(name)) this.follow();
        // A hash was of the file that was named before.
        for (const pin of this.#fields) if (pin.parameter.pins === name) this.setProperty(pin.name, "");
      }
      const widget = this.widgets?.find(({ options }) => options.property === name);
      if (field && widget) show(widget, field, currentValue(this.properties, field));
      if (field) this.#said(name, misfit(field, value, next));
      this.grow();
      this.setDirtyCanvas(true, true);
    }

    /** Below the node, until it is entered as it may be or a run says something. */
    #said(name: string, note: string | undefined): void {
      if (note !== undefined || this.view.note?.startsWith(`${name}: `)) this.show({ ...this.view, note });
    }

    #borderChanged(name: string, before: unknown): void {
      if (name === "name") renamed(this, String(before), title);
      this.follow();
      if (this.graph) this.#told(this.graph);
    }

    onGetPropertyInfo(name: string): Record<string, unknown> | undefined {
      const field = this.#fields.find((one) => one.name === name);
      return field && propertyInfo(field);
    }

    // Files

    override configure(info: object): void {
      this.#quiet++;
      try {
        this.properties = {};
        // litegraph writes a file's slots over those that are there, index by index.
        this.inputs = [];
        this.outputs = [];
        super.configure(info);
      } finally {
        this.#quiet--;
      }
      this.#version = writtenFor(this.graph, type) ?? version;
      this.follow();
      if (type === structures.reroute) this.setSize(this.computeSize());
      if (this.graph && touchesReroute(this)) refreshReroutes(this.graph);
    }

    override serialize(): object {
      if (this.graph) stamp(this.graph, type, this.#version);
      return {
        ...super.serialize(),
        inputs: this.inputs.map(bare),
        outputs: this.outputs.map(bare),
        ...(this.subgraph && { subgraph: this.subgraph.serialize() }),
      };
    }

    // The canvas

    onDblClick(event: unknown, _at: unknown, canvas: HostCanvas): void {
      const { subgraph } = this;
      // As litegraph's own subgraph does: after the click is over.
      if (subgraph) setTimeout(() => canvas.openSubgraph(subgraph), 10);
      if (isNote) canvas.prompt("Note", this.properties.text, (text) => this.setProperty("text", text), event, true);
    }

    getExtraMenuOptions(canvas: HostCanvas): MenuEntry[] {
      const { subgraph } = this;
      const seeds = this.#widgetFields().filter(({ parameter }) => parameter.seed);
      const set = (name: string, value: () => unknown) => () => this.setProperty(name, value());
      return [
        ...(subgraph ? [{ content: "Open", callback: () => canvas.openSubgraph(subgraph) }] : []),
        ...[...this.#open].map(([name, blank]) => ({ content: `Type ${name}`, callback: set(name, () => blank) })),
        ...seeds.map(({ name }) => ({ content: "Draw a new seed", callback: set(name, newSeed) })),
        { content: "Help and properties", callback: () => canvas.showShowNodePanel(this) },
      ];
    }

    /** litegraph's panel of a node shows its description and properties; this adds what is known of its ports. */
    onShowCustomPanelInfo(panel: HostPanel): void {
      for (const line of helpOf(description)) panel.addHTML(line);
    }
  }
  return Object.assign(Node, classLook(description, host));
}

const newSeed = () => Math.floor(Math.random() * 2 ** 32);
