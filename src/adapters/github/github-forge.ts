import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import * as z from 'zod';
import { ForgeError, type ForgeFailure } from '../../core/delivery/forge-error.ts';
import type { Forge, PullRequest, PullRequestText } from '../../core/delivery/ports.ts';
import { objectId } from '../../core/ids.ts';
import { forgeError } from './errors.ts';

/** What of GitHub's answer is used: https://docs.github.com/en/rest/pulls/pulls */
const answer = z.object({
  number: z.int(),
  html_url: z.url({ protocol: /^https?$/ }),
  state: z.enum(['open', 'closed']),
  title: z.string(),
  body: z.string().nullable(),
  draft: z.boolean().optional(),
  merged_at: z.string().nullable().optional(),
  merge_commit_sha: objectId.nullable().optional(),
  mergeable_state: z.string().optional(),
  head: z.object({ ref: z.string(), sha: objectId }),
});
type Answer = z.infer<typeof answer>;

export interface GitHubOptions {
  /** `owner/name` */
  readonly repository: string;
  readonly apiUrl: string;
  readonly token: string;
  /** Where the token came from, for errors. */
  readonly tokenEnv: string;
  readonly version: string;
  /** Unit of the waits before another try, ms. */
  readonly retryBaseMs?: number;
}

const ClientWithPlugins = Octokit.plugin(retry, throttling);

/** After these an answer may have been lost, or somebody was faster. */
const MAY_BE_THERE: ReadonlySet<ForgeFailure> = new Set(['refused', 'unreachable']);
/** No request takes longer. */
const TIMEOUT_MS = 30_000;
/** A wait that GitHub asks for is waited for up to this, and so often; else the caller is told. */
const LONGEST_WAIT_S = 60;
const MOST_TRIES = 2;
const SECOND_MS = 1_000;
/** Fails that happened on the way are tried again so often; only those that may pass. */
const RETRIES = 3;

/** Pull requests of one repository at GitHub, or at a GitHub Enterprise Server. */
export class GitHubForge implements Forge {
  readonly repository: string;
  readonly #octokit: InstanceType<typeof ClientWithPlugins>;
  readonly #owner: string;
  readonly #repo: string;
  readonly #tokenEnv: string;

  constructor({ repository, apiUrl, token, tokenEnv, version, retryBaseMs = SECOND_MS }: GitHubOptions) {
    this.repository = repository;
    this.#tokenEnv = tokenEnv;
    const [owner = '', repo = ''] = repository.split('/');
    [this.#owner, this.#repo] = [owner, repo];
    const wait = (retryAfter: number, _options: object, _octokit: object, tries: number): boolean =>
      tries < MOST_TRIES && retryAfter <= LONGEST_WAIT_S;
    this.#octokit = new ClientWithPlugins({
      auth: token,
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: `codewalk/${version}`,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      // Not as an option of requests: that would also retry what is refused.
      retry: { retries: RETRIES, retryAfterBaseValue: retryBaseMs },
      throttle: {
        retryAfterBaseValue: retryBaseMs,
        fallbackSecondaryRateRetryAfter: LONGEST_WAIT_S,
        onRateLimit: wait,
        onSecondaryRateLimit: wait,
      },
    });
  }

  async propose(request: {
    head: string;
    base: string;
    text: (now: PullRequestText | undefined) => PullRequestText;
  }): Promise<PullRequest> {
    const { head, base, text } = request;
    const known = await this.#open(head, base);
    if (known !== undefined) return await this.#update(known, text);
    try {
      const where = { ...this.#where, head, base, ...text(undefined) };
      return asPullRequest(
        await this.#ask('the new pull request', (call) => call.pulls.create({ ...where, ...timeout() })),
      );
    } catch (error) {
      // Somebody, or an earlier try whose answer was lost, has opened it meanwhile.
      const mayBe = error instanceof ForgeError && MAY_BE_THERE.has(error.failure);
      const made = mayBe ? await this.#open(head, base).catch(() => undefined) : undefined;
      if (made === undefined) throw error;
      return await this.#update(made, text);
    }
  }

  async read(number: number, { signal }: { signal?: AbortSignal } = {}): Promise<PullRequest> {
    const which = { ...this.#where, pull_number: number };
    return asPullRequest(
      await this.#ask(`pull request #${number}`, (call) => call.pulls.get({ ...which, ...timeout(signal) })),
    );
  }

  get #where(): { owner: string; repo: string } {
    return { owner: this.#owner, repo: this.#repo };
  }

  async #open(head: string, base: string): Promise<Answer | undefined> {
    const filter = { state: 'open' as const, head: `${this.#owner}:${head}`, base };
    const found = await this.#ask('the open pull requests', (call) =>
      call.pulls.list({ ...this.#where, ...filter, ...timeout() }),
    );
    return parsed(z.array(answer), found).find((each) => each.head.ref === head);
  }

  async #update(
    known: Answer,
    text: (now: PullRequestText | undefined) => PullRequestText,
  ): Promise<PullRequest> {
    const now = { title: known.title, body: known.body ?? '' };
    const wanted = text(now);
    if (wanted.title === now.title && wanted.body === now.body) return asPullRequest(known);
    const which = { ...this.#where, pull_number: known.number };
    return asPullRequest(
      await this.#ask(`pull request #${known.number}`, (call) =>
        call.pulls.update({ ...which, ...wanted, ...timeout() }),
      ),
    );
  }

  async #ask(
    what: string,
    call: (rest: InstanceType<typeof ClientWithPlugins>['rest']) => Promise<{ data: unknown }>,
  ): Promise<unknown> {
    try {
      return (await call(this.#octokit.rest)).data;
    } catch (error) {
      throw forgeError(error, { repository: this.repository, tokenEnv: this.#tokenEnv, what });
    }
  }
}

function timeout(signal?: AbortSignal): { request: { signal: AbortSignal } } {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  return { request: { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) } };
}

function asPullRequest(data: unknown): PullRequest {
  const pull = parsed(answer, data);
  const isMerged = typeof pull.merged_at === 'string';
  return {
    number: pull.number,
    url: pull.html_url,
    state: pull.state === 'open' ? 'open' : isMerged ? 'merged' : 'closed',
    head: pull.head.sha,
    mergeCommit: isMerged ? (pull.merge_commit_sha ?? undefined) : undefined,
    title: pull.title,
    isDraft: pull.draft === true,
    mergeable: mergeableOf(pull.mergeable_state),
  };
}

function parsed<T>(schema: z.ZodType<T>, data: unknown): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new ForgeError(
    'refused',
    `GitHub answered in a form that is not known: ${result.error.issues[0]?.message}`,
    {
      advice: 'Look at github.apiUrl: it is the address of the REST API, such as https://api.github.com',
      cause: result.error,
    },
  );
}

/** https://docs.github.com/en/graphql/reference/enums#mergestatestatus */
function mergeableOf(state: string | undefined): PullRequest['mergeable'] {
  switch (state) {
    case 'clean':
    case 'has_hooks':
    case 'unstable':
      return 'yes';
    case 'dirty':
      return 'conflicts';
    case 'blocked':
    case 'behind':
    case 'draft':
      return 'blocked';
    default:
      return 'unknown';
  }
}
