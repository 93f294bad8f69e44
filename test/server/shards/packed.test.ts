import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openPacked } from "../../../server/shards/packed.ts";
import { temporaryFolder } from "../../support/cli.ts";

const kept = { spools: {}, numbers: {}, gathered: {} };
const whole = { batches: [{ batch: 0, ms: 1, saved: [] }], kept, names: {}, rows: [], files: [] };

test.each([
  [whole, undefined],
  [{ ...whole, batches: [{ ...whole.batches[0], more: 1 }] }, 'batches: 0: Unrecognized key: "more"'],
  [{ ...whole, batches: [] }, /^batches: Too small/],
  [{ ...whole, files: [{ name: "../x", bytes: 1 }] }, /^files: 0: name: Invalid string/],
  [{ ...whole, files: [{ name: "x", bytes: 1 }] }, /has \d+ bytes where it speaks of \d+$/],
])("a result that says %j of itself is refused in one line: %s", async (about, said) => {
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, `${JSON.stringify(about)}\n`);
  const opened = await openPacked(path).catch((error: Error) => error.message.replace(/^.* what none does: /, ""));
  if (said === undefined) expect(opened).toMatchObject({ about });
  else expect(opened).toEqual(expect.stringMatching(said));
});
