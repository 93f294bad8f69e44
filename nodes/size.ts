/** How large a batch is, as far as it is known. */

/** N×C×H×W. */
export interface Size {
  readonly batch?: number;
  readonly channels?: number;
  /** In pixels. */
  readonly height?: number;
  readonly width?: number;
}

/** Elements of N×C×H×W; undefined where one of the sizes is not known. */
export const elementCount = ({ batch, channels, height, width }: Size): number | undefined =>
  batch === undefined || channels === undefined || height === undefined || width === undefined
    ? undefined
    : batch * channels * height * width;

/** Bytes of as many floats. */
export const floats = (size: Size): number => 4 * (elementCount(size) ?? 0);
