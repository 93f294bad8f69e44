/** What is listed with --json: an object a line and nothing else, with what the lines for people say. */
import { expect, test } from "vitest";
import { guidegraph } from "../../support/cli.ts";

const listed = async (...args: string[]) => {
  const { code, out, err } = await guidegraph(args);
  expect(err).toEqual([]);
  return { code, lines: out.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

test("check tells what a run asks for, and notes at their nodes", async () => {
  const { code, lines } = await listed("check", "guided-ddim", "--batches", "3", "--json");
  expect(code).toBe(0);
  const asks = lines.at(-1)!;
  expect(asks).toMatchObject({ type: "asks", batches: 3, isOnCard: false, hasConditions: false });
  for (const name of ["nodes", "calls", "bytes", "files", "fileBytes"]) expect(asks[name]).toBeGreaterThan(0);
  const people = (await guidegraph(["check", "guided-ddim", "--batches", "3"])).out;
  expect(people[1]).toContain(`calls nodes ${(asks.calls as number).toLocaleString("en")} times`);
  expect(lines.filter(({ type }) => type === "note")).toHaveLength(people.filter((line) => /^note/.test(line)).length);
});

test("check tells each problem with node, title, port and message, and ends as without", async () => {
  const bad = ["check", "guided-ddim", "--set", "Noise.batch=-2", "--set", "Build cond_fn.scale=1e999"];
  const { code, lines } = await listed(...bad, "--json");
  const people = await guidegraph(bad);
  expect([code, people.code]).toEqual([1, 1]);
  expect(lines).toHaveLength(people.err.length);
  for (const [i, { type, node, title, port, message }] of lines.entries()) {
    expect(type).toBe("problem");
    expect(people.err[i]).toBe(`"${title}" (${node}), ${port}: ${message}`);
  }
});

test("models tells of each file what a plan goes by, or why nothing is known", async () => {
  const { lines } = await listed("models", "list", "--json");
  expect(lines.map(({ file }) => file)).toContain("shapes32_reader.onnx");
  for (const { error, sha256 } of lines) expect(error ?? sha256).toEqual(expect.any(String));
  const [about, ...more] = (await listed("models", "inspect", "shapes32_diffusion.pt", "--json")).lines;
  expect(more).toEqual([]);
  expect(about).toMatchObject({ role: "unet", architecture: "UNetModel", flags: { num_head_channels: 32 } });
  expect(about).toMatchObject({ facts: { classes: 11, nullLabel: 10, predicts: "x0" } });
  expect(lines.find(({ file }) => file === about.file)).toMatchObject({ facts: about.facts });
});
