import type { Project } from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import { UsageError } from '../../core/errors.ts';
import type { EventBus } from '../../core/events/bus.ts';
import type { Notice } from '../../core/notices/ports.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { NoticeService, NoticeTest } from '../../surfaces/cli/context.ts';

interface Parts {
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly config: () => Promise<Config>;
  readonly project: () => Promise<Project>;
  readonly store: () => Promise<Store>;
  readonly bus: () => Promise<EventBus>;
}

/** Tries the targets of the config, from this process. */
export class LocalNotices implements NoticeService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async start(onNotice: (message: string) => void): Promise<AsyncDisposable> {
    const { config, store, bus, project, env } = this.#parts;
    const { startNotices } = await import('../notices.ts');
    const { name } = await project();
    return await startNotices({
      ...{ config: await config(), store: await store(), bus: await bus(), project: name, env, onNotice },
    });
  }

  async test({ webhook }: { webhook?: number }): Promise<readonly NoticeTest[]> {
    const { env, now } = this.#parts;
    const config = await this.#parts.config();
    const { length } = config.notify.webhooks;
    if (webhook !== undefined && (webhook < 1 || webhook > length)) {
      throw new UsageError('UNKNOWN_WEBHOOK', `There is no webhook ${webhook}; the config has ${length}`, {
        advice: 'cw config get notify.webhooks shows them in their order.',
      });
    }
    const wanted = webhook === undefined ? config.notify : onlyThis(config, webhook);
    const { noticeTargets } = await import('../notices.ts');
    const { webhooks, desktop, missing } = noticeTargets({ ...config, notify: wanted }, env);
    const targets = [...webhooks, ...(desktop === undefined ? [] : [desktop])];
    const notice = testNotice((await this.#parts.project()).name, now());
    const tests = await Promise.all(
      targets.map(async (target): Promise<NoticeTest> => {
        const delivery = await target.deliver(notice);
        if (delivery.kind === 'delivered') return { to: target.name, problem: undefined };
        return { to: target.name, problem: delivery.reason };
      }),
    );
    return [...missing.map(({ name, reason }) => ({ to: name, problem: reason })), ...tests];
  }
}

function onlyThis({ notify }: Config, webhook: number): Config['notify'] {
  return { desktop: false, webhooks: notify.webhooks.slice(webhook - 1, webhook) };
}

/** Of an event that no log has: its number is 0. */
function testNotice(project: string, now: number): Notice {
  return {
    id: `evt_test_${now}`,
    kind: 'event',
    title: 'A test notice',
    text: 'cw notify test sent it: notices arrive here.',
    project,
    event: {
      ...{ seq: 0, at: now, type: 'notice.undelivered' },
      ...{ to: 'nobody', event: 0, reason: 'this is a test', tries: 0 },
    },
  };
}
