import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { openSigner } from '../../../src/adapters/signing/ed25519.ts';
import { openOriginalLedger } from '../../../src/adapters/original-ledger/open-original-ledger.ts';
import { erase } from '../../../src/app/commands/erase.ts';
import { importLedger } from '../../../src/app/import-ledger/import-ledger.ts';
import { NO_WITNESS } from '../../../src/app/time/witnessed-clock.ts';
import { makeCheckpoint } from '../../../src/app/proof/make-checkpoint.ts';
import type { App } from '../../../src/app/app.ts';
import { baseline } from '../../../src/governance/policies/baseline.ts';
import { parsePolicy, policyData, type Policy } from '../../../src/governance/policy.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { deny, reinstate, revoke, update } from '../../support/given-authority.ts';
import { DAY, HandClock, HOUR, openedEngine, START } from '../../support/given-engine.ts';
import { givenOriginalLedger } from '../../support/given-original-ledger.ts';
import { ABE, ADA, ANN, BEN, VAL } from '../../support/given-principal.ts';
import {
  givenAction,
  givenReport,
  givenRun,
  givenViolation,
  record,
  report,
} from '../../support/given-runs.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** Who runs the commands of these tests. */
export const OPERATOR = { id: 'operator:pat', kind: 'PERSON' } as const;

/** The built-in policy, but for its first step: one run more, and two people. */
export const CHANGED: Policy = parsePolicy({
  ...policyData(baseline),
  name: 'changed',
  steps: baseline.steps.map((step) =>
    step.from === 'T0' ? { ...step, needs: [{ role: 'REVIEWER', count: 2 }] } : step,
  ),
});

/** A key pair: the setting of a signer, and a public key to put into a file. */
export function givenKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** A ledger in which everything happens that can, a backup of it from before its end, and a checkpoint of that end. */
export async function givenRichLedger() {
  const folder = tempFolder();
  const [file, backup] = [join(folder, 'ledger.db'), join(folder, 'backup.db')];
  const clock = new HandClock();
  const told = async (policy: Policy, story: (app: App, clock: HandClock) => Promise<void>, at = file) => {
    const { engine, close } = await openedEngine({ file: at, clock, policy, adoptPolicy: true });
    await story(engine.app, clock);
    await close();
  };
  await told(baseline, firstPart);
  await told(CHANGED, secondPart);
  copyFileSync(file, backup);
  await told(baseline, lastPart);
  const signer = openSigner(givenKeys().privatePem);
  const checkpoint = await makeCheckpoint(openLedgerArchive(file), { signer, clock, witness: NO_WITNESS });
  /** Lets a restored backup go on in another way, past where the ledger ends. */
  const fork = async (restored: string) => told(CHANGED, otherPart, restored);
  return { file, backup, checkpoint, fork };
}

async function firstPart(app: App, clock: HandClock): Promise<void> {
  await importLedger(app, {
    ledger: openOriginalLedger(givenOriginalLedger(ORIGINAL)),
    actor: OPERATOR,
    dryRun: false,
  });
  await givenEligible(app, 'eve', 'T3');
  await givenEligible(app, 'bob');
  clock.advance(HOUR);
  await promote(app, ADA, 'eve');
  await promote(app, VAL, 'bob').catch(() => undefined);
  await promote(app, ANN, 'bob', { rationale: 'Bob plans well, and asks before he acts.' });
  const bad = givenRun(clock.now(), {
    agentId: 'bob',
    actions: [givenAction('terraform_apply', clock.now(), { success: false })],
    violations: [givenViolation(clock.now(), { severity: 'HIGH', description: 'Deleted a volume.' })],
  });
  await record(app, [bad]);
  const described = { agentId: 'bob', runId: bad.runId, description: 'And its backup.' };
  await report(app, givenReport(clock.now(), described), BEN);
  await record(app, [givenRun(clock.now(), { agentId: 'cy', owner: 'olga' })]);
  await givenEligible(app, 'dot');
  clock.advance(DAY);
}

/** Under another policy: dot waits for two people, one of whom votes. */
async function secondPart(app: App, clock: HandClock): Promise<void> {
  await promote(app, ANN, 'dot');
  clock.advance(HOUR);
  await givenEligible(app, 'fay');
  await promote(app, BEN, 'fay');
  await report(app, givenReport(clock.now(), { agentId: 'fay', description: 'Ran as root.' }), BEN);
  const erasable = (await app.store.reader.entriesAfter(0, 1_000)).filter(
    ({ type, agentId }) => type === 'VIOLATION_REPORTED' && agentId === 'bob',
  );
  await erase(app, OPERATOR, { what: 'ENTRY', seq: erasable[0]?.seq ?? 0 });
  await erase(app, OPERATOR, { what: 'PERSON', id: 'olga' });
  clock.advance(40 * DAY);
}

/** Back under the first one: what time has changed is settled, and eve goes all the way up. */
async function lastPart(app: App, clock: HandClock): Promise<void> {
  const run = givenRun(clock.now(), { agentId: 'dot', actions: [givenAction('generate_plan', clock.now())] });
  await record(app, [run]);
  await promote(app, ABE, 'dot');
  await givenEligible(app, 'eve');
  await promote(app, ADA, 'eve').catch(() => undefined);
  await promote(app, ABE, 'eve').catch(() => undefined);
  await record(app, [givenRun(clock.now(), { agentId: 'gus', violations: [givenViolation(START)] })]);
  await strictPart(app, clock);
}

/** Trust taken back and given again: `hal` is denied, given to others, revoked by somebody and by a rule. */
async function strictPart(app: App, clock: HandClock): Promise<void> {
  const hal = { agentId: 'hal' };
  await record(app, [givenRun(clock.now(), { ...hal, owner: 'olaf' })]);
  await givenEligible(app, 'hal', 'T2');
  await deny(app, hal);
  await update(app, { ...hal, owner: 'omar' });
  await update(app, { ...hal, owner: 'olaf', retired: true });
  await update(app, { ...hal, retired: false });
  await revoke(app, { ...hal, toTier: 'T1' });
  await revoke(app, hal);
  clock.advance(HOUR);
  await reinstate(app, hal);
  for (const severity of ['HIGH', 'CRITICAL'] as const)
    await report(app, givenReport(clock.now(), { ...hal, severity }), BEN);
}

async function otherPart(app: App, clock: HandClock): Promise<void> {
  for (let index = 0; index < 300; index += 50)
    await record(
      app,
      Array.from({ length: 50 }, () => givenRun(clock.now(), { agentId: 'mallory' })),
    );
}

const AT = '2026-06-20T00:00:00Z';
const ORIGINAL = {
  agent_metrics: [
    { agent_id: 'ida', current_tier: 1, total_runs: 9, compliant_runs: 9, consecutive_compliant: 9 },
    { agent_id: 'ian', current_tier: 0, total_runs: 3, compliant_runs: 1, consecutive_compliant: 0 },
  ],
  agent_actions: [
    { agent_id: 'ida', timestamp: AT, action: 'ansible_check', decision: 'EXECUTE', success: 1 },
    { agent_id: 'ida', timestamp: AT, action: 'terraform_plan', decision: 'PLAN', success: 1 },
  ],
  violations: [
    { agent_id: 'ian', timestamp: AT, severity: 'LOW', violation_type: 'scope', description: 'private' },
    { agent_id: 'ian', timestamp: 'once', severity: 'LOW', violation_type: 'scope' },
  ],
  promotions: [
    { agent_id: 'ida', timestamp: AT, from_tier: 0, to_tier: 1, approved_by: 'dana', rationale: 'well done' },
  ],
};
