import { expect, test } from "vitest";
import { sampleArguments, shellWords } from "../../../server/sample/words.ts";

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
