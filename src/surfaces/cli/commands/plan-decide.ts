import { LOCAL_PERSON, nameOf } from '../../../core/api/actor.ts';
import type { PlanPreview } from '../../../core/api/parts.ts';
import { UsageError } from '../../../core/errors.ts';
import type { PlanRecord } from '../../../core/planning/ports.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { failureOf, renderFailure } from '../failure.ts';
import { count } from '../format.ts';
import { printJson, printLines } from '../print.ts';
import { printDiff } from '../print-diff.ts';
import { safeLine } from '../safe-text.ts';
import { planJson, renderPlan } from '../views/plans.ts';

const PERSON = nameOf(LOCAL_PERSON);

interface Wish {
  readonly yes?: unknown;
  readonly edit?: unknown;
  readonly dryRun?: unknown;
}

/** Shows a plan as what it would do to the roadmap file, and does it when the person says so. */
export async function showAndDecide(
  context: CliContext,
  proposed: PlanRecord,
  wish: Wish,
): Promise<ExitCode> {
  let plan = proposed;
  if (wish.edit === true) plan = await edited(context, plan);
  for (;;) {
    const preview = await context.services.planning.preview(plan);
    if (context.json) {
      if (wish.yes === true && wish.dryRun !== true) return await apply(context, plan, preview);
      printJson(context, { ...planJson(plan, preview), applied: false });
      return EXIT.ok;
    }
    show(context, plan, preview);
    if (wish.dryRun === true) return EXIT.ok;
    if (wish.yes === true) return await apply(context, plan, preview);
    if (!context.io.canAsk) {
      printLines(context, ['', `Nothing has changed. Apply it: cw plan apply ${plan.id}`]);
      return EXIT.ok;
    }
    const answer = (await context.io.ask('\nApply it? [y]es, [e]dit, [n]ot now, [d]rop: '))
      .trim()
      .toLowerCase();
    if (answer === 'y' || answer === 'yes') return await apply(context, plan, preview);
    if (answer === 'e' || answer === 'edit') plan = await edited(context, plan);
    else if (answer === 'd' || answer === 'drop') return await drop(context, plan);
    else {
      printLines(context, [`It is kept: cw plan apply ${plan.id}`]);
      return EXIT.ok;
    }
  }
}

export function show(context: CliContext, plan: PlanRecord, preview: PlanPreview | undefined): void {
  printLines(context, ['', ...renderPlan(plan, preview, context.paint)]);
  if (preview !== undefined && preview.diff !== '') {
    printLines(context, ['']);
    printDiff(context, preview.diff);
  }
}

export async function drop(context: CliContext, plan: Pick<PlanRecord, 'id'>): Promise<ExitCode> {
  await context.services.planning.drop(plan.id, PERSON);
  if (context.json) printJson(context, { plan: plan.id, dropped: true });
  else printLines(context, [`Dropped ${plan.id}.`]);
  return EXIT.ok;
}

async function apply(context: CliContext, plan: PlanRecord, preview: PlanPreview): Promise<ExitCode> {
  const { added, problem } = await context.services.planning.carryOut(plan, { by: PERSON, dryRun: false });
  if (problem !== undefined) {
    const advice = problem.advice === undefined ? '' : ` ${problem.advice}`;
    context.io.err(
      `${safeLine(`warning: the plan does not follow the file. ${problem.message}${advice}`)}\n`,
    );
  }
  if (context.json) {
    printJson(context, { ...planJson({ ...plan, state: 'applied', added }, preview), applied: true });
    return EXIT.ok;
  }
  printLines(context, [
    `Applied ${plan.id}: ${count(added.length, 'new task')}. Begin with: cw run   Take it back: cw roadmap undo`,
  ]);
  return EXIT.ok;
}

/** Lets the person change the whole file as the plan would leave it, until it is right or they give up. */
async function edited(context: CliContext, plan: PlanRecord): Promise<PlanRecord> {
  const { planning } = context.services;
  const { after, hash } = await planning.preview(plan);
  let text = after;
  for (;;) {
    text = await context.services.textFromEditor(text, 'roadmap.yaml');
    try {
      return await planning.amend(plan, text, hash);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (!context.io.canAsk || context.json) throw error;
      const failure = await failureOf(error, async () => undefined);
      context.io.err(renderFailure(failure, { json: false, paint: context.paint }));
      const again = (await context.io.ask('Edit it again? [Y/n] ')).trim().toLowerCase();
      if (again.startsWith('n')) throw error;
    }
  }
}
