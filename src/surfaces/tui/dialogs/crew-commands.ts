import type { OrchestratorList, ProviderView } from '../../../core/api/ports.ts';
import { count } from '../../cli/format.ts';
import { accountState } from '../../cli/views/accounts.ts';
import type { FormOpening, FormSpec } from './form-dialog.ts';

/** Lets a provider account take work again; without a name, one of those that take none. */
export function resumeProvider({ name }: { name?: string } = {}): FormOpening {
  return {
    name: 'resume',
    title: 'Let a provider take work again',
    operation: 'providers',
    input: undefined,
    opens: (value) => {
      const views = value as readonly ProviderView[];
      const paused = views.filter(({ standing }) => standing?.cause !== undefined);
      const wanted = paused.filter(
        (view) => name === undefined || view.name === name || view.account === name,
      );
      if (wanted.length === 0)
        return name === undefined ? 'Every provider takes work.' : `${name} takes work.`;
      return resumeForm(wanted);
    },
  };
}

function resumeForm(views: readonly ProviderView[]): FormSpec {
  const accounts = [...new Map(views.map((view) => [view.account, view])).values()];
  const options = accounts.map(({ account, standing }) => ({
    value: account,
    label: `${account}: ${accountState(standing)}${standing === undefined ? '' : `, ${standing.reason}`}`,
  }));
  return {
    name: 'resume.do',
    title: 'Let a provider take work again',
    intro: [{ text: 'Do it when what stopped it is mended: a key, a payment, a limit that was raised.' }],
    fields: [{ kind: 'choice', name: 'account', label: 'Account', options }],
    action: 'let it work',
    submit: ({ account = '' }) => ({ kind: 'call', operation: 'resumeAccount', input: { name: account } }),
    done: (_, { account }) => ({ kind: 'close', notice: `${account} takes work again.` }),
  };
}

/** Asks an orchestrator to finish its turns and end; without an id, one of those at work. */
export function dismissOrchestrator({ id }: { id?: string } = {}): FormOpening {
  return {
    name: 'dismiss',
    title: 'Let an orchestrator end',
    operation: 'orchestrators',
    input: {},
    opens: (value) => {
      const { orchestrators } = value as OrchestratorList;
      const there = orchestrators.filter((each) => id === undefined || each.id === id);
      if (there.length === 0)
        return id === undefined ? 'No orchestrator is at work.' : `${id} is not at work.`;
      return {
        name: 'dismiss.do',
        title: 'Let an orchestrator end?',
        intro: [{ text: 'It finishes its turns, gives the rest back and ends. Others may take that up.' }],
        fields: [
          {
            kind: 'choice',
            name: 'id',
            label: 'Orchestrator',
            options: there.map((each) => ({
              value: each.id,
              label: `${each.id} on ${each.host}, ${count(each.agents, 'agent')} at work${each.stopBy === undefined ? '' : ', ends already'}`,
            })),
          },
        ],
        action: 'let it end',
        submit: ({ id: chosen = '' }) => ({ kind: 'call', operation: 'dismiss', input: { id: chosen } }),
        done: (_, { id: chosen }) => ({ kind: 'close', notice: `${chosen} finishes its turns and ends.` }),
      };
    },
  };
}
