import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../../src/governance/evaluation.ts';
import { DAY } from '../../../src/governance/facts.ts';
import { givenFixtureLedger } from '../../support/given-original-ledger.ts';
import { givenApp, NOW } from './given-app.ts';
import { evaluationsAt, importFile } from './given-import.ts';

const ANSWERS = readFileSync(join(import.meta.dirname, '../../fixtures/original-ledger.tsv'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'));

const ACTIVITY = `SELECT agent_id, count(*) AS actions, sum(success) AS successful,
  sum(success AND decision = 'EXECUTE') AS executions FROM actions
  WHERE occurred_at BETWEEN ${String(NOW - 30 * DAY)} AND ${String(NOW)} GROUP BY agent_id`;
const VIOLATIONS = `SELECT agent_id, count(*) AS violations FROM violations
  WHERE occurred_at BETWEEN ${String(NOW - 30 * DAY)} AND ${String(NOW)} GROUP BY agent_id`;

function answer(agentId: string, evaluation: Evaluation | undefined): readonly string[] {
  if (evaluation === undefined) return [agentId, 'not evaluated'];
  const { currentTier, targetTier, status, requirements } = evaluation;
  const met = requirements.filter((requirement) => requirement.met).map(({ key }) => key);
  const missing = requirements
    .filter((requirement) => !requirement.met)
    .map(({ key, remaining }) => `${key}=${String(remaining)}`);
  return [agentId, currentTier, targetTier, status, met.toSorted().join(' '), missing.toSorted().join(' ')];
}

describe('an imported ledger', () => {
  it.each([NOW, NOW + 150 * DAY])(
    'is answered as the original engine answered, imported at %i',
    async (now) => {
      const { app, rows } = await givenApp(now);
      const report = await importFile(app, givenFixtureLedger());
      expect(report).toMatchObject({ agents: { imported: 300 }, problems: { total: 0 } });
      const evaluations = await evaluationsAt(app, NOW, { now });
      const activity = new Map(rows(ACTIVITY).map((row) => [row.agent_id, row]));
      const violations = new Map(rows(VIOLATIONS).map((row) => [row.agent_id, row]));
      expect(ANSWERS).toHaveLength(300);
      for (const [agentId = '', ...expected] of ANSWERS) {
        const counted = [
          activity.get(agentId),
          activity.get(agentId),
          activity.get(agentId),
          violations.get(agentId),
        ];
        const counts = ['actions', 'successful', 'executions', 'violations'].map((name, index) =>
          expected.at(-1) === '-' ? '-' : String(counted[index]?.[name] ?? 0),
        );
        expect([...answer(agentId, evaluations.get(agentId)), ...counts]).toEqual([agentId, ...expected]);
      }
    },
  );
});
