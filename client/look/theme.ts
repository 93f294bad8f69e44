/** The colours that a canvas needs as values; what stands in the DOM takes the same from tokens.css. */

export type Theme = "dark" | "light";

export interface Palette {
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly ok: string;
  readonly warn: string;
  readonly bad: string;
  readonly badFill: string;
  readonly badSoft: string;
  readonly control: string;
  readonly canvas: string;
  readonly dots: string;
  readonly node: string;
  readonly head: string;
  readonly outline: string;
  readonly line: string;
  readonly field: string;
  readonly range: string;
  readonly shadow: string;
  /** The paper of a note, and its edge. */
  readonly note: string;
  readonly noteEdge: string;
  /** How much of its hue a node's head has. */
  readonly tint: number;
}

export const palettes: Readonly<Record<Theme, Palette>> = {
  dark: {
    text1: "#ECEEF2",
    text2: "#B7BDC9",
    text3: "#9BA3B2",
    accent: "#7FB0FF",
    ok: "#4CCB91",
    warn: "#F2B84B",
    bad: "#FF7B7B",
    badFill: "#C93A3F",
    badSoft: "#3A2226",
    control: "#6E7786",
    canvas: "#121418",
    dots: "#262B34",
    node: "#1F232A",
    head: "#262B33",
    outline: "#3A414E",
    line: "#2F343E",
    field: "#15181D",
    range: "#2A3A55",
    shadow: "rgba(0,0,0,0.45)",
    note: "#26231B",
    noteEdge: "#8C7034",
    tint: 0.11,
  },
  light: {
    text1: "#14171C",
    text2: "#434A57",
    text3: "#5C6471",
    accent: "#1B55C4",
    ok: "#0E6B3E",
    warn: "#7F4E00",
    bad: "#B3232A",
    badFill: "#C22F35",
    badSoft: "#FCEDED",
    control: "#7E8693",
    canvas: "#EFF1F4",
    dots: "#D3D8DF",
    node: "#FFFFFF",
    head: "#F3F5F8",
    outline: "#C3CAD4",
    line: "#DCE0E7",
    field: "#F1F3F6",
    range: "#CBDCF8",
    shadow: "rgba(30,40,60,0.16)",
    note: "#FBF4DE",
    noteEdge: "#CFA23A",
    tint: 0.1,
  },
};

/** `share` of one colour laid over another; both #RRGGBB. */
export function mix(over: string, ground: string, share: number): string {
  const part = (colour: string, i: number) => Number.parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  const parts = [0, 1, 2].map((i) => Math.round(part(over, i) * share + part(ground, i) * (1 - share)));
  return `rgb(${parts.join(",")})`;
}
