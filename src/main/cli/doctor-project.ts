import { isLengthened, silenceAllowedMs } from '../../core/attempts/patience.ts';
import { durationText } from '../../core/roadmap/duration.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { count } from '../../surfaces/cli/format.ts';
import { checkThat } from './check-that.ts';
import { shownPath } from './roadmap-service.ts';
import type { SetupParts } from './setup-service.ts';

/** Git, the repository, the config and the roadmap. */
export async function* projectChecks(parts: SetupParts): AsyncGenerator<Check> {
  yield await checkThat('repository', async () => {
    const { facts } = await parts.repository();
    const { branch, commit } = facts.head;
    const where = branch === undefined ? `detached at ${commit.slice(0, 7)}` : `on ${branch}`;
    const shallow = facts.shallow ? ', shallow' : '';
    return { status: 'ok', detail: `${facts.root} ${where}${shallow}, git ${facts.gitVersion}` };
  });
  yield* remoteCheck(parts);
  yield await checkThat('config', async () => {
    const { files } = await parts.loaded();
    const found = files.filter((file) => file.exists).map((file) => file.path);
    return {
      status: 'ok',
      detail: found.length === 0 ? 'built-in settings only' : `valid: ${found.join(', ')}`,
    };
  });
  yield* silenceCheck(parts);
  yield await checkThat('roadmap', async () => {
    const name = shownPath(await parts.project());
    const { length } = await parts.roadmap.ids();
    if (length > 0) return { status: 'ok', detail: `${name}: ${count(length, 'task')}` };
    return { status: 'warn', detail: `${name} has no tasks yet`, advice: 'Add one: cw task add "…"' };
  });
}

/** Only where an agent may be silent for longer than the config says. */
async function* silenceCheck(parts: SetupParts): AsyncGenerator<Check> {
  const config = await parts.loaded().then(
    (loaded) => loaded.config,
    () => undefined,
  );
  if (config === undefined || !isLengthened(config)) return;
  const [silence, wait] = [config.limits.silenceMs, config.questions.waitMs].map(durationText);
  const allowed = durationText(silenceAllowedMs(config));
  yield {
    name: 'limits',
    status: 'warn',
    detail: `limits.silenceMs is ${silence}, and agents wait ${wait} for answers in silence (questions.waitMs): each may be silent for ${allowed}`,
    advice: `Make limits.silenceMs longer than ${wait}, or questions.waitMs shorter than ${silence}.`,
  };
}

/** Only where hosts share one: can this host read it, and may it write? */
async function* remoteCheck(parts: SetupParts): AsyncGenerator<Check> {
  const config = await parts.loaded().then(
    (loaded) => loaded.config,
    () => undefined,
  );
  const name = config?.merge.remote;
  if (config === undefined || name === undefined) return;
  yield await checkThat('remote', async () => {
    const { sharedRemote, tryRemote } = await import('../shared-repository.ts');
    const repository = await parts.repository();
    const remote = await sharedRemote(repository, config, parts.env);
    if (remote !== undefined) await tryRemote(repository, remote);
    return { status: 'ok', detail: `${name} answers and lets this host push` };
  });
}
