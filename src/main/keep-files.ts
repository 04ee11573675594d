import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openLedger } from '../adapters/pages/ledger.ts';
import { PageDirectory } from '../adapters/pages/page-directory.ts';
import { PageWatcher } from '../adapters/pages/page-watcher.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { fileCalls } from '../adapters/yaml/file-calls.ts';
import { readFrontMatter } from '../adapters/yaml/front-matter.ts';
import type { Project } from '../core/api/parts.ts';
import type { Config } from '../core/config/schema.ts';
import type { Roadmap } from '../core/roadmap/model.ts';
import type { Store } from '../core/tasks/ports.ts';
import type { PartSummary } from '../surfaces/files/container-page.ts';
import { FilesKeeper } from '../surfaces/files/keeper.ts';
import type { FilesApi, Records } from '../surfaces/files/parts.ts';
import type { FollowedRoadmap } from './run.ts';

export interface FilesParts {
  readonly project: Project;
  readonly config: Config;
  readonly store: Store;
  readonly roadmap: { followed(): Promise<FollowedRoadmap> };
  /** The project, as the person reaches it who saves the files. */
  readonly api: FilesApi;
  /** What this process is, for who asks: `cw run`. */
  readonly what: string;
  readonly onNotice: (message: string) => void;
}

/** Keeps the files of a checkout as long as it is not disposed of. */
export interface KeptFiles extends AsyncDisposable {
  start(): Promise<void>;
  /** See `FilesKeeper.once`. */
  once(): Promise<void>;
}

/** Opens the files of a checkout to keep them in step; `undefined` while another process keeps them. */
export async function openFiles(parts: FilesParts): Promise<KeptFiles | undefined> {
  const { project, config, store, onNotice } = parts;
  const ledger = openLedger(ledgerPath(project));
  if (ledger === undefined) return undefined;
  writeFileSync(holderPath(project), JSON.stringify({ pid: process.pid, what: parts.what }));
  const top = join(project.root, '.codewalk');
  const isOurs = (path: string, text: string) =>
    ledger.versions(path).some((version) => version.text === text);
  const keeper = new FilesKeeper({
    directory: relative(project.root, top),
    files: new PageDirectory(top, { calls: fileCalls(), isOurs }),
    ledger,
    watcher: new PageWatcher(top, (reason) => onNotice(`The files are looked at now and then: ${reason}`)),
    load: await loader(parts),
    onChange: (listener) => store.onChange(listener),
    api: parts.api,
    log: (events) => store.log(events),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    readYaml: readFrontMatter,
    clock: systemClock,
    stabilityMs: config.roadmap.stabilityMs,
    onNotice,
  });
  return {
    start: () => keeper.start(),
    once: () => keeper.once(),
    async [Symbol.asyncDispose]() {
      await keeper[Symbol.asyncDispose]();
      ledger[Symbol.dispose]();
    },
  };
}

/** Which process keeps the files of a checkout now; `undefined`: none. */
export function filesHolder(project: Project): { readonly pid: number; readonly what: string } | undefined {
  const ledger = openLedger(ledgerPath(project));
  ledger?.[Symbol.dispose]();
  if (ledger !== undefined) return undefined;
  try {
    return JSON.parse(readFileSync(holderPath(project), 'utf8')) as { pid: number; what: string };
  } catch {
    return { pid: 0, what: 'another process' };
  }
}

function ledgerPath({ stateDirectory }: Project): string {
  return join(stateDirectory, 'files.db');
}

function holderPath({ stateDirectory }: Project): string {
  return join(stateDirectory, 'files.json');
}

async function loader({ store, roadmap }: FilesParts): Promise<() => Promise<Records>> {
  const { source } = await roadmap.followed();
  const summaries = new Map<string, PartSummary>();
  let [seen, last, hash]: [number, Roadmap | undefined, string] = [0, undefined, ''];
  return async () => {
    for (const event of await store.events(seen, { types: ['plan.finished'] })) {
      seen = event.seq;
      // The last of a part counts: it may have been opened again.
      if (event.type === 'plan.finished') summaries.set(event.container, event);
    }
    const read = await source.read(undefined);
    if (read.kind === 'valid') last = read.roadmap;
    if (read.kind === 'valid' || read.kind === 'invalid') hash = read.hash;
    const [tasks, questions, messages] = await Promise.all([
      store.tasks(),
      store.questions(),
      store.messages(),
    ]);
    return { tasks, questions, messages, roadmap: last, roadmapHash: hash, summaries };
  };
}
