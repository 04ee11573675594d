import { pauseText } from '../../cli/views/pauses.ts';
import type { App } from '../app.ts';
import type { Span } from '../draw.ts';
import type { ListId } from '../ui.ts';
import { FACETS } from './plan-filter.ts';

type Words = readonly (readonly Span[])[];

const dim = (text: string): readonly Span[] => [[text, 'dim']];
const next = (key: string, text: string): readonly Span[] => [
  [key, 'key'],
  [` ${text}`, 'dim'],
];

/** What an empty list says: why it is empty, and what to do next. */
export function wordsFor(app: Pick<App, 'view' | 'ui'>, pane: ListId): Words {
  const { view, ui } = app;
  switch (pane) {
    case 'plan':
      if (view.totals.total === 0) return firstSteps(app);
      if (ui.filter !== 'all') return [dim(FACETS[ui.filter].empty), next('f a', 'shows all tasks')];
      return [dim('Nothing is left to do.')];
    case 'inbox':
      return [dim('Nothing waits for you.')];
    case 'events':
      return [dim('Nothing has happened yet.')];
    case 'merges':
      return [dim('Nothing is merged or waits for it.')];
  }
}

/** For a project without tasks. */
function firstSteps({ view }: Pick<App, 'view'>): Words {
  if (view.roadmapProblem !== undefined) {
    return [
      [['The roadmap file cannot be used:', 'warning']],
      [[view.roadmapProblem.message]],
      ...(view.roadmapProblem.advice === undefined ? [] : [dim(view.roadmapProblem.advice)]),
      dim('It is read again as soon as you save it.'),
    ];
  }
  return [
    dim('No tasks yet.'),
    next('o', 'adds one'),
    next(': plan new', 'has an agent plan a goal'),
    dim('or write roadmap.yaml: cw init makes one to begin with'),
  ];
}

/** What stands in place of the agents when there are none. */
export function nobodyAtWork({ view, ui }: Pick<App, 'view' | 'ui'>): Words {
  const { done, total, counts } = view.totals;
  if (total === 0) return firstSteps({ view });
  const needy = view.inbox.length;
  const forYou = needy === 0 ? [] : [next('!', `${needy} in the inbox wait for you`)];
  if (done === total) {
    return [[['Everything is done.', 'done']], next('D', 'brings the merged work into your branch')];
  }
  if (view.paused !== undefined) {
    return [[[`The project is ${pauseText(view.paused)}.`, 'paused']], next('P', 'lets it go on'), ...forYou];
  }
  const hasRun = ui.run.kind === 'running' || view.orchestrators.length > 0;
  const ready = counts.ready ?? 0;
  if (!hasRun) {
    return [
      dim(
        `Nobody is at work${ready === 0 ? '' : `, and ${ready} ${ready === 1 ? 'task is' : 'tasks are'} ready`}.`,
      ),
      next('cw run', 'works on them in another terminal'),
      next('cw serve', 'works in the background'),
      next('cw tui --run', 'works here: q leaves this one first'),
      ...forYou,
    ];
  }
  if (ready > 0)
    return [
      dim(`No agent is at work yet. ${ready} ${ready === 1 ? 'task is' : 'tasks are'} ready.`),
      ...forYou,
    ];
  return [
    dim('No agent is at work: nothing can start now.'),
    next('f w', 'shows what waits, and i why'),
    ...forYou,
  ];
}
