import { initTRPC, TRPCError, type TRPCMutationProcedure, type TRPCQueryProcedure } from '@trpc/server';
import * as z from 'zod';
import type { Actor } from '../../core/api/actor.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import { assertMay, OPERATIONS, type Operation } from '../../core/api/roles.ts';
import { type ErrorFacts, errorFacts } from '../../core/error-facts.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';

/** What every call comes with. */
export interface ApiContext {
  readonly actor: Actor;
  /** The project that is asked for, as the actor reaches it. */
  open(): Promise<ProjectApi>;
}

/** What the reference says of a procedure, beside its input. */
export interface ProcedureMeta {
  readonly operation: Operation;
  /** What it does, in a sentence. */
  readonly does: string;
  /** What it answers with, in words. */
  readonly gives: string;
}

type Name = keyof ProjectApi;
type NameOf<Kind extends string> = {
  [K in Name]: (typeof OPERATIONS)[K]['kind'] extends Kind ? K : never;
}[Name];
type Input<K extends Name> = Parameters<ProjectApi[K]>[0];
type Output<K extends Name> = Awaited<ReturnType<ProjectApi[K]>>;
type Definition<K extends Name> = { meta: ProcedureMeta; input: Input<K>; output: Output<K> };

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    // Where it was thrown is for the log of the server alone.
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
    errorFormatter: ({ shape, error, path }) => {
      const facts = factsOf(error, path);
      return { ...shape, message: facts.message, data: { ...shape.data, error: facts } };
    },
  });

export const { router } = t;

/** Refuses who may not, before anything of the input is looked at, and gives each error its place in HTTP. */
export const allowed = t.procedure.use(async ({ ctx, meta, next }) => {
  if (meta === undefined) throw new Error('A procedure without its operation');
  try {
    assertMay(ctx.actor, meta.operation);
  } catch (error) {
    throw asTrpc(error);
  }
  const result = await next();
  if (!result.ok && result.error.cause instanceof CodewalkError) throw asTrpc(result.error.cause);
  return result;
});

type Words = Omit<ProcedureMeta, 'operation'>;

/** The procedure of a reading operation of the port, which has the same input and output. */
export function query<K extends NameOf<'query'>>(
  operation: K,
  input: z.ZodType<Input<K>>,
  words: Words,
): TRPCQueryProcedure<Definition<K>> {
  return allowed
    .meta({ operation: OPERATIONS[operation], ...words })
    .input(input)
    .query(({ ctx, input: given }) => call(ctx, operation, given)) as unknown as TRPCQueryProcedure<
    Definition<K>
  >;
}

/** The procedure of an operation that changes something. */
export function mutation<K extends NameOf<'mutation'>>(
  operation: K,
  input: z.ZodType<Input<K>>,
  words: Words,
): TRPCMutationProcedure<Definition<K>> {
  return allowed
    .meta({ operation: OPERATIONS[operation], ...words })
    .input(input)
    .mutation(({ ctx, input: given }) => call(ctx, operation, given)) as unknown as TRPCMutationProcedure<
    Definition<K>
  >;
}

async function call(ctx: ApiContext, operation: Name, input: unknown): Promise<unknown> {
  const project = await ctx.open();
  // The schema of the input was checked against the method's own type where the procedure is made.
  return await (project[operation] as (input: unknown) => Promise<unknown>)(input);
}

function asTrpc(error: unknown): TRPCError {
  return new TRPCError({ code: trpcCode(error), message: errorFacts(error).message, cause: error });
}

function trpcCode(error: unknown): TRPCError['code'] {
  if (!(error instanceof CodewalkError)) return 'INTERNAL_SERVER_ERROR';
  if (error.code === 'FORBIDDEN') return 'FORBIDDEN';
  if (error.code.startsWith('UNKNOWN_')) return 'NOT_FOUND';
  if (error.code.startsWith('STORE_')) return 'SERVICE_UNAVAILABLE';
  return error instanceof UsageError ? 'BAD_REQUEST' : 'CONFLICT';
}

/** What the client is told; of what nobody foresaw only that it happened. */
function factsOf({ code, cause, message }: TRPCError, path: string | undefined): ErrorFacts {
  if (cause instanceof CodewalkError) return errorFacts(cause);
  if (cause instanceof z.ZodError) {
    const [issue] = cause.issues;
    const where = issue === undefined || issue.path.length === 0 ? 'the input' : issue.path.join('.');
    return {
      code: 'BAD_INPUT',
      message: `${path}: ${where}: ${issue?.message ?? 'invalid'}`,
      advice: 'docs/api.md says what it takes.',
      isUsage: true,
    };
  }
  if (code === 'INTERNAL_SERVER_ERROR') {
    return {
      code: 'UNEXPECTED',
      message: 'The server failed at something that nobody foresaw.',
      advice: 'Its log says what: cw server log',
      isUsage: false,
    };
  }
  return { code, message, isUsage: true };
}
