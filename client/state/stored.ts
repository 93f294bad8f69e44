/** What the server has of a document, as this browser last read or wrote it. Any later state of it has another tag. */
export interface Stored {
  readonly name: string;
  readonly etag: string;
}
