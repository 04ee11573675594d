import type { PlanPreview } from '../../../core/api/parts.ts';
import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import type { PlanRecord } from '../../../core/planning/ports.ts';
import { TASK_STATES } from '../../../core/tasks/states.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import { listedPlans, planJson, renderPlans } from '../views/plans.ts';
import { drop, show, showAndDecide } from './plan-decide.ts';

export const planList: Action = async (context, { options }) => {
  const store = await context.services.store();
  const tasks = await store.tasks({ states: TASK_STATES });
  const all = listedPlans(await store.plans(), tasks);
  const plans = options.all === true ? all : all.filter(({ state }) => state !== 'dropped');
  if (context.json) {
    printJson(
      context,
      plans.map(({ id, at, tasks: size, ...plan }) => ({
        plan: id,
        ...plan,
        tasks: size ?? null,
        at: new Date(at).toISOString(),
      })),
    );
  } else if (plans.length === 0) printLines(context, ['There is no plan. Have one made: cw plan "…"']);
  else {
    const { io, paint, services } = context;
    printLines(context, renderPlans(plans, { now: services.now(), width: io.columns(), paint }));
  }
  return EXIT.ok;
};

export const planShow: Action = async (context, { args }) => {
  const plan = await findPlan(context, String(args[0]));
  let preview: PlanPreview | undefined;
  let problem: UsageError | undefined;
  try {
    preview = plan.state === 'applied' ? undefined : await context.services.planning.preview(plan);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problem = error;
  }
  if (context.json) printJson(context, { ...planJson(plan, preview), problem: problem?.message ?? null });
  else {
    show(context, plan, preview);
    if (problem !== undefined)
      context.io.err(`note: it cannot be applied now: ${safeLine(problem.message)}\n`);
    if (plan.state !== 'open') printLines(context, ['', `It is ${plan.state}.`]);
    else printLines(context, ['', `Apply it: cw plan apply ${plan.id}`]);
  }
  return EXIT.ok;
};

export const planApply: Action = async (context, { args, options }) => {
  const plan = await findPlan(context, String(args[0]));
  return await showAndDecide(context, plan, { ...options, yes: options.dryRun !== true });
};

export const planDrop: Action = async (context, { args }) => {
  const id = parseTaskId(String(args[0]));
  const store = await context.services.store();
  const task = await store.task(id);
  if (task?.definition.planning === undefined) await findPlan(context, id);
  return await drop(context, { id });
};

async function findPlan(context: CliContext, text: string): Promise<PlanRecord> {
  const id = parseTaskId(text);
  const store = await context.services.store();
  const [plan] = await store.plans({ id });
  if (plan !== undefined) return plan;
  const task = await store.task(id);
  if (task?.definition.planning === undefined) return await context.services.planning.find(id);
  throw new UsageError('NO_PLAN', `${id} has no plan yet: it is ${task.state}`, {
    advice: `see what is said: cw task logs ${id}`,
  });
}
