import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface FakePull {
  readonly number: number;
  title: string;
  body: string;
  readonly head: string;
  readonly base: string;
  state: 'open' | 'closed';
  merged?: { readonly sha: string; readonly head: string };
}

/** What happens to the next request that matches, in the place of an answer. */
export interface Fault {
  readonly on: RegExp;
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** It is carried out all the same: only the answer is lost. */
  readonly afterwards?: boolean;
}

/** A GitHub of one repository, `ada/shop`, that knows pull requests and does what a test tells it to do wrong. */
export class FakeGitHub implements AsyncDisposable {
  readonly token = 'ghp_0123456789abcdefSECRET';
  readonly pulls: FakePull[] = [];
  /** `METHOD /path`, in order. */
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  /** Says where a branch is. */
  headOf: (branch: string) => string = () => '1'.repeat(40);
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  static async start(): Promise<FakeGitHub> {
    const github = new FakeGitHub();
    await new Promise<void>((resolve) => github.#server.listen(0, '127.0.0.1', resolve));
    return github;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Somebody merges a pull request. */
  merge(number: number, sha: string): void {
    const pull = this.#pull(number);
    pull.state = 'closed';
    pull.merged = { sha, head: this.headOf(pull.head) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const line = `${request.method} ${url.pathname}`;
    this.requests.push(line);
    const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    const input = request.method === 'GET' ? {} : await json(request);
    const index = this.faults.findIndex(({ on }) => on.test(line));
    const [fault] = index < 0 ? [] : this.faults.splice(index, 1);
    if (fault !== undefined && fault.afterwards !== true) {
      return send(fault.status, { message: fault.message ?? 'no' }, fault.headers);
    }
    if (request.headers.authorization !== `token ${this.token}`) {
      return send(401, { message: 'Bad credentials' });
    }
    const [status, body] = this.#carryOut(line, url, input as Record<string, string>);
    if (fault === undefined) send(status, body);
    else send(fault.status, { message: fault.message ?? 'no' }, fault.headers);
  }

  #carryOut(line: string, url: URL, input: Readonly<Record<string, string>>): [number, unknown] {
    if (line === 'GET /repos/ada/shop/pulls') {
      const head = url.searchParams.get('head')?.replace(/^ada:/, '');
      const base = url.searchParams.get('base');
      const found = this.pulls.filter(
        (pull) => pull.state === url.searchParams.get('state') && pull.head === head && pull.base === base,
      );
      return [200, found.map((pull) => this.#shown(pull))];
    }
    if (line === 'POST /repos/ada/shop/pulls') {
      const { head = '', base = '', title = '', body = '' } = input;
      if (this.pulls.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base)) {
        return [422, { message: `A pull request already exists for ada:${head}.` }];
      }
      const pull: FakePull = { number: this.pulls.length + 1, head, base, title, body, state: 'open' };
      this.pulls.push(pull);
      return [201, this.#shown(pull)];
    }
    const [, method, number] = /^(GET|PATCH) \/repos\/ada\/shop\/pulls\/(\d+)$/.exec(line) ?? [];
    if (number === undefined) return [404, { message: 'Not Found' }];
    const pull = this.#pull(Number(number));
    if (method === 'PATCH') Object.assign(pull, input);
    return [200, this.#shown(pull)];
  }

  #pull(number: number): FakePull {
    const pull = this.pulls.find((each) => each.number === number);
    if (pull === undefined) throw new Error(`There is no pull request ${number}`);
    return pull;
  }

  #shown({ number, title, body, head, base, state, merged }: FakePull) {
    return {
      number,
      title,
      body,
      state,
      html_url: `https://github.com/ada/shop/pull/${number}`,
      draft: false,
      merged_at: merged === undefined ? null : '2026-11-21T10:00:00Z',
      merge_commit_sha: merged?.sha ?? null,
      mergeable_state: state === 'open' ? 'clean' : 'unknown',
      head: { ref: head, sha: merged?.head ?? this.headOf(head) },
      base: { ref: base },
    };
  }
}
