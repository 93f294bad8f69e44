/** The form that a checkpoint opens, without a page: what is looked up is waited for, and what is refused is of what stands there. */
import { expect, test } from "vitest";
import { bring } from "../../../client/actions/bringing.ts";
import { answer, readCommand, retype, settle, takePreset } from "../../../client/actions/model-form.ts";
import type { ModelForm } from "../../../server/protocol.ts";
import { editorWith } from "../support/editor.ts";

const ask = (flag: string, value = "") => ({ flag, help: "", value, from: "nobody" as const });
const blank: ModelForm = {
  role: "unet",
  tells: [],
  asks: [ask("num_heads"), ask("image_size")],
  presets: [],
  flags: "",
  notes: [],
  problem: "give --num_heads",
};
const sampling = "--timestep_respacing 10 --classifier_scale 3";

/** With its form open; lookups are answered when the test says so, in any order. */
async function stage() {
  const asked: { flags: string; command?: string }[] = [];
  const replies: ((form: ModelForm | Promise<never>) => void)[] = [];
  const settled: string[] = [];
  const commands: string[] = [];
  const editor = editorWith({
    api: {
      bringModel: async () => ({ waits: "w", name: "a.pt", form: blank }),
      models: async () => [],
      giveUpModel: async () => undefined,
      askModel: (_, given) => {
        asked.push(given);
        return new Promise((resolve) => replies.push(resolve));
      },
      settleModel: async (_, { flags }: { flags?: string; card?: string }) => {
        settled.push(flags ?? "");
        if (!flags?.includes("num_heads")) throw new Error("give --num_heads");
        return { id: "a.pt", role: "unet" as const };
      },
      command: async (command) => {
        commands.push(command);
        throw new Error("enough");
      },
    },
  });
  const bringing = bring(editor, [new File(["PK"], "a.pt")]);
  const form = () => (editor.state.overlay?.is === "modelForm" ? editor.state.overlay : undefined);
  await expect.poll(form).toBeDefined();
  const reply = async (i: number, form: Partial<ModelForm> | Error) => {
    await expect.poll(() => replies.length).toBeGreaterThan(i);
    replies[i](form instanceof Error ? Promise.reject(form) : { ...blank, ...form });
  };
  return { editor, form, asked, settled, commands, reply, bringing };
}

const told = { asks: [ask("num_heads", "4"), ask("image_size")], flags: "--num_heads 4", sampling };

test("what is added while a command is read waits for what that says, and is sampled as it says", async () => {
  const { editor, form, settled, commands, reply, bringing } = await stage();
  void readCommand(editor, "python image_sample.py --num_heads 4");
  const adding = settle(editor);
  void settle(editor);
  expect(settled).toEqual([]);
  expect(form()).toMatchObject({ isAdding: true, looking: expect.any(Promise) });
  await reply(0, told);
  await adding;
  await bringing;
  expect(settled).toEqual(["--num_heads 4 --num_heads 4"]);
  expect(form()).toBeUndefined();
  expect(editor.state.notice?.more).toContain(sampling);
  editor.state.notice?.action?.run();
  expect(commands).toEqual([`--model_path "a.pt" --batch_size 4 --num_samples 4 ${sampling}`]);
});

test("a command that is refused is not left out in silence: nothing is added before it is another", async () => {
  const { editor, form, settled, reply, asked } = await stage();
  answer(editor, "num_heads", "8");
  void readCommand(editor, "ls");
  const adding = settle(editor);
  await reply(0, new Error("This is no command\nat all"));
  await adding;
  expect(settled).toEqual([]);
  expect(form()).toMatchObject({ problem: "This is no command" });
  expect(form()?.isAdding).toBeUndefined();
  void readCommand(editor, "ls");
  await expect.poll(() => asked.length).toBe(2);
});

test.each<[string, (editor: Parameters<typeof answer>[0]) => unknown]>([
  ["a field is filled", (editor) => answer(editor, "num_heads", "4")],
  ["the command is typed anew", (editor) => retype(editor)],
  ["a command is read", (editor) => readCommand(editor, "--num_heads 4")],
  ["a preset is taken", (editor) => takePreset(editor, "--num_heads 4")],
  ["it is added again", (editor) => settle(editor)],
])("an old refusal goes when %s", async (_, act) => {
  const { editor, form } = await stage();
  await settle(editor);
  expect(form()).toMatchObject({ problem: "give --num_heads" });
  void act(editor);
  expect(form()?.problem).toBeUndefined();
});

test("what is typed while a command is read stays; each look begins with what the one before came to; none is done twice", async () => {
  const { editor, form, asked, reply } = await stage();
  answer(editor, "num_heads", "8");
  void readCommand(editor, "one");
  void readCommand(editor, " one ");
  const second = readCommand(editor, "two");
  await expect.poll(() => asked.length).toBe(1);
  answer(editor, "image_size", "64");
  await reply(0, told);
  await expect
    .poll(() => asked)
    .toEqual([
      { flags: "--num_heads 8", command: "one" },
      { flags: "--num_heads 4 --image_size 64", command: "two" },
    ]);
  expect(form()?.edits).toEqual({ image_size: "64" });
  await reply(1, { flags: "--image_size 64" });
  await second;
  expect(form()).toMatchObject({ edits: {}, sampling });
  expect(form()?.looking).toBeUndefined();
});
