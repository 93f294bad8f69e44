import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../../../server/flags/errors.ts";
import { shellCommands } from "../../../server/sample/shell.ts";
import { sampleArguments, sampleCommand } from "../../../server/sample/words.ts";

const shellWords = (text: string) => shellCommands(text).flat();

test("shellWords parts words as a shell does: quotes, backslashes, lines that go on, comments", () => {
  expect(shellWords('a  \'b c\' "d \\" e" f\\ g')).toEqual(["a", "b c", 'd " e', "f g"]);
  expect(shellWords("--channel_mult \"\" --out='x'y")).toEqual(["--channel_mult", "", "--out=xy"]);
  expect(shellWords("a \\\n  b \\\r\n c # not this\nd")).toEqual(["a", "b", "c", "d"]);
  expect(shellWords("a#b '#' # c")).toEqual(["a#b", "#"]);
});

test("shellWords sets and uses variables, and parts those that are not quoted", () => {
  expect(shellWords(`A="--x 1"\nB=2; run $A "$A" $\{B}3`)).toEqual(["run", "--x", "1", "--x 1", "23"]);
  expect(shellWords("A=1 run '$A'")).toEqual(["run", "$A"]);
  expect(() => shellWords("run $MODEL_FLAGS")).toThrow(
    "The command uses $MODEL_FLAGS: paste the line that sets it, too",
  );
  expect(() => shellWords('run "open')).toThrow('A quote is opened and not closed: "open');
});

test("sampleArguments finds what stands after the script", () => {
  const flags = ["--model_path", "m.pt", "--batch_size", "4"];
  const command =
    'SAMPLE_FLAGS="--batch_size 4"\nmpiexec -n 8 python scripts/classifier_sample.py --model_path m.pt $SAMPLE_FLAGS';
  expect(sampleArguments(command)).toEqual(flags);
  expect(sampleArguments("npx guidegraph sample --model_path m.pt --batch_size 4")).toEqual(flags);
  expect(sampleArguments("--model_path m.pt --batch_size 4")).toEqual(flags);
  expect(sampleArguments("python image_sample.py --classes=3 A=1")).toEqual(["--classes=3", "A=1"]);
  expect(() => sampleArguments("python classifier_train.py --lr 1e-4")).toThrow("This is no sampling command");
});

test("variables that double with each line are refused in one line, and soon", () => {
  const lines = Array.from({ length: 60 }, (_, i) => `V${i + 1}="$V${i} $V${i}"`);
  const started = performance.now();
  expect(() => shellWords(`V0=--eta\n${lines.join("\n")}\npython classifier_sample.py $V60`)).toThrow(
    /^The command's variables come to more than 100000 characters \(at \$V\d+\)$/,
  );
  expect(performance.now() - started).toBeLessThan(1_000);
});

const flags = ["--model_path", "m.pt", "--batch_size", "4"];
/** Commands as people keep them, and the flags that all of them give. */
const commands: Record<string, string> = {
  "python -m": "python -m guided_diffusion.scripts.image_sample --model_path m.pt --batch_size 4",
  "lines of cmd.exe": "python scripts\\image_sample.py ^\r\n  --model_path m.pt ^\r\n  --batch_size 4",
  "variables of cmd.exe": "set FLAGS=--batch_size 4\npython .\\image_sample.py --model_path m.pt %FLAGS%",
  "lines of PowerShell": "python .\\scripts\\image_sample.py `\n --model_path m.pt `\n --batch_size 4",
  redirections: "python image_sample.py --model_path m.pt > log.txt 2>&1 --batch_size 4 < in &>> all.txt",
  "a pipe": "cat x | python image_sample.py --model_path m.pt --batch_size 4 2>/dev/null | tee --append log.txt",
  "commands beside it":
    "cd guided-diffusion && mkdir -p out; python image_sample.py --model_path m.pt --batch_size 4 & wait",
  "an array": `FLAGS=(--model_path m.pt\n  --batch_size 4)\npython image_sample.py "$\{FLAGS[@]}"`,
  "an array that grows": `A=(--model_path m.pt)\nA+=(--batch_size 4)\npython image_sample.py $\{A[*]}`,
  "a variable that grows": 'A="--model_path m.pt"\nA+=" --batch_size 4"\npython image_sample.py $A',
  "a default": `python image_sample.py --model_path $\{MODEL:-m.pt} --batch_size $\{N-4}`,
  "an exported variable":
    "export F='--model_path m.pt'\nOMP_NUM_THREADS=1 nohup python image_sample.py $F --batch_size 4 &",
  "a fork's script": "accelerate launch my_sample.py --model_path m.pt --batch_size 4",
  "a fence of Markdown": "```bash\npython image_sample.py --model_path m.pt --batch_size 4\n```",
  "ticks of Markdown": "`python image_sample.py --model_path m.pt --batch_size 4`",
  "a document's dashes and quotes": "python image_sample.py —model_path “m.pt” –batch_size ‘4’",
  "blanks that are not seen": "python image_sample.py\u00a0--model_path m\u200b.pt --batch_size 4",
  "blanks behind backslashes": "python image_sample.py \\ \n --model_path m.pt \\\t\r\n --batch_size 4",
  "comments between its lines":
    "python image_sample.py \\ # the net\n --model_path m.pt \\\n # --eta 1 \\\n --batch_size 4",
  "a command in quotes": "ssh host 'cd gd && python image_sample.py --model_path m.pt --batch_size 4'",
  "a default that is set": `python image_sample.py --model_path m.pt --batch_size $\{N:=4}`,
  "a container": "docker run -v $PWD:/w gd python image_sample.py --model_path m.pt --batch_size 4",
};
for (const [what, command] of Object.entries(commands))
  test(`sampleArguments reads ${what}`, () => {
    expect(sampleArguments(command)).toEqual(flags);
  });

