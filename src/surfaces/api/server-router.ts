import { initTRPC, TRPCError } from '@trpc/server';
import * as z from 'zod';
import { type Actor, PERSON_ROLES, type PersonRole } from '../../core/api/actor.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import { SERVER_OPERATIONS } from '../../core/server/operations.ts';
import type { ServerApi } from '../../core/server/ports.ts';
import type { WireError } from './wire-error.ts';

export interface ServerContext {
  readonly actor: Actor;
  readonly server: ServerApi;
}

const t = initTRPC.context<ServerContext>().create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { ...shape.data, stack: undefined, ...wire(error) },
  }),
});

/** What our own errors say goes along whole, so that the command line tells it as if it had happened there. */
function wire({ cause }: TRPCError): { readonly failure?: WireError } {
  if (!(cause instanceof CodewalkError)) return {};
  const { code, message, advice } = cause;
  return {
    failure: {
      code,
      message,
      isUsage: cause instanceof UsageError,
      ...(advice === undefined ? {} : { advice }),
    },
  };
}

/** A procedure for those who have at least that role. An agent at work is nobody here. */
function procedure(role: PersonRole) {
  return t.procedure.use(async ({ ctx, next, path }) => {
    const rank = ctx.actor.kind === 'agent' ? -1 : PERSON_ROLES.indexOf(ctx.actor.role);
    if (rank < PERSON_ROLES.indexOf(role)) {
      throw new TRPCError({ code: 'FORBIDDEN', message: `${path} needs the role ${role}` });
    }
    const result = await next();
    if (!result.ok && result.error.cause instanceof CodewalkError) {
      throw new TRPCError({ code: 'BAD_REQUEST', message: result.error.message, cause: result.error.cause });
    }
    return result;
  });
}

const root = z.string().startsWith('/').max(4_096);
const { info, addProject, removeProject, stop } = SERVER_OPERATIONS;

/** The server itself: see `SERVER_OPERATIONS` for who may. */
export const serverRouter = t.router({
  server: t.router({
    info: procedure(info.role).query(({ ctx }) => ctx.server.info()),
    addProject: procedure(addProject.role)
      .input(z.strictObject({ root, runs: z.boolean() }))
      .mutation(({ ctx, input }) => ctx.server.addProject(input)),
    removeProject: procedure(removeProject.role)
      .input(z.strictObject({ root }))
      .mutation(({ ctx, input }) => ctx.server.removeProject(input)),
    stop: procedure(stop.role)
      .input(z.strictObject({ reason: z.string().max(200) }))
      .mutation(({ ctx, input }) => ctx.server.stop(input)),
  }),
});
