/** What a store for S3 refuses, in words that say what to do: its codes are those that all compatible stores give. */

const region = "the bucket is of another region: set AWS_REGION to its own";
const token = "AWS_SESSION_TOKEN is of no use any more: ask for new keys";
const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: "there is no such bucket: make it, or give another with --results",
  InvalidAccessKeyId: "it does not know the key in AWS_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY is not the secret of AWS_ACCESS_KEY_ID",
  ExpiredToken: token,
  InvalidToken: token,
  RequestTimeTooSkewed: "the clock of this machine is not the store's: set it",
  AuthorizationHeaderMalformed: region,
  PermanentRedirect: region,
  IllegalLocationConstraintException: region,
};

/** What stands first between a store's tags of that name, as text: XML has other signs for some. */
export const inTag = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1].replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, unescaped);

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** What is none of XML stays as it is. */
function unescaped(
  whole: string,
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
): string {
  if (name !== undefined) return Object.hasOwn(entities, name) ? entities[name] : whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

export interface BucketRefusal {
  /** "AccessDenied", with its sentence; what to do about it, where that is known. */
  readonly why: string;
  /** It is nothing that another permission mends. */
  readonly isOfSettings: boolean;
}

export async function refusalIn(reply: Response): Promise<BucketRefusal> {
  const text = await reply.text().catch(() => "");
  const [code, message, its] = ["Code", "Message", "Region"].map((name) => inTag(text, name));
  const known = code !== undefined && Object.hasOwn(advice, code) ? advice[code] : undefined;
  if (known !== undefined) {
    const which = known === region && its !== undefined ? `, ${its.slice(0, 50)}` : "";
    return { why: `${known}${which} (${code})`, isOfSettings: true };
  }
  const said = [code, message].filter((one) => one !== undefined);
  return { why: said.length > 0 ? said.join(": ").slice(0, 300) : `status ${reply.status}`, isOfSettings: false };
}
