/** A body in the words of some protocol, which each test reads as it expects it. */
// biome-ignore lint/suspicious/noExplicitAny: a wrong guess fails the assertion, and types would only repeat it.
export type Wire = any;

/** Posts `body` as JSON. */
export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** The parsed `data:` lines of a stream of server-sent events, `[DONE]` left out. */
export async function eventsOf(response: Response): Promise<Wire[]> {
  const lines = (await response.text()).split('\n');
  return lines
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice('data: '.length)));
}
