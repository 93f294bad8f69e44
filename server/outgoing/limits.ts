/** What may wait to leave over one connection, and how long: the same for events, previews, replies and files. */

/** Sent and not yet taken: beyond this, events wait in the log, files on the disk, and of previews only each node's latest. */
export const maxWaitingBytes = 1024 * 1024;

/** A reader of events that takes nothing for so long is let go; it comes back and reads on from where it was. */
export const maxStallMs = 5_000;

/** A download would begin anew, and a browser takes nothing of one while its page computes. */
export const maxDownloadStallMs = 30_000;

/** Of all connections together: some readers' megabytes each, not thousands'. */
export const maxWaitingOfAll = 512 * 2 ** 20;

/** Requests over one connection that are not answered yet. Browsers wait for each reply; a proxy may send a few ahead. */
export const maxPipelined = 16;
