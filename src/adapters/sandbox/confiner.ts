import { existsSync, lstatSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Confinement, Confiner, ResolvedProgram } from '../../core/agents/ports.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { Availability } from './availability.ts';
import { bwrapArguments, type View, viewsOf } from './bwrap-arguments.ts';
import { isWithin, makeBelow, realPath } from './paths.ts';
import { systemParts } from './system-parts.ts';

/** Shuts programs in with bubblewrap(1): namespaces of their own, and only those files that the confinement names. */
export class BubblewrapConfiner implements Confiner {
  readonly #availability: () => Promise<Availability>;

  constructor(availability: () => Promise<Availability>) {
    this.#availability = availability;
  }

  async confine(program: ResolvedProgram, confinement: Confinement): Promise<ResolvedProgram> {
    const available = await this.#availability();
    if (available.kind === 'missing') throw unavailable(available);
    const places = { home: realPath(program.env['HOME'] ?? '/tmp/home'), tmp: realPath('/tmp') };
    const views = viewsOf(confinement, places).filter(
      (view) => view.kind === 'hidden' || existsSync(view.source),
    );
    for (const view of views) if (view.kind === 'bind') makeMountPoint(view, views, confinement);
    const { disableUserns } = available;
    const system = confinement.mode === 'strict' ? systemParts() : [];
    const args = bwrapArguments({ confinement, views, system, cwd: program.cwd, disableUserns });
    return { ...program, program: available.bwrap, args: [...args, program.program, ...program.args] };
  }
}

/** Why a program cannot be shut in, for who asked for it. */
export function unavailable({ reason, advice }: Extract<Availability, { kind: 'missing' }>): CodewalkError {
  return new CodewalkError('SANDBOX_UNAVAILABLE', `There is no sandbox here: ${reason}`, {
    advice: `${advice} Or set sandbox.mode to "off".`,
  });
}

/**
 * Bubblewrap makes mount points itself, following links. In a directory that the agent could write to they are made
 * here, where no link is followed.
 */
function makeMountPoint(
  view: Extract<View, { kind: 'bind' }>,
  views: readonly View[],
  own: Confinement,
): void {
  const above = views
    .filter((each) => each.target !== view.target && isWithin(view.target, each.target))
    .at(-1);
  if (above?.kind !== 'bind' || !(above.source === own.home || above.source === own.tmp)) return;
  const place = join(above.source, relative(above.target, view.target));
  makeBelow(above.source, place, lstatSync(realPath(view.source)).isDirectory() ? 'directory' : 'file');
}
