/** A pasted text as it was typed: without what documents, chats and web pages make of a command on its way through them. */
export const asTyped = (text: string): string =>
  text
    // What is not seen, and would be part of a word.
    .replace(/[\u200b\u2060]/g, "")
    // Markdown: fences, or ticks round all of it.
    .replace(/^[ \t]*(?:```|~~~).*$/gm, "")
    .replace(/^\s*`([^`]+)`\s*$/, "$1")
    .replace(/[“”„]/g, '"')
    .replace(/[‘’‚]/g, "'")
    .replace(/(?<=^|\s)[—–―](?=[A-Za-z])/g, "--")
    // A minus before a number.
    .replace(/(?<=^|[\s=,])[–−](?=[.\d])/g, "-")
    // Lines that are comments would end a command that goes on around them.
    .replace(/^[ \t]*#.*(?:\r?\n|$)/gm, "")
    // Blanks or a comment behind the backslash at the end of a line.
    .replace(/\\[ \t]+(?:#.*)?(?=\r?\n)/g, "\\");
