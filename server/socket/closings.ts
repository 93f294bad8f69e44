/** Why a connection is closed from here: code (RFC 6455, 7.4; 1013 from IANA's list) and words, as they are sent. */

export type Closing = readonly [code: number, reason: string];

export const closings = {
  stopping: [1001, "The server stops"],
  tooManyMessages: [1008, "Too many messages"],
  tooManyBadMessages: [1008, "Too many bad messages"],
  unreadableLog: [1011, "The run log cannot be read"],
  tooSlow: [1013, "It reads too slowly; subscribe again after the last number"],
} satisfies Readonly<Record<string, Closing>>;
