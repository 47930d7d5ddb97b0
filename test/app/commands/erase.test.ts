import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { erase, type Erasure } from '../../../src/app/commands/erase.ts';
import type { App } from '../../../src/app/app.ts';
import { verifyLedger } from '../../../src/app/proof/verify-ledger.ts';
import { ask } from '../../graphql/ask.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { givenEngine } from '../../support/given-engine.ts';
import { ABE, ADA, ANN, BEN, RUNNER, VAL } from '../../support/given-principal.ts';
import { givenReport, givenRun, givenViolation, record, report } from '../../support/given-runs.ts';
import { rawConnection } from '../../support/temp-database.ts';
import { OPERATOR } from '../proof/rich-ledger.ts';

const SECRET = 'Dana Whitlock wrote this herself.';

const blank = (app: App, erasure: Erasure) => erase(app, OPERATOR, erasure);
const newest = async (app: App) => (await app.store.reader.head()).seq;
const erasedCounts = async (file: string) => (await verifyLedger(openLedgerArchive(file))).erased;

/** Each place that a free text can stand in, with the entry that refers to it. */
const TEXTS: Readonly<Record<string, (app: App) => Promise<number>>> = {
  'the rationale of a promotion': async (app) => {
    await givenEligible(app);
    return (await promote(app, ANN, 'eve', { rationale: SECRET })).seq;
  },
  'the rationale of an approval': async (app) => {
    await givenEligible(app, 'eve', 'T3');
    return (await promote(app, ADA, 'eve', { rationale: SECRET })).seq;
  },
  'the rationale of a refused command': async (app) => {
    await givenEligible(app);
    await promote(app, VAL, 'eve', { rationale: SECRET }).catch(() => undefined);
    return newest(app);
  },
  'the description of a violation in a run': async (app) => {
    const violations = [givenViolation(app.clock.now(), { description: SECRET })];
    await record(app, [givenRun(app.clock.now(), { violations })]);
    return newest(app);
  },
  'the description of a violation reported later': async (app) => {
    await record(app, [givenRun(app.clock.now())]);
    return (await report(app, givenReport(app.clock.now(), { description: SECRET }))).seq;
  },
};

