import { expect, test } from "vitest";
import { GraphError } from "../../nodes/index.ts";
import { withKnown } from "../../runtime/index.ts";

const file = (name: string) => ({ file: name, sha256: "", flags: "" });

/** Files that are there or not, and how often each was looked up. */
function around() {
  const asked: string[] = [];
  const networks = {
    async network(_: string, { file }: { file: string }) {
      asked.push(file);
      if (file === "missing.pt") throw new GraphError("It is missing", "file");
      return { facts: { content: file } };
    },
  };
  const images = {
    async facts(id: string) {
      asked.push(id);
      return { content: id };
    },
  };
  const tensors = {
    async facts(id: string, array: string) {
      asked.push(`${id} ${array}`);
      return { content: id, type: "float32", dims: [1] };
    },
  };
  return { asked, files: { networks: networks as never, images, tensors } };
}

test("an attempt is repeated until every file it asks for is known, and each is looked up once", async () => {
  const { asked, files } = around();
  let attempts = 0;
  const result = await withKnown(files, (known) => {
    attempts++;
    const first = known.network("unet", file("a.pt")).content;
    return [first, known.network("unet", file("a.pt")).content, known.image(`${first}.png`).content];
  });
  expect(result).toEqual(["a.pt", "a.pt", "a.pt.png"]);
  expect(asked).toEqual(["a.pt", "a.pt.png"]);
  expect(attempts).toBe(3);
});

test("what a file has wrong is thrown where it is asked for, so that a planner may go on and collect", async () => {
  const { files } = around();
  const problems = await withKnown(files, (known) => {
    try {
      known.network("unet", file("missing.pt"));
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(problems).toBe("It is missing");
});

test("the last attempt's own error is passed on", async () => {
  const { files } = around();
  await expect(withKnown(files, () => Promise.reject(new Error("no graph")))).rejects.toThrow("no graph");
});

test("what the last plan asked is looked up before the next is tried: mostly one attempt is enough", async () => {
  const { asked, files } = around();
  let attempts = 0;
  const attempt = () =>
    withKnown(files, (known) => {
      attempts++;
      return [known.network("unet", file("a.pt")).content, known.image("a.png").content];
    });
  await attempt();
  expect(attempts).toBe(3);
  expect(await attempt()).toEqual(["a.pt", "a.png"]);
  expect(attempts).toBe(4);
  expect(asked).toEqual(["a.pt", "a.png", "a.pt", "a.png"]);
});
