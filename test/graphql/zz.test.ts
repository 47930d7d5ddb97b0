import { test } from 'vitest';
import { rawConnection } from '../support/temp-database.ts';
import { ANN, RUNNER, agent, person } from '../support/given-principal.ts';
import { givenStory } from './given-story.ts';
import { ask } from './ask.ts';
import { statements, planned } from './statements.ts';
import { promote } from '../support/given-agent.ts';
import { START, DAY } from '../support/given-engine.ts';
import { givenRun, record, report, givenReport, givenAction, givenViolation } from '../support/given-runs.ts';

test('explore', async () => {
  const { engine, file, app, clock } = await givenStory();
  const log = statements();
  const db = rawConnection(file, { readonly: true });
  const prep = () => {
    for (const sql of log.take()) {
      if (!/^\s*(SELECT|UPDATE|INSERT|DELETE|WITH)/i.test(sql)) continue;
      const { plan } = planned(db, sql);
      const bad = plan.filter((line) => (/^SCAN/.test(line) && !/VIRTUAL TABLE|CONSTANT/.test(line)) || /TEMP B-TREE/.test(line));
      if (bad.length) console.log('   SQL', sql.replaceAll('`main`.', '').replaceAll('`', '').replace(/\s+/g, ' ').replace(/SELECT .* FROM (agents|runs|ledger_entries|violations|candidacies) WHERE/, 'SELECT … FROM $1 WHERE'), '\n     ', plan.join('\n      '));
    }
    log.take();
  };
  const lim = person('pam', ['REVIEWER'], { agents: ['b*', 'eve'] });
  const docs: [string, string, typeof ANN?][] = [
    ['context', '{ cursor }'],
  ];
  for (const f of ['AGENT_ID', 'TIER', 'ELIGIBLE_SINCE', 'ELIGIBLE_AT', 'LAST_ACTIVE_AT']) for (const d of ['ASC', 'DESC']) {
    docs.push([`agents ${f} ${d}`, `{ agents(orderBy: {field: ${f}, direction: ${d}}, first: 2) { nodes { agentId } pageInfo { endCursor } } }`]);
    docs.push([`eligible ${f} ${d}`, `{ agents: eligibleAgents(orderBy: {field: ${f}, direction: ${d}}, first: 1) { nodes { agentId } pageInfo { endCursor } } }`]);
  }
  for (const [name, doc] of [...docs]) if (doc.includes('endCursor')) docs.push([name + ' after', doc]);
  docs.push(['limited', '{ agents { nodes { agentId } } ledger { nodes { seq } } promotionHistory { nodes { seq } } }', lim]);
  for (const f of ['agentId: ["eve"]', 'search: "e"', 'tier: [T1]', 'status: [ELIGIBLE]', 'status: [NOT_ELIGIBLE]', 'owner: ["olga"]', 'suspended: false', 'retired: true', 'viewerCanPromote: true', 'viewerCanPromote: false']) {
    docs.push([`agents {${f}}`, `{ agents(filter: {${f}}) { nodes { agentId } } }`]);
    docs.push([`eligible {${f}}`, `{ eligibleAgents(filter: {${f}}) { nodes { agentId } } }`]);
  }
  docs.push(['totalCount', '{ agents { totalCount } eligibleAgents { totalCount } ledger { totalCount } promotionHistory { totalCount } }']);
  for (const f of ['agentId: ["eve"]', 'types: [AGENT_PROMOTED]', 'types: [AGENT_PROMOTED, RUN_RECORDED]', 'actor: ["ann"]', 'toTier: [T1]', 'from: "2026-01-01T00:00:00Z"', 'to: "2026-01-01T00:00:00Z"', ''])
    for (const d of ['ASC', 'DESC']) {
      docs.push([`ledger {${f}} ${d}`, `{ ledger(filter: {${f}}, direction: ${d}, first: 1) { nodes { seq } pageInfo { endCursor } } }`]);
      docs.push([`history {${f}} ${d}`, `{ agent(agentId: "eve") { history(filter: {${f}}, direction: ${d}, first: 1) { nodes { seq } pageInfo { endCursor } } } }`]);
      docs.push([`promotionHistory {${f}} ${d}`, `{ promotionHistory(filter: {${f}}, first: 1) { nodes { seq } pageInfo { endCursor } } }`]);
    }
  docs.push(['promotionHistory agent', '{ promotionHistory(agentId: "eve") { nodes { seq } } }']);
  for (const f of ['compliant: true', 'compliant: false', 'actionType: "x"', 'from: "2026-01-01T00:00:00Z"', 'to: "2026-01-01T00:00:00Z"', ''])
    docs.push([`runs {${f}}`, `{ agent(agentId: "eve") { runs(filter: {${f}}) { nodes { runId } } } }`]);
  docs.push(['violations', '{ agent(agentId: "eve") { violations { nodes { id } } v: violations(from: "2026-01-01T00:00:00Z") { nodes { id } totalCount } candidacies { nodes { id } totalCount } candidacy { id } runs { totalCount } } }']);
  docs.push(['agent deep', '{ agents { nodes { owner evaluation { status } requirements { key } activity { totalActions } past: evaluation(asOf: "2026-06-30T12:00:30Z") { status } viewerCanPromote viewerCannotPromoteReasons { code } candidacy { needs { count } approvals { principal { id } rationale } closedBy { type } agent { agentId } } runs(first: 3) { nodes { recordedBy { id } actions { type } violations { description run { runId } } } } violations { nodes { run { runId } description } } candidacies { nodes { needs { count } approvals { principal { id } } closedBy { seq } } } history(first: 20) { nodes { actor { id } agent { agentId } ... on RunRecordedEntry { run { runId } } ... on ViolationReportedEntry { violation { type } } ... on AgentBecameEligibleEntry { candidacy { id } evaluation { status } } ... on EligibilityLostEntry { candidacy { id } cause { seq } } ... on ApprovalRecordedEntry { approval { role } candidacy { id } } ... on AgentPromotedEntry { approvals { role principal { id } } rationale candidacy { id } } ... on CommandRefusedEntry { rationale } } } } } }']);
  docs.push(['misc', '{ viewer { agent { agentId } } policy { adoptedAt } promotionRequirements { description } }', agent('eve')]);
  for (const [name, doc, who] of docs) {
    let d = doc;
    if (name.endsWith(' after')) {
      const first = await ask(engine, ANN, doc);
      log.take();
      d = doc.replace('first:', `after: "${first.text('agents.pageInfo.endCursor')}", first:`);
    }
    if (d.includes('first: 1)') && d.includes('ledger(')) {
      const first = await ask(engine, ANN, doc);
      const c = first.all('ledger.pageInfo.endCursor')[0];
      if (typeof c === 'string') d = `{ a: ${doc.slice(2, -2)} ${doc.slice(2, -2).replace('first: 1', `after: "${c}", first: 2`)} }`.replace('a: ', 'a: ').replace('} ledger', '} b: ledger');
    }
    const a = await ask(engine, who ?? ANN, d);
    console.log('##', name, a.codes.join());
    prep();
  }
  for (const [name, work] of [
    ['record', () => record(app, [givenRun(START, { owner: 'olga', agentId: 'new', actions: [givenAction('x', START)], violations: [givenViolation(START, { description: 'd' })] })])],
    ['refused', () => record(app, [givenRun(START + DAY)])],
    ['report', () => report(app, givenReport(START, { agentId: 'eve', idempotencyKey: 'x' }))],
    ['promote', () => promote(app, ANN, 'dot')],
    ['settle', async () => { clock.advance(60 * DAY); await ask(engine, RUNNER, '{ cursor }'); }],
  ] as const) {
    await work();
    console.log('##', name);
    prep();
  }
});
