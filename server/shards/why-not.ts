/** Why another program could not be reached or understood, in words for a person. Addresses are the caller's to name. */

const certificate = "its certificate is not known here: give the one it is signed by in NODE_EXTRA_CA_CERTS";
const broken = "it breaks off the connection: another program may listen there, or one that wants TLS";
const noTls = "it speaks no TLS there";

/** By the codes of Node, of its TLS and of its HTTP. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "there is no such host, or nobody who knows it can be asked",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that host",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  ECONNRESET: broken,
  EPIPE: broken,
  UND_ERR_SOCKET: broken,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: see whether the clock here is right",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is of another name",
};

/** Of what is not there, and may come. */
export const passingCodes: readonly string[] = [
  ...["ECONNREFUSED", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"],
];

/** What a code means, and the code; undefined where it is none of these. */
export function wordsOf(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  if (code.startsWith("HPE_")) return `what listens there speaks no HTTP (${code})`;
  return Object.hasOwn(words, code) ? `${words[code]} (${code})` : undefined;
}

/** fetch hides what happened behind "fetch failed". */
export function causeOf({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  const { code } = cause as NodeJS.ErrnoException;
  return wordsOf(code) ?? code ?? cause.message;
}