test("a folder of another machine stays in a path, whatever variable names it", () => {
  for (const folder of ["$HOME/gd", '"$HOME"/gd', `$\{CKPT}`])
    expect(sampleArguments(`python image_sample.py --model_path ${folder}/m.pt`)[1]).toMatch(/^\$\w+.*\/m\.pt$/);
  expect(() => sampleArguments("python image_sample.py --model_path $1")).toThrow(/uses \$1: paste the line/);
});

test("a loop over values and a command that trains are told as what they are", () => {
  const loop = "for s in 1 2; do python classifier_sample.py --model_path m.pt --classifier_scale $s; done";
  expect(() => sampleArguments(loop)).toThrow("The command stands in a loop over $s: put one of its values");
  expect(() => sampleArguments("python -m guided_diffusion.image_train --lr 1e-4")).toThrow("it trains");
  expect(() => sampleArguments("python scripts/image_train.py --lr 1e-4")).toThrow("it trains");
});

test("what is read otherwise than a shell would, or left out, is said", () => {
  const notes = (text: string) => sampleCommand(text).notes;
  const cut = "python image_sample.py --model_path m.pt\n --batch_size 4";
  expect(sampleArguments(cut)).toEqual(flags);
  expect(notes(cut)).toEqual(["what stands behind its end is taken as part of it: --batch_size 4"]);
  const list = "python image_sample.py --model_path m.pt --batch_size 4\n- then evaluate\n-1 is no flag";
  expect([sampleArguments(list), notes(list)]).toEqual([flags, []]);
  const twice = "python image_sample.py --model_path a.pt\npython image_sample.py --model_path b.pt";
  expect(notes(twice)).toEqual(["the text samples 2 times: the first command is taken"]);
  expect(notes("python image_sample.py --model_path m.pt | tee --append log.txt")).toEqual([]);
});

test("a text of any letters that a shell obeys is read or refused in a line, and soon", () => {
  const letters = fc.constantFrom(
    ..."ab1 -=\\'\"`$(){}[]<>|&;#%^@*+:.\n\r\t".split(""),
    "$(",
    "A=(",
    `$\{A[@]}`,
    "2>&1",
    "C:\\",
    "--x ",
  );
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), (parts) => {
      try {
        for (const word of shellWords(parts.join(""))) expect(typeof word).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("lines of a Windows path that go on by a backslash", () => {
  const command = "python image_sample.py \\\n --model_path C:\\m.pt \\\n --batch_size 4";
  expect(sampleArguments(command)).toEqual(["--model_path", "C:\\m.pt", "--batch_size", "4"]);
});

test("a Windows path keeps its backslashes, quoted or not", () => {
  for (const path of ["C:\\models\\64.pt", "models\\64.pt", ".\\64.pt", '"C:\\my models\\64.pt"'])
    expect(sampleArguments(`python image_sample.py --model_path ${path}`)[1]).toBe(path.replaceAll('"', ""));
});

test.each(["$(ls *.pt | head -1)", "`ls *.pt`", '"$(pwd)/m.pt"', '"`pwd`/m.pt"', "<(cat m.pt)"])(
  "what a command computes is refused: %s",
  (computed) => {
    expect(() => sampleArguments(`python image_sample.py --model_path ${computed}`)).toThrow(
      /^The command computes a part of itself \(.*\): nothing is run here, so put what that gives in its place$/,
    );
  },
);

test("a command tells whose it is by its paths, and a fork by its script", () => {
  const told = (command: string) => {
    const { origin, fork } = sampleCommand(`${command} --model_path m.pt`);
    return [origin, fork];
  };
  expect(told("python /home/me/improved-diffusion/scripts/image_sample.py")).toEqual(["improved-diffusion", false]);
  expect(told("python -m improved_diffusion.image_sample")).toEqual(["improved-diffusion", false]);
  expect(told("cd guided-diffusion\npython scripts/image_sample.py")).toEqual(["guided-diffusion", false]);
  expect(told("python classifier_sample.py")).toEqual(["guided-diffusion", false]);
  expect(told("python scripts/image_sample.py")).toEqual([undefined, false]);
  expect(told("python scripts/segmentation_sample.py")).toEqual([undefined, true]);
});
