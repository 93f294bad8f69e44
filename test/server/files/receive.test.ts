import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { Ballast } from "../../../server/files/ballast.ts";
import { receive } from "../../../server/files/receive.ts";
import { temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
const ballast = new Ballast(join(folder, "ballast"));
const send = (declared: number, to = ballast) =>
  receive(Readable.from([Buffer.from("abc")]), {
    ...{ folder, name: "a.pt", maxBytes: 2 ** 60, declared, ballast: to },
    look: async () => null,
  });

test("the disk is asked before a byte is written, for as much as is to come", async () => {
  await expect(send(2 ** 59)).rejects.toMatchObject({ reason: "disk full" });
  expect(readdirSync(folder)).toEqual([]);
  // Who does not say how much comes is refused where it was found full.
  await expect(send(0, { hasRoom: async () => false } as unknown as Ballast)).rejects.toThrow(/disk is full/);
  expect(await send(3)).toMatchObject({ isNew: true });
  expect(existsSync(join(folder, "a.pt"))).toBe(true);
  expect(await send(0)).toMatchObject({ isNew: false });
});
