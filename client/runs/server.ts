/** Where the server is, which may be below a path of its host, and the token it asks for. */
export interface Server {
  readonly url: string;
  readonly token?: string | undefined;
}

/** Of a route such as "/api/runs". */
export const addressOf = ({ url }: Server, route: string): URL => new URL(url.replace(/\/*$/, "") + route);
