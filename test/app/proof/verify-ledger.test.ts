import type { Verdict } from '../../../src/governance/ledger/entries.ts';
import type { LedgerArchive } from '../../../src/app/ports/ledger-archive.ts';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import { entryHash, GENESIS } from '../../../src/governance/ledger/chain.ts';
import { canonicalText } from '../../../src/governance/ledger/digest.ts';
import { parsePolicy } from '../../../src/governance/policy.ts';
import { evaluate } from '../../../src/governance/evaluation.ts';
import { givenEligible } from '../../support/given-agent.ts';
import { givenEngine } from '../../support/given-engine.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { givenRichLedger } from './rich-ledger.ts';

/** Every type that the ledger of these tests must hold, so that nothing is proved of it in vain. */
const TYPES = [
  'AGENT_BECAME_ELIGIBLE',
  'AGENT_IMPORTED',
  'AGENT_PROMOTED',
  'AGENT_REGISTERED',
  'AGENT_REINSTATED',
  'AGENT_REVOKED',
  'AGENT_UPDATED',
  'APPROVAL_RECORDED',
  'COMMAND_REFUSED',
  'ELIGIBILITY_LOST',
  'POLICY_ADOPTED',
  'PROMOTION_DENIED',
  'RUN_RECORDED',
  'TEXT_ERASED',
  'VIOLATION_REPORTED',
];

describe('every decision', () => {
  it('is proved again: its stored facts under its stored policy give its stored verdict, byte for byte', async () => {
    const { file } = await givenRichLedger();
    const db = rawConnection(file);
    const policies = new Map(
      db
        .prepare<[], { digest: string; body: string }>('SELECT digest, body FROM policies')
        .all()
        .map(({ digest, body }) => [digest, parsePolicy(JSON.parse(body))]),
    );
    const entries = db
      .prepare<[], { type: string; payload: string }>('SELECT type, payload FROM ledger_entries')
      .all();
    expect([...new Set(entries.map(({ type }) => type))].sort()).toEqual(TYPES);
    const verdicts = entries.filter(({ payload }) => payload.includes('"evidence"'));
    for (const { payload } of verdicts) {
      const stored = JSON.parse(payload) as Verdict;
      const policy = policies.get(stored.policy);
      if (policy === undefined) throw new Error(`The policy ${stored.policy} is missing.`);
      const { status, evidence } = evaluate(policy, stored.facts);
      const again = canonicalText({ ...stored, policy: policy.digest, status, evidence });
      expect(again).toBe(payload);
    }
    const { sound, verdicts: proved } = await verifyLedger(openLedgerArchive(file));
    expect([sound, proved]).toEqual([true, verdicts.length]);
    expect(policies.size).toBe(2);
    expect(proved).toBeGreaterThan(15);
  });

  it('names its facts in vain if they are others, whatever the chain says', async () => {
    const { file } = await givenRichLedger();
    expect(
      (
        await reportAfter(file, (payload) =>
          payload.replace('"status":"ELIGIBLE"', '"status":"NOT_ELIGIBLE"'),
        )
      ).byKind,
    ).toMatchObject({ VERDICT: 1 });
  });
});

/** Verifies a ledger after its first AGENT_BECAME_ELIGIBLE was altered and the whole chain was made to fit. */
async function reportAfter(file: string, alter: (payload: string) => string) {
  const db = rawConnection(file);
  db.exec('DROP TRIGGER ledger_entries_no_update');
  const entries = db
    .prepare<
      [],
      {
        seq: number;
        at: number;
        recorded_at: number;
        type: string;
        agent_id: string | null;
        actor_key: string;
        payload: string;
      }
    >('SELECT * FROM ledger_entries ORDER BY seq')
    .all();
  const first = entries.find(({ type }) => type === 'AGENT_BECAME_ELIGIBLE')?.seq;
  let last = GENESIS;
  for (const {
    seq,
    at,
    recorded_at: recordedAt,
    type,
    agent_id: agentId,
    actor_key: actor,
    payload,
  } of entries) {
    const payloadText = seq === first ? alter(payload) : payload;
    const rest = { seq, at, recordedAt, type, agentId, actor, payloadText } as Parameters<
      typeof entryHash
    >[1];
    const hash = entryHash(last, rest);
    db.prepare('UPDATE ledger_entries SET payload = ?, previous_hash = ?, hash = ? WHERE seq = ?').run(
      payloadText,
      last,
      hash,
      seq,
    );
    last = hash;
  }
  db.prepare('UPDATE ledger_head SET hash = ?').run(last);
  const { problems } = await verifyLedger(openLedgerArchive(file));
  expect(problems.byKind).not.toHaveProperty('HASH');
  return problems;
}

describe('a verification', () => {
  it('sees one moment while others write, and says what it saw', async () => {
    const { app, file, clock } = await givenEngine();
    await givenEligible(app);
    const { seq } = await app.store.reader.head();
    const archive = openLedgerArchive(file);
    /** Between the snapshot and every reading of it, something is committed. */
    const busy: LedgerArchive = {
      read: (work) =>
        archive.read(async (snapshot) => {
          await record(app, [givenRun(clock.now(), { agentId: 'bob' })]);
          return work(snapshot);
        }),
    };
    const report = await verifyLedger(busy, {
      onProgress: () => record(app, [givenRun(clock.now(), { agentId: 'eve' })]),
    });
    expect(report.problems.listed).toEqual([]);
    expect([report.entries, report.head.seq]).toEqual([seq, seq]);
    expect((await app.store.reader.head()).seq).toBeGreaterThan(seq + 2);
  });

  it('tells how far it is, to the end', async () => {
    const { app, file } = await givenEngine();
    await givenEligible(app);
    const told: number[] = [];
    const { entries } = await verifyLedger(openLedgerArchive(file), {
      onProgress: ({ done }) => told.push(done),
    });
    expect([told[0], told.at(-1)]).toEqual([0, entries]);
  });

  it('changes nothing: not even guards that are gone are put back', async () => {
    const { file } = await givenRichLedger();
    rawConnection(file).exec('DROP TRIGGER texts_no_update; DROP INDEX agents_due');
    for (const time of [1, 2]) {
      const { byKind } = (await verifyLedger(openLedgerArchive(file))).problems;
      expect([time, byKind]).toEqual([time, { GUARD: 2 }]);
    }
  });

  it.each([
    ['there is none', (file: string) => `${file}.none`, 'there is none'],
    [
      'it is no database',
      (file: string) => (writeFileSync(`${file}.txt`, 'x'.repeat(4_096)), `${file}.txt`),
      'it is not a SQLite database',
    ],
    [
      'an earlier build has used it',
      (file: string) => {
        rawConnection(file).exec(
          `DELETE FROM _prisma_migrations WHERE migration_name LIKE '%principal_salt'`,
        );
        return file;
      },
      'it lacks the migration',
    ],
  ])('is refused if %s', async (_, spoil, message) => {
    const { file, engine } = await givenEngine({ unsound: true });
    await engine.close();
    await expect(verifyLedger(openLedgerArchive(spoil(file)))).rejects.toThrow(message);
  });
});
