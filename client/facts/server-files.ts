/** What the server knows of the files that graphs name. Each is asked once, until it is to be forgotten. */
import { GraphError } from "../../nodes/index.ts";
import type { FileFacts } from "../../runtime/known.ts";
import type { FactsRequest, Problem } from "../../server/protocol.ts";

type Reply = { readonly status: number; json(): Promise<unknown> };
export type Post = (request: FactsRequest) => Promise<Reply>;

export interface ServerFiles extends FileFacts {
  forget(): void;
}

/** Where the server says nothing (it is away, or busy) nothing is known, and nothing refused. */
export function serverFiles(post: Post): ServerFiles {
  const answers = new Map<string, Promise<object>>();
  const ask = <T extends object>(request: FactsRequest): Promise<T> => {
    const key = JSON.stringify(request);
    const known = answers.get(key);
    if (known) return known as Promise<T>;
    const answer = post(request).then(read, () => undefined);
    const facts = answer.then((found) => found ?? {});
    answers.set(key, facts);
    void answer.then(
      (found) => found ?? answers.delete(key),
      () => {},
    );
    return facts as Promise<T>;
  };
  return {
    network: (role, file) => ask({ role, ...file }),
    image: (image) => ask({ image }),
    tensor: (tensor, array) => ask({ tensor, array }),
    forget: () => answers.clear(),
  };
}

/** Undefined where the reply says nothing of the file. Throws a GraphError for a file that cannot be used. */
async function read(reply: Reply): Promise<object | undefined> {
  if (reply.status === 200) return (await reply.json()) as object;
  // It cannot be used, or is held because processes ended of it.
  if (reply.status !== 422 && reply.status !== 409) return undefined;
  const { errors } = (await reply.json()) as { readonly errors: readonly Problem[] };
  throw new GraphError(errors[0].message, errors[0].port);
}
