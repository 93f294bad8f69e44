/** The files that a plan asked for, as another machine needs them, with all that lies beside: an installation may come without any. */
import { stat } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { isNamedAs } from "../../nodes/index.ts";
import { cardName } from "../../onnx/index.ts";
import { type ToldFile, weightNames } from "../../runtime/index.ts";
import type { Reply } from "../channel/questions.ts";
import type { Engine } from "../engine/engine.ts";
import { fileAt } from "../files/file-at.ts";

type Ordered = Reply<"order">["files"][number];
type Located = Pick<Ordered, "of" | "id" | "path">;

/** Each once. */
export async function orderedFiles(engine: Engine, told: readonly ToldFile[]): Promise<Ordered[]> {
  const located = (await Promise.all(told.map((one) => locate(engine, one)))).flat();
  const each = new Map(located.map((file) => [JSON.stringify([file.of, file.id, file.path]), file]));
  return Promise.all(
    [...each.values()].map(async (file) => ({
      ...file,
      sha256: await engine.hashes.of(file.path),
      bytes: (await stat(file.path)).size,
    })),
  );
}

async function locate(engine: Engine, told: ToldFile): Promise<Located[]> {
  const { file: id } = told;
  if (told.kind === "model") return locateModel(engine, id, told.sha256);
  const { files } = engine;
  const found = await (told.kind === "image" ? files.image(id) : files.tensor(id));
  if (found && "pictures" in found)
    return found.pictures.flatMap(({ name, path }) =>
      path === undefined ? [] : [{ of: "images", id: id + name, path }],
    );
  return found?.path === undefined ? [] : [{ of: "images", id, path: found.path }];
}

/** With its card, and where it is an ONNX file with the weights that it says lie beside it. */
async function locateModel({ files, hashes }: Engine, id: string, sha256: string): Promise<Located[]> {
  for (const source of await files.models(id)) {
    const { path } = source;
    if (path === undefined || (sha256 !== "" && (await hashes.of(path)) !== sha256.toLowerCase())) continue;
    const weights =
      isNamedAs("model", id) && id.endsWith(".onnx") ? weightNames(await source.read(0, source.size)) : [];
    const beside = [cardName(basename(path)), ...weights];
    const there = await Promise.all(
      beside.map(async (name): Promise<Located[]> => {
        const at = await fileAt(join(dirname(path), name));
        return at === undefined ? [] : [{ of: "models", id: posix.join(posix.dirname(id), name), path: at }];
      }),
    );
    return [{ of: "models", id, path }, ...there.flat()];
  }
  return [];
}
