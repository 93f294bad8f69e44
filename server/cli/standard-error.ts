/**
 * Where lines for people go. Who reads them may stop, and the disk of a file they are sent to may fill: lines are lost then,
 * and nothing else is. A pipe that nobody reads would be kept for ever, a stream that failed once would never be tried again.
 */
import { fstatSync, writeSync } from "node:fs";

const maxWaitingBytes = 2 ** 20;

export function standardError(): (text: string) => void {
  let lost = 0;
  return (text) => {
    try {
      if (isFile()) writeSync(2, text);
      else if (process.stderr.writableLength > maxWaitingBytes) lost++;
      else {
        if (lost > 0) process.stderr.write(`${lost} lines before this are lost: nobody read them\n`);
        lost = 0;
        process.stderr.write(text);
      }
    } catch {}
  };
}

const isFile = (): boolean => fstatSync(2).isFile();
