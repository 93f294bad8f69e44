/** How a graph may call a file that it saves: a stem, to which a number and an extension are added. */

const maxLetters = 80;
/** Most disks take 255 for the whole name, in UTF-8. */
const maxBytes = 230;

/** What is left of a name from a graph that every file system takes: no folder, no dot in front, no device of Windows. */
export function safeStem(name: string): string {
  const plain = shortened(
    name
      .normalize("NFC")
      .replace(/[^\p{L}\p{M}\p{N} _.-]/gu, "_")
      .replace(/^[\s.]+|[\s.]+$/g, ""),
  );
  if (plain === "") return "picture";
  return /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])$/i.test(plain.split(".")[0]) ? `_${plain}` : plain;
}

/** Of a typed name that files do not get as it is: what they are called instead. */
export function renamed(name: unknown): string | undefined {
  if (typeof name !== "string") return undefined;
  const stem = safeStem(name);
  return stem === name.normalize("NFC")
    ? undefined
    : `Its files are called “${stem}”, since not every disk takes the name that was given`;
}

/** By whole letters: half of one is none on the disk. */
function shortened(text: string): string {
  const letters = [...text].slice(0, maxLetters);
  const encoder = new TextEncoder();
  while (encoder.encode(letters.join("")).length > maxBytes) letters.pop();
  return letters.join("");
}
