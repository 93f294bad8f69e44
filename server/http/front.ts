/**
 * What stands before the server. A proxy of a trusted address says for whom it asks, and how it was asked itself
 * (X-Forwarded-For, -Host, -Proto); from any other address these are words. Under a base path the server answers as it does
 * without one, whether the proxy leaves the path on or takes it off.
 */
import type { IncomingMessage, RequestListener } from "node:http";
import proxyAddr from "proxy-addr";

/** How a request was made on the outside. */
export interface Outer {
  /** Who asked. */
  readonly address: string;
  /** `name:port`, as in the header. */
  readonly host: string;
  /** Undefined where nobody trusted says: a proxy that is not named may have taken TLS off. */
  readonly scheme?: "http" | "https";
}

export interface FrontOptions {
  /** Addresses, networks ("10.0.0.0/8") or "loopback" of proxies. Empty: nothing stands before it. */
  readonly trusted?: readonly string[];
  /** "/guidegraph", without a slash at its end; "" for none. */
  readonly basePath?: string;
}

export interface Front {
  readonly isProxied: boolean;
  readonly basePath: string;
  outer(request: IncomingMessage): Outer;
  /** The address within the server; undefined for the base path itself, which lacks its slash. */
  within(url: string): string | undefined;
}

/** Throws a TypeError for an address that is none. */
export function front({ trusted = [], basePath = "" }: FrontOptions = {}): Front {
  const trusts = proxyAddr.compile([...trusted]);
  return {
    isProxied: trusted.length > 0,
    basePath,
    outer(request) {
      const { headers, socket } = request;
      const near = socket.remoteAddress ?? "";
      const host = headers.host ?? "";
      if (near === "" || !trusts(near, 0)) return { address: near, host };
      const scheme = firstOf(headers["x-forwarded-proto"])?.toLowerCase();
      return {
        address: proxyAddr(request, trusts),
        host: firstOf(headers["x-forwarded-host"]) ?? host,
        ...((scheme === "http" || scheme === "https") && { scheme }),
      };
    },
    within(url) {
      if (basePath === "" || !url.startsWith(basePath)) return url;
      const rest = url.slice(basePath.length);
      if (rest === "" || rest.startsWith("?")) return undefined;
      return rest.startsWith("/") ? rest : url;
    },
  };
}

/** The same requests, as if there were no base path; one for the path itself is sent to its slash, which relative links need. */
export const under =
  ({ within, basePath }: Front, listener: RequestListener): RequestListener =>
  (request, response) => {
    const { url = "/" } = request;
    const inner = within(url);
    if (inner === undefined) {
      response.writeHead(308, { Location: `${basePath}/${url.slice(basePath.length)}` }).end();
      return;
    }
    request.url = inner;
    listener(request, response);
  };

/** Each proxy adds its own behind those before it: the first is what the client was asked by. */
function firstOf(header: string | readonly string[] | undefined): string | undefined {
  const [first] = String(header ?? "").split(",");
  return first.trim() === "" ? undefined : first.trim();
}
