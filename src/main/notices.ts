import { hostname } from 'node:os';
import { Desktop, desktopCommand } from '../adapters/desktop/desktop.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import { Webhook } from '../adapters/webhook/webhook.ts';
import type { Config } from '../core/config/schema.ts';
import type { EventBus } from '../core/events/bus.ts';
import { NoticeSender } from '../core/notices/notice-sender.ts';
import type { NoticeTarget } from '../core/notices/ports.ts';
import type { Store } from '../core/tasks/ports.ts';

/** Who is to be told, and why some cannot be. */
export interface Targets {
  readonly webhooks: readonly NoticeTarget[];
  readonly desktop: NoticeTarget | undefined;
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** The targets of the config on this machine. `numbers`: of these webhooks only, from 1; absent: of all. */
export function noticeTargets({ notify }: Config, env: NodeJS.ProcessEnv): Targets {
  const webhooks: NoticeTarget[] = [];
  const missing: { name: string; reason: string }[] = [];
  notify.webhooks.forEach(({ url, secretEnv, events }, index) => {
    const secret = env[secretEnv];
    if (secret === undefined || secret === '') {
      missing.push({ name: `webhook ${index + 1}`, reason: `the variable ${secretEnv} is not set` });
    } else webhooks.push(new Webhook({ url, secret, events, now: systemClock.now }));
  });
  const command = notify.desktop ? desktopCommand(process.platform, env) : undefined;
  const desktop = command === undefined ? undefined : new Desktop({ host: hostname(), command, env });
  return { webhooks, desktop, missing };
}

/**
 * Tells people and programs outside of what happens in the project, from now until it is disposed of. Webhooks are
 * told by one of the project's orchestrators, the desktop of each machine by one of that machine's.
 */
export async function startNotices(parts: {
  config: Config;
  store: Store;
  bus: EventBus;
  project: string;
  env: NodeJS.ProcessEnv;
  onNotice: (message: string) => void;
}): Promise<AsyncDisposable> {
  const { config, store, bus, project, env, onNotice } = parts;
  const { webhooks, desktop, missing } = noticeTargets(config, env);
  for (const { name, reason } of missing) onNotice(`${name} is told of nothing: ${reason}`);
  const { leaseMs } = config.lease;
  const senders = new AsyncDisposableStack();
  const send = async (lease: string, targets: readonly NoticeTarget[]) => {
    const sender = new NoticeSender({
      ...{ store, bus, project, targets, lease, leaseMs, onNotice },
      ...{ clock: systemClock, ids: systemIds },
    });
    await sender.start();
    senders.use(sender);
  };
  if (webhooks.length > 0) await send('notices', webhooks);
  if (desktop !== undefined) await send(`notices ${desktop.key}`, [desktop]);
  return senders;
}
