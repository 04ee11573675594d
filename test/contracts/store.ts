import { describe } from 'node:test';
import { accountContract } from './store-accounts.ts';
import { attemptContract } from './store-attempts.ts';
import { claimContract } from './store-claims.ts';
import { editContract } from './store-edits.ts';
import { failureContract } from './store-failures.ts';
import type { Databases } from './store-kit.ts';
import { logContract } from './store-log.ts';
import { messageContract } from './store-messages.ts';
import { orchestratorContract } from './store-orchestrators.ts';
import { pauseContract } from './store-pauses.ts';
import { peopleContract } from './store-people.ts';
import { planContract } from './store-plans.ts';
import { processContract } from './store-processes.ts';
import { storageContract } from './store-storage.ts';
import { syncContract } from './store-sync.ts';
import { turnContract } from './store-turns.ts';

/** What every store does, on whichever engine: each adapter's test file runs it. */
export function storeContract(name: string, databases: Databases): void {
  describe(`the store on ${name}`, () => {
    syncContract(databases);
    editContract(databases);
    claimContract(databases);
    attemptContract(databases);
    failureContract(databases);
    peopleContract(databases);
    pauseContract(databases);
    planContract(databases);
    orchestratorContract(databases);
    logContract(databases);
    messageContract(databases);
    turnContract(databases);
    processContract(databases);
    accountContract(databases);
    storageContract(databases);
  });
}
