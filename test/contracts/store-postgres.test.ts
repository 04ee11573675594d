import { after, before } from 'node:test';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { storeContract } from './store.ts';

let server: PostgresServer;
let shared: string;

before(async () => {
  server = await startPostgres();
  shared = await server.freshDatabase();
});
after(() => server[Symbol.asyncDispose]());

storeContract('PostgreSQL', {
  shared: async () => shared,
  fresh: () => server.freshDatabase(),
});
