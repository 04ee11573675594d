const ENDING = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/**
 * Calls `giveBack`, which must be quick and may be called twice, when the process ends without having said so: by
 * `process.exit`, by an error that nobody caught (before its stack is printed), or by a signal that nobody else takes.
 */
export function giveBackAtTheEnd(process: NodeJS.Process, giveBack: () => void): Disposable {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Whoever else listens ends the process in its own way, and by that comes here again.
    if (process.listenerCount(signal) > 1) return;
    giveBack();
    process.off(signal, onSignal);
    process.kill(process.pid, signal);
  };
  process.on('exit', giveBack);
  process.on('uncaughtExceptionMonitor', giveBack);
  for (const signal of ENDING) process.on(signal, onSignal);
  return {
    [Symbol.dispose]: () => {
      process.off('exit', giveBack);
      process.off('uncaughtExceptionMonitor', giveBack);
      for (const signal of ENDING) process.off(signal, onSignal);
    },
  };
}
