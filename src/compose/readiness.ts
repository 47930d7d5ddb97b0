import type { Engine } from './engine.ts';
import type { Readiness } from '../server/probes.ts';

/** Whether the engine can do its work, and what each check found. */
export async function readiness(engine: Engine): Promise<Readiness> {
  const { app, database, followers } = engine;
  const unwritable = await database.writeFault();
  try {
    const faults = database.faults();
    const detail = await followersDetail(followers);
    const isComparing = engine.isComparing();
    const { policyDigest } = await app.store.reader.head();
    const checks = {
      database: unwritable ?? 'ok',
      guards: faults.length === 0 ? 'ok' : faults,
      policy: policyDigest ?? 'none',
      clock: await clockDetail(app),
      ...(isComparing ? { comparison: 'the first comparison with Vault is under way' } : {}),
      ...detail,
    };
    const isSound = unwritable === null && faults.length === 0 && policyDigest !== null;
    return { ready: isSound && !isComparing, checks };
  } catch (error) {
    // Reading a file that somebody overwrites finds damage, too.
    const sentence = await sentenceOf(error);
    return { ready: false, checks: { database: unwritable ?? sentence } };
  }
}

/** @throws the error itself if it is no fault of the database */
async function sentenceOf(error: unknown): Promise<string> {
  const [{ storageErrorOf }, { faultSentence }] = await Promise.all([
    import('../app/ports/storage-errors.ts'),
    import('../adapters/sqlite/storage-faults.ts'),
  ]);
  const fault = storageErrorOf(error);
  if (fault === null) throw error;
  return faultSentence(fault);
}

/** A doubtful clock makes no server unready: what lowers must still reach it. */
async function clockDetail(app: Engine['app']): Promise<string> {
  if (app.witness.doubt() === null) return 'ok';
  const [{ learnTime }, { doubtSentence }] = await Promise.all([
    import('../app/time/learn-time.ts'),
    import('../governance/clock-witness.ts'),
  ]);
  await learnTime(app);
  const doubt = app.witness.doubt();
  return doubt === null ? 'ok' : `doubtful: ${doubtSentence(doubt)}`;
}

/** What follows the ledger is told, and never makes a server unready. */
async function followersDetail({ names, store }: Engine['followers']) {
  if (names.length === 0) return {};
  const standings = await store.standings();
  const told = standings.map(({ name, lag, pending, breaker, lastError, dead }) => [
    name,
    { lag, pending, breaker, lastError, deadLetters: dead },
  ]);
  return { followers: Object.fromEntries(told) as Readonly<Record<string, object>> };
}
