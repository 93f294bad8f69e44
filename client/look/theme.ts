/** The colours of both themes. A canvas takes them as values, the DOM from `styles/tokens.css`, which is made of them. */

export type Theme = "dark" | "light";
/** What one chooses: one of them, or the system's. */
export type ThemeChoice = Theme | "system";

export interface Palette {
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly accent: string;
  readonly accentFill: string;
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
  readonly bar: string;
  readonly panel: string;
  readonly raised: string;
  readonly hover: string;
  readonly selected: string;
  readonly field: string;
  readonly range: string;
  /** Of a card on the canvas, and of what floats over it. */
  readonly shadow: string;
  readonly floatShadow: string;
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
    accentFill: "#2F6BE0",
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
    bar: "#181B20",
    panel: "#1C1F25",
    raised: "#252931",
    hover: "#2E333D",
    selected: "#23324D",
    field: "#15181D",
    range: "#2A3A55",
    shadow: "rgba(0,0,0,0.45)",
    floatShadow: "rgb(0 0 0 / 45%)",
    note: "#26231B",
    noteEdge: "#8C7034",
    tint: 0.11,
  },
  light: {
    text1: "#14171C",
    text2: "#434A57",
    text3: "#5C6471",
    accent: "#1B55C4",
    accentFill: "#2360D8",
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
    bar: "#FFFFFF",
    panel: "#F8F9FB",
    raised: "#ECEFF3",
    hover: "#E1E5EB",
    selected: "#E0EAFD",
    field: "#F1F3F6",
    range: "#CBDCF8",
    shadow: "rgba(30,40,60,0.16)",
    floatShadow: "rgb(30 40 60 / 18%)",
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
