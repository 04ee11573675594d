import type { IncomingHttpHeaders } from 'node:http';

/** Why a request goes no further: an HTTP status and what is told to whoever sent it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * A body is a question or a text, never a file.
 * @internal Exported for its test.
 */
export const MOST_BODY_BYTES = 1_048_576;

/** What a request carries its token in (RFC 6750): one header, never the address, which ends up in logs. */
export function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer ([\w.~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1];
}

/**
 * What is wrong with the way a request came, token aside. `port`: of the listener on loopback; undefined on a unix
 * socket, which no web page can reach, so that its `Host` says nothing.
 */
export function refusalOf(
  request: { readonly headers: IncomingHttpHeaders; readonly url?: string | undefined },
  port: number | undefined,
): Refusal | undefined {
  const { headers, url = '' } = request;
  // Compared as a whole and never in part: `localhost.evil.com` begins with `localhost`.
  const hosts = port === undefined ? [] : [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`];
  if (port !== undefined && !hosts.includes(headers.host ?? '')) {
    return { status: 403, code: 'WRONG_HOST', message: 'This host name is not served here.' };
  }
  // A browser sends it with every request of a page, `null` from a sandboxed one; programs send none.
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`)) {
    return { status: 403, code: 'WRONG_ORIGIN', message: 'Pages of other origins are not served.' };
  }
  if (!url.startsWith('/')) {
    return { status: 400, code: 'BAD_ADDRESS', message: 'The address has to be a path.' };
  }
  return bodyRefusal(headers);
}

/** A body whose length is not said could not be refused before it is read. */
function bodyRefusal(headers: IncomingHttpHeaders): Refusal | undefined {
  if (headers['transfer-encoding'] !== undefined) {
    return { status: 411, code: 'NO_LENGTH', message: 'A body needs a Content-Length.' };
  }
  if (Number(headers['content-length'] ?? 0) <= MOST_BODY_BYTES) return undefined;
  return { status: 413, code: 'TOO_LARGE', message: `A body has at most ${MOST_BODY_BYTES} bytes.` };
}
