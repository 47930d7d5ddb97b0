/** npm passes on the Ctrl-C that the terminal has sent to the process already: one press arrives twice within this time. */
const ONE_PRESS_MS = 500;

/** Aborted when the process is asked to stop; asked again, it stops at once. */
export function untilStopped(): AbortSignal {
  const controller = new AbortController();
  let forces = false;
  const stop = (signal: NodeJS.Signals) => {
    if (forces) process.exit(signal === 'SIGINT' ? 130 : 143);
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => (forces = true), ONE_PRESS_MS).unref();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return controller.signal;
}

/** What work comes to, or null once the signal aborts. Keeps the process alive meanwhile. */
export async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  const alive = setInterval(() => undefined, 60_000);
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    clearInterval(alive);
  }
}

/** Work that never ends by itself. */
export const FOREVER = new Promise<never>(() => undefined);
