interface Offering {
  /** What is said where there are none. */
  readonly otherwise?: string;
  /** What they are, before them. */
  readonly what?: string;
  readonly mark?: ";" | ":";
}

/** A clause behind a refusal, of names that may have been meant; "" where there is nothing to say. */
export function didYouMean(names: readonly string[], { otherwise = "", what = "", mark = ";" }: Offering = {}): string {
  const said = names.length > 0 ? `did you mean ${what}${names.join(" or ")}?` : otherwise;
  return said === "" ? "" : `${mark} ${said}`;
}
