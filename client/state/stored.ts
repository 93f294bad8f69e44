/** What the server has of a document, as this browser last read or wrote it. Any later state of it has another tag. */
export interface Stored {
  readonly name: string;
  readonly etag: string;
}

/** What is on its way there, or of which nobody heard whether it came: under which name, and the hash of its text. */
export interface Sent {
  readonly name: string;
  readonly hash: string;
}
