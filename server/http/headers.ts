/** What the server says of its pages and files, so that a browser believes nothing that is in them. */
import type { RequestHandler } from "express";

/** WebAssembly is compiled (onnxruntime-web); no text ever becomes code. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Files that came from elsewhere or were made here: no page of ours may run what is in them, whatever they pretend to be. */
export const filePolicy = "default-src 'none'; sandbox";

export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  next();
};

/** Lets a page of another origin, which the guard has let in, read the reply. */
export function allowCrossOrigin(origin: string): Readonly<Record<string, string>> {
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key, if-match, if-none-match",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Expose-Headers": "document-etag, etag, location, retry-after",
    "Access-Control-Max-Age": "600",
    "Cross-Origin-Resource-Policy": "cross-origin",
  };
}
