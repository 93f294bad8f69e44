/** What a node of ours is on the host's canvas: wide enough for its words, and showing what a run says of it. */
import { holdsGraph, structures } from "../../graphs/document/index.ts";
import type { HostCanvas, HostNode, LiteGraphHost } from "./host.ts";
import { growFor, pushDown } from "./room.ts";
import { dotOf, drawView, idle, saidBy, type View } from "./view.ts";
import { widthOf } from "./widgets.ts";

export interface CanvasNode extends HostNode {
  readonly view: View;
  /** Shows what a run says of it. */
  show(view: View): void;
  /** Makes it as large as what is on it, where it is smaller. */
  grow(): void;
  /** After slots came or went: as high as they and the widgets are, unless a picture has the room below. */
  shrink(): void;
}

export function canvasNode(host: LiteGraphHost, type: string): new (title: string) => CanvasNode {
  const holds = holdsGraph({ type });

  return class extends host.LGraphNode implements CanvasNode {
    view: View = idle;
    #bodyHeight = 0;

    override computeSize(out?: Float32Array): ArrayLike<number> {
      const size = super.computeSize(out);
      this.#bodyHeight = size[1];
      if (type === structures.reroute) return size;
      const widths = (this.widgets ?? []).map(widthOf);
      const head = 8 * this.title.length + 44 + (holds ? host.NODE_TITLE_HEIGHT : 0);
      return [Math.ceil(Math.max(size[0], head, ...widths)), size[1]];
    }

    grow(): void {
      const [width, height] = this.computeSize() as [number, number];
      const { size } = this;
      if (size[0] < width || size[1] < height) this.setSize([Math.max(size[0], width), Math.max(size[1], height)]);
    }

    shrink(): void {
      const [width, height] = this.computeSize() as [number, number];
      if (!this.view.picture) this.setSize([Math.max(this.size[0], width), height]);
    }

    show(view: View): void {
      if (saidBy(view) !== undefined && saidBy(this.view) === undefined) toFront(this);
      this.view = view;
      if (view.picture) {
        this.computeSize();
        if (growFor(this, this.#bodyHeight, view.picture)) pushDown(this, host.NODE_TITLE_HEIGHT);
      }
      this.setDirtyCanvas(true, true);
    }

    onDrawForeground(ctx: CanvasRenderingContext2D, canvas: HostCanvas): void {
      const collapsed = this.flags.collapsed === true;
      drawView(ctx, this.view, {
        size: collapsed ? [this._collapsed_width ?? this.size[0], 0] : this.size,
        titleHeight: host.NODE_TITLE_HEIGHT,
        bodyHeight: this.#bodyHeight,
        collapsed,
        far: canvas.ds.scale < 0.6,
      });
    }

    onDrawTitleBox(ctx: CanvasRenderingContext2D, height: number): void {
      ctx.fillStyle = dotOf(this.view, this.boxcolor, host.NODE_DEFAULT_BOXCOLOR);
      ctx.beginPath();
      ctx.arc(height / 2, -height / 2, 5, 0, 2 * Math.PI);
      ctx.fill();
    }
  };
}

/** litegraph paints in the order of the graph's nodes, and puts a node that is clicked last: so is one with a message. */
function toFront(node: HostNode): void {
  const { _nodes: nodes = [] } = node.graph ?? {};
  const at = nodes.indexOf(node);
  if (at >= 0) nodes.push(...nodes.splice(at, 1));
}
