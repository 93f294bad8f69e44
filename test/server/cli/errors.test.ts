import { expect, test } from "vitest";
import { GraphError } from "../../../nodes/index.ts";
import { linesOf } from "../../../server/cli/errors.ts";
import { TooLittleRoom } from "../../../server/files/disk-full.ts";

const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

test.each([
  [new Error("It is wrong\n\nand so is this"), ["It is wrong", "and so is this"]],
  [new GraphError("too large", "size", "7"), ["node 7, size: too large"]],
  [full, [expect.stringMatching(/^The disk is full: free some space, then start it again$/)]],
  [
    new Error("Cannot write a.png", { cause: full }),
    [expect.stringMatching(/^Cannot write a.png: the disk is full; free/)],
  ],
  [
    new Error(`Cannot write a.png: ${full.message}`, { cause: full }),
    [expect.stringMatching(/^Cannot write a.png: the disk/)],
  ],
  [
    Object.assign(new Error("ENOSPC: no space left on device, open '/b/a.png'"), { code: "ENOSPC" }),
    [expect.stringMatching(/^Cannot write \/b\/a.png: the disk is full; free/)],
  ],
  [new TooLittleRoom("It takes 3 GiB"), ["It takes 3 GiB"]],
])("%s is said so", (error, lines) => {
  expect(linesOf(error)).toEqual(lines);
});