describe.each(Object.entries(TEXTS))('%s', (_, story) => {
  it('is erased by its entry: an entry says so, nothing shows it, and the ledger is as sound as before', async () => {
    const { engine, app, file } = await givenEngine();
    const seq = await story(app);
    const everything = `{ ledger(first: 50) { nodes { seq ... on CommandRefusedEntry { rationale }
      ... on AgentPromotedEntry { rationale } ... on ApprovalRecordedEntry { approval { rationale } }
      ... on ViolationReportedEntry { violation { description } } ... on TextErasedEntry { erased } } } }`;
    const shown = async () => JSON.stringify(await ask(engine, VAL, everything));
    expect(await shown()).toContain(SECRET);
    const erased = await blank(app, { what: 'ENTRY', seq });
    expect(await shown()).not.toContain(SECRET);
    expect(await shown()).toContain(erased.id);
    expect(await app.store.reader.entriesAfter((erased.seq ?? 0) - 1, 10)).toMatchObject([
      { type: 'TEXT_ERASED', payload: { erased: 'TEXT', id: erased.id } },
    ]);
    expect(await erasedCounts(file)).toEqual({ texts: 1, people: 0 });
  });

  it('is gone from the file itself, with the salts and digests that it could be guessed from', async () => {
    const { engine, app, file } = await givenEngine();
    await blank(app, { what: 'ENTRY', seq: await story(app) });
    await engine.database.emptyLog();
    const [bytes, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
    expect([bytes.includes(SECRET), log.includes(SECRET)]).toEqual([false, false]);
    const row = rawConnection(file).prepare('SELECT salt, body FROM texts WHERE body IS NULL').all();
    expect(row).toEqual([{ salt: null, body: null }]);
  });

  it('is erased by its id, and once: the second time changes nothing', async () => {
    const { app } = await givenEngine();
    const { id } = await blank(app, { what: 'ENTRY', seq: await story(app) });
    const before = await newest(app);
    expect(await blank(app, { what: 'TEXT', id })).toEqual({ erased: 'TEXT', id, seq: null });
    expect(await newest(app)).toBe(before);
  });
});

describe('what an erased text was sent with', () => {
  it('is neither recorded nor carried out a second time when it is sent again', async () => {
    const { app } = await givenEngine();
    await givenEligible(app);
    const vote = { rationale: SECRET, idempotencyKey: 'once' };
    const { seq } = await promote(app, ANN, 'eve', vote);
    const run = givenRun(app.clock.now(), {
      violations: [givenViolation(app.clock.now(), { description: SECRET })],
    });
    await record(app, [run]);
    const sent = givenReport(app.clock.now(), { description: SECRET });
    const reported = await report(app, sent);
    const violations = await app.store.reader.entriesAfter(seq, 100, 'VIOLATION_REPORTED');
    expect(violations.at(-1)?.seq).toBe(reported.seq);
    for (const entry of [{ seq }, ...violations]) await blank(app, { what: 'ENTRY', seq: entry.seq });
    await expect(promote(app, ANN, 'eve', vote)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    await expect(report(app, sent)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect((await record(app, [run])).outcomes).toMatchObject([{ error: { code: 'RUN_CONFLICT' } }]);
  });
});

describe('an erased person', () => {
  it('is shown as something opaque wherever they acted, and the ledger is as sound as before', async () => {
    const { engine, app, file } = await givenEngine();
    await record(app, [givenRun(app.clock.now(), { owner: 'ann' })]);
    await givenEligible(app, 'bob');
    await promote(app, ANN, 'bob');
    const { id, seq } = await blank(app, { what: 'PERSON', id: 'ann' });
    expect(id).toMatch(/^erased:[0-9a-f]{32}$/);
    const query = `{ ledger(first: 50) { nodes { type actor { id } ... on AgentPromotedEntry { approvals { principal { id } } }
      ... on TextErasedEntry { erased } } } agent(agentId: "eve") { owner } }`;
    const answer = await ask(engine, VAL, query);
    expect(JSON.stringify(answer)).not.toContain('"ann"');
    expect(answer.one('agent.owner')).toBe(id);
    const nodes = answer.all('ledger.nodes');
    expect(nodes).toContainEqual({ type: 'TEXT_ERASED', actor: { id: OPERATOR.id }, erased: id });
    expect(nodes).toContainEqual({
      type: 'AGENT_PROMOTED',
      actor: { id },
      approvals: [{ principal: { id } }],
    });
    expect(seq).toBe(await newest(app));
    expect(await erasedCounts(file)).toEqual({ texts: 0, people: 1 });
  });

  it('who comes back is a stranger: nothing that was erased has the name again', async () => {
    const { engine, app, file } = await givenEngine();
    await givenEligible(app);
    await promote(app, ANN, 'eve');
    const { id } = await blank(app, { what: 'PERSON', id: 'ann' });
    await givenEligible(app, 'bob');
    await promote(app, ANN, 'bob');
    const answer = await ask(
      engine,
      VAL,
      '{ promotionHistory(filter: { types: [AGENT_PROMOTED] }) { nodes { actor { id } } } }',
    );
    expect(answer.all('promotionHistory.nodes.actor.id')).toEqual(['ann', id]);
    expect(await erasedCounts(file)).toEqual({ texts: 0, people: 1 });
    await blank(app, { what: 'PERSON', id: 'ann' });
    expect(await erasedCounts(file)).toEqual({ texts: 0, people: 2 });
  });

  it('whose vote is still open can’t complete a promotion by voting as two people', async () => {
    const { app } = await givenEngine();
    await givenEligible(app, 'eve', 'T3');
    await promote(app, ADA, 'eve');
    await blank(app, { what: 'PERSON', id: 'ada' });
    expect(await promote(app, ADA, 'eve')).toMatchObject({ kind: 'APPROVED' });
    expect(await promote(app, ABE, 'eve')).toMatchObject({ kind: 'PROMOTED' });
  });
});

describe('erasing is refused, and nothing is changed', () => {
  it.each<[string, Erasure, string]>([
    ['an entry without a text', { what: 'ENTRY', seq: 1 }, 'Entry 1 holds no free text'],
    ['no entry', { what: 'ENTRY', seq: 99 }, 'Entry 99 holds no free text'],
    ['no text', { what: 'TEXT', id: 'eve' }, 'The ledger has no text eve.'],
    ['nobody', { what: 'PERSON', id: 'nobody' }, 'The ledger knows nobody called nobody.'],
    ['a service', { what: 'PERSON', id: RUNNER.id }, 'runner is of kind service: only people are erased.'],
    ['the clock', { what: 'PERSON', id: 'system:setup' }, 'The ledger knows nobody'],
  ])('for %s', async (_, erasure, message) => {
    const { app } = await givenEngine();
    await record(app, [givenRun(app.clock.now())]);
    const before = await newest(app);
    await expect(blank(app, erasure)).rejects.toThrow(message);
    expect(await newest(app)).toBe(before);
  });
});

it('an erased vote of a reviewer leaves those of others', async () => {
  const { app } = await givenEngine();
  await givenEligible(app, 'eve', 'T3');
  await promote(app, BEN, 'eve');
  await promote(app, ADA, 'eve').catch(() => undefined);
  await expect(blank(app, { what: 'PERSON', id: 'ben' })).resolves.toMatchObject({ erased: 'PERSON' });
});
