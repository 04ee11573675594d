import { main } from './cli/main.ts';

// No process.exit here: what is still on its way to a pipe would be lost.
process.exitCode = await main(process);
