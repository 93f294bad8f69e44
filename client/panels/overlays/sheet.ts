/** A sheet of pictures taken apart, so that each has its class under it. The file is one picture; here its parts are shown. */
import { html, type TemplateResult } from "lit";

export interface Sheet {
  readonly url: string;
  readonly columns: number;
  /** Pixels of the picture between its parts. */
  readonly gap: number;
  /** Under each part, by rows. */
  readonly names: readonly string[];
}

/** A line of names below each row, with its space, in CSS pixels. */
const nameHeight = 24;
/** Between parts, in CSS pixels. */
const space = 8;

/** How large each part is, in pixels of the picture. */
function partOf({ columns, gap, names }: Sheet, width: number, height: number) {
  const rows = Math.ceil(names.length / columns);
  return { rows, width: (width - (columns - 1) * gap) / columns, height: (height - (rows - 1) * gap) / rows };
}

/** `size`: of the whole picture in its own pixels; `scale`: CSS pixels a pixel. */
export function sheetParts(sheet: Sheet, [width, height]: readonly [number, number], scale: number): TemplateResult {
  const part = partOf(sheet, width, height);
  const px = (pixels: number) => `${pixels * scale}px`;
  const figures = sheet.names.map((name, i) => {
    const [column, row] = [i % sheet.columns, Math.floor(i / sheet.columns)];
    const at = [column * (part.width + sheet.gap), row * (part.height + sheet.gap)]
      .map((offset) => px(-offset))
      .join(" ");
    const style = `width:${px(part.width)};height:${px(part.height)};background:url("${sheet.url}") ${at} / ${px(width)} ${px(height)}`;
    return html`<figure><div role="img" aria-label=${name} .style=${style}></div><figcaption title=${name} .style=${`width:${px(part.width)}`}>${name}</figcaption></figure>`;
  });
  return html`<div class="sheet" .style=${`grid-template-columns:repeat(${sheet.columns}, auto)`}>${figures}</div>`;
}

/** Whole CSS pixels a pixel, as many as fit with the names. */
export function fitScale(sheet: Sheet, size: readonly [number, number], room: readonly [number, number]): number {
  const part = partOf(sheet, ...size);
  const width = (room[0] - (sheet.columns - 1) * space) / (part.width * sheet.columns);
  const height = (room[1] - part.rows * (nameHeight + space)) / (part.height * part.rows);
  return wholeOrLess(Math.min(width, height));
}

/** All squares of one size where they are larger than a pixel of the screen. */
export const wholeOrLess = (fits: number): number => (fits >= 1 ? Math.floor(fits) : Math.max(fits, 0.05));
