/**
 * The words of a command as a shell would make them, as far as sampling commands go: quotes, backslashes, lines that go
 * on, comments, and variables set before (`SAMPLE_FLAGS="--batch_size 4"`, then `$SAMPLE_FLAGS`). Nothing is run.
 */
import { UsageError } from "../flags/errors.ts";

/** A quoted part keeps its blanks and, in single quotes, its dollars. */
const part =
  /\\(?<escaped>[\s\S])|'(?<single>[^']*)'|"(?<double>(?:\\[\s\S]|[^"\\])*)"|\$\{?(?<name>[A-Za-z_]\w*)\}?|(?<plain>[^\s\\'"$;&|#]+|[$#])/y;
const script = /(?:^|[/\\])(?:(?:classifier|image|super_res)_sample\.py)$/;

/** What stands after the script's name, or all of it where a command begins with its flags. Throws a UsageError. */
export function sampleArguments(command: string): string[] {
  const words = shellWords(command);
  const at = words.findIndex((word) => script.test(word));
  if (at >= 0) return words.slice(at + 1);
  const sample = words.indexOf("sample");
  if (sample >= 0 && words.slice(0, sample).some((word) => word.includes("guidegraph"))) return words.slice(sample + 1);
  if (words[0]?.startsWith("-")) return words;
  throw new UsageError(
    "This is no sampling command: it names neither classifier_sample.py, image_sample.py nor super_res_sample.py, and does not begin with their flags",
  );
}

/** Variables that stand for others may double with each line; no command is so long. */
const maxLength = 100_000;

/** Words of all lines; assignments set variables and are no words. Throws a UsageError. */
export function shellWords(command: string): string[] {
  const variables = new Map<string, string>();
  const words: string[] = [];
  const text = command.replace(/\\\r?\n/g, " ");
  let word: string | undefined;
  const end = () => {
    if (word === undefined) return;
    const [, name, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word) ?? [];
    if (name !== undefined && !words.some((before) => script.test(before))) variables.set(name, value);
    else words.push(word);
    word = undefined;
  };
  let length = 0;
  const expanded = (name: string) => {
    const value = variables.get(name);
    if (value === undefined) throw new UsageError(`The command uses $${name}: paste the line that sets it, too`);
    length += value.length;
    if (length > maxLength)
      throw new UsageError(`The command's variables come to more than ${maxLength} characters (at $${name})`);
    return value;
  };
  for (let i = 0; i < text.length; ) {
    if (/[\s;&|]/.test(text[i])) {
      end();
      i++;
      continue;
    }
    if (text[i] === "#" && word === undefined) {
      const lineEnd = text.indexOf("\n", i);
      i = lineEnd < 0 ? text.length : lineEnd;
      continue;
    }
    part.lastIndex = i;
    const found = part.exec(text);
    if (!found?.groups) throw new UsageError(`A quote is opened and not closed: ${text.slice(i, i + 40)}`);
    const { escaped, single, double, name, plain } = found.groups;
    if (name !== undefined) {
      // Unquoted, a variable's blanks part words.
      const [first = "", ...rest] = expanded(name).split(/\s+/);
      word = (word ?? "") + first;
      for (const next of rest) {
        end();
        word = next;
      }
    } else if (double !== undefined)
      word =
        (word ?? "") +
        double.replace(/\\([\\"$`])|\$\{?([A-Za-z_]\w*)\}?/g, (_all, escaped, name) => escaped ?? expanded(name));
    else word = (word ?? "") + (escaped ?? single ?? plain);
    i = part.lastIndex;
  }
  end();
  return words;
}
