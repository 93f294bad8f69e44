/** Where a store for S3 is, and who is let in there: what the variables that all programs for S3 read say of it. */
import { UsageError } from "../flags/errors.ts";

export interface BucketAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const secretNames = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] as const;

/** One that is set to nothing is none. Throws a UsageError, which quotes nothing: any of it may be a part of a secret. */
export function accessIn(environment: NodeJS.ProcessEnv): BucketAccess {
  const [accessKeyId, secretAccessKey, sessionToken] = secretNames.map((name) => environment[name]);
  if (!accessKeyId || !secretAccessKey)
    throw new UsageError(
      "--results s3:… takes who is let in from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and of a store of your own its address from AWS_ENDPOINT_URL",
    );
  // What stands in a header has no others, and what went wrong with it would be told with the header.
  for (const name of secretNames)
    if (!/^[\x21-\x7e]*$/.test(environment[name] ?? ""))
      throw new UsageError(
        `${name} takes letters, digits and signs alone: a blank or the end of a line is no part of it`,
      );
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || "us-east-1";
  if (!/^[a-z0-9-]+$/i.test(region)) throw new UsageError("AWS_REGION takes a name such as us-east-1");
  const endpoint = environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  if (endpoint && !isEndpoint(endpoint))
    throw new UsageError("AWS_ENDPOINT_URL takes an address such as https://store:9000, without a user, ? and #");
  return {
    endpoint: (endpoint || `https://s3.${region}.amazonaws.com`).replace(/\/+$/, ""),
    ...{ region, accessKeyId, secretAccessKey },
    ...(sessionToken && { sessionToken }),
  };
}

/** What no line tells. */
export const bucketSecretsIn = (environment: NodeJS.ProcessEnv): readonly string[] =>
  secretNames.flatMap((name) => environment[name] || []);

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text) || /[@?#\s]/.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== "";
}
