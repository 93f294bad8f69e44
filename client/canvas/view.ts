/** Where one looks: offset and scale, fitting, zooming about a point. Everything in CSS pixels. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}
export type Box = readonly [x: number, y: number, width: number, height: number];

const [smallest, largest] = [0.1, 3];

/** The point under (x, y) stays there. */
export function zoomAbout(view: View, x: number, y: number, factor: number): View {
  const scale = Math.min(largest, Math.max(smallest, view.scale * factor));
  return { x: view.x + x / scale - x / view.scale, y: view.y + y / scale - y / view.scale, scale };
}

export const unionOf = (boxes: readonly Box[]): Box => {
  const left = Math.min(...boxes.map(([x]) => x));
  const top = Math.min(...boxes.map(([, y]) => y));
  const right = Math.max(...boxes.map(([x, , w]) => x + w));
  const bottom = Math.max(...boxes.map(([, y, , h]) => y + h));
  return [left, top, right - left, bottom - top];
};

/** On a large screen a small graph opens larger. */
const largestFit = (width: number): number => (width >= 2400 ? 2 : width >= 1800 ? 1.5 : 1);

/** All of it centred, at most at `most`; where that is less than `least`, the upper left corner at `least`. */
export function fitView(
  [x, y, w, h]: Box,
  width: number,
  height: number,
  least: number,
  most = largestFit(width),
): View {
  const [marginX, marginTop, marginBottom] = [28, 60, 24];
  const room = Math.min((width - 2 * marginX) / w, (height - marginTop - marginBottom) / h);
  const scale = Math.max(least, Math.min(most, room));
  // What is only a little too wide takes of the margin.
  const spareX = Math.max(8 - marginX, (width - w * scale) / 2 - marginX);
  const spareY = Math.max(0, (height - marginTop - marginBottom - h * scale) / 2);
  return { x: (marginX + spareX) / scale - x, y: (marginTop + spareY) / scale - y, scale };
}
