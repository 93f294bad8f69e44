/**
 * What a system refuses at this moment and not for good: whoever passes it over takes what is there for gone. Not EIO: a disk
 * that is broken stays so, and must not keep what lies on others from being found.
 */
const isPassing = (error: unknown): boolean =>
  ["EMFILE", "ENFILE", "ENOMEM"].includes(String((error as { code?: unknown } | null)?.code));

/** For what is no folder, or a file that is none of those wanted: nothing, but what is refused at this moment is thrown. */
export const noneUnlessPassing =
  <T>(none: T) =>
  (error: unknown): T => {
    if (isPassing(error)) throw error;
    return none;
  };
