/** A batch of pictures as one sheet: N×H×W×C bytes, in as many columns as make it square. */
export interface Sheet {
  readonly image: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
  /** Of one picture. */
  readonly cell: { readonly width: number; readonly height: number };
}

export function sheetOf([n, h, w, c]: readonly number[], bytes: Uint8Array): Sheet {
  const columns = Math.max(1, Math.ceil(Math.sqrt(n)));
  const rows = Math.max(1, Math.ceil(n / columns));
  const [width, height] = [columns * w, rows * h];
  const image = document.createElement("canvas");
  image.width = width;
  image.height = height;
  const ctx = image.getContext("2d") as CanvasRenderingContext2D;
  const data = ctx.createImageData(width, height);
  for (let i = 0; i < n; i++) {
    const [left, top] = [(i % columns) * w, Math.floor(i / columns) * h];
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const from = ((i * h + y) * w + x) * c;
        const to = ((top + y) * width + left + x) * 4;
        data.data[to] = bytes[from];
        data.data[to + 1] = bytes[from + (c > 1 ? 1 : 0)];
        data.data[to + 2] = bytes[from + (c > 2 ? 2 : 0)];
        data.data[to + 3] = 255;
      }
  }
  ctx.putImageData(data, 0, 0);
  return { image, width, height, cell: { width: w, height: h } };
}

/** A picture from a file, copied so that what it was decoded into can be let go. */
export function sheetFrom(bitmap: ImageBitmap): Sheet {
  const { width, height } = bitmap;
  const image = document.createElement("canvas");
  image.width = width;
  image.height = height;
  image.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { image, width, height, cell: { width, height } };
}
