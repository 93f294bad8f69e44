/**
 * JSON of megabytes in pieces. `JSON.parse` is fast, but it takes a fifth of a second for two megabytes of which every key is
 * another: so the members of what is long are given to it some at a time.
 */
import type { Pieces } from "./pieces.ts";

/** Characters that are parsed at once: some milliseconds where every key is another. */
const pieceLength = 8 * 1024;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A list or an object that has begun and not ended. */
interface Open {
  readonly isList: boolean;
  /** Of its bracket. */
  readonly at: number;
  /** Where what is not made yet begins. */
  from: number;
  /** Where its last member begins. */
  member: number;
  /** Its members so far, where it is made in pieces. */
  made: unknown[] | Record<string, unknown> | undefined;
  /** Its last member was made by itself: nothing follows before the next. */
  isMemberMade: boolean;
}

/** What JSON.parse of the text gives. Throws a SyntaxError where that does, in other words. `length`: of a piece. */
export function* parseInPieces(text: string, length = pieceLength): Pieces<unknown> {
  const all: Open[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) i = endOfText(text, i);
    else if (code === openList || code === openObject) all.push(begun(code === openList, i));
    else if (code === comma) {
      const open = all.at(-1);
      if (!open) break;
      if (open.isMemberMade || i - open.from >= length) {
        makeUpTo(open, text, i);
        yield;
      }
      open.member = i + 1;
    } else if (code === closeList || code === closeObject) {
      const open = all.pop();
      if (!open) break;
      if (open.made === undefined) {
        if (all.length === 0) break;
        continue;
      }
      if (open.isList !== (code === closeList)) throw new SyntaxError(`A bracket at ${i} closes another`);
      makeUpTo(open, text, i);
      yield;
      const outer = all.at(-1);
      if (outer) addMade(outer, text, open, i + 1);
      else {
        expectBlank(text.slice(0, open.at));
        expectBlank(text.slice(i + 1));
        return open.made;
      }
    }
  }
  if (all.length > 0) throw new SyntaxError("It breaks off");
  // Nothing of it was long; or it is no JSON.
  return JSON.parse(text);
}

const begun = (isList: boolean, at: number): Open => ({
  ...{ isList, at, from: at + 1, member: at + 1 },
  ...{ made: undefined, isMemberMade: false },
});

/** Of the quote that ends the text which begins at `i`. */
function endOfText(text: string, i: number): number {
  for (let end = i + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === backslash) end++;
    else if (code === quote) return end;
  }
  return text.length;
}

/** Makes what is left of its members before the comma or bracket at `end`. */
function makeUpTo(open: Open, text: string, end: number): void {
  const members = text.slice(open.from, end);
  if (open.isMemberMade) expectBlank(members);
  else addMembers(open, members);
  open.from = end + 1;
  open.isMemberMade = false;
}

function addMembers(open: Open, members: string): void {
  if (blank.test(members)) throw new SyntaxError("A member is missing");
  if (open.isList) {
    open.made ??= [];
    for (const member of JSON.parse(`[${members}]`) as unknown[]) (open.made as unknown[]).push(member);
  } else for (const [key, value] of Object.entries(JSON.parse(`{${members}}`))) put(open, key, value);
}

/** Puts an inner one that was made by itself into the outer, which has come to `end`. */
function addMade(outer: Open, text: string, { at, made }: Open, end: number): void {
  if (outer.member > outer.from) addMembers(outer, text.slice(outer.from, outer.member - 1));
  const before = text.slice(outer.member, at);
  if (outer.isList) {
    expectBlank(before);
    outer.made ??= [];
    (outer.made as unknown[]).push(made);
  } else for (const key of Object.keys(JSON.parse(`{${before}null}`))) put(outer, key, made);
  outer.from = end;
  outer.isMemberMade = true;
}

/** A key is data, whatever it is called. */
function put(open: Open, key: string, value: unknown): void {
  open.made ??= {};
  if (key !== "__proto__") (open.made as Record<string, unknown>)[key] = value;
  else Object.defineProperty(open.made, key, { value, configurable: true, enumerable: true, writable: true });
}

const blank = /^[ \t\n\r]*$/;

function expectBlank(text: string): void {
  if (!blank.test(text)) throw new SyntaxError(`"${text.slice(0, 20)}" is between two members`);
}
