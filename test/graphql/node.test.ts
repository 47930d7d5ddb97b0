import { describe, expect, test } from 'vitest';
import { ANN } from '../support/given-principal.ts';
import { ask } from './ask.ts';
import { givenStory } from './given-story.ts';

describe('a node', () => {
  const NODE = `query ($id: ID!) { node(id: $id) { __typename id ... on Agent { agentId counters { totalRuns } }
    ... on Run { runId recordedBy { id } violations { type } actions { type } } ... on Violation { type description run { runId } }
    ... on Candidacy { state agent { agentId } approvals { principal { id } } closedBy { type } } } }`;

  test('is what its global id names, with all its fields', async () => {
    const { engine } = await givenStory();
    const shown = await ask(
      engine,
      ANN,
      `{ agents { nodes { id __typename agentId counters { totalRuns }
        runs(first: 2) { nodes { id __typename runId recordedBy { id } violations { type } actions { type } } }
        violations { nodes { id __typename type description run { runId } } }
        candidacies { nodes { id __typename state agent { agentId } approvals { principal { id } } closedBy { type } } } } } }`,
    );
    const nodes = ['runs.nodes', 'violations.nodes', 'candidacies.nodes'].flatMap((list) =>
      shown.all(`agents.nodes.${list}`),
    );
    expect(nodes.length).toBeGreaterThan(12);
    for (const node of nodes as { id: string }[])
      expect((await ask(engine, ANN, NODE, { id: node.id })).one('node')).toEqual(node);
    for (const id of shown.all('agents.nodes.id'))
      expect((await ask(engine, ANN, NODE, { id })).one('node.id')).toBe(id);
  });

  test('that is none is null', async () => {
    const { engine } = await givenStory();
    const write = (text: string) => Buffer.from(text).toString('base64');
    const ids = [
      '',
      'x',
      '💥',
      write('Agent:ghost'),
      write('Agent:'),
      write('Run:0'),
      write('Run:x'),
      write('Run:-1'),
      write('Run:1.5'),
    ];
    const more = [
      'Run:99999999999999999',
      'Principal:ann',
      'constructor:x',
      '__proto__:x',
      'Text:x',
      'Viewer:ann',
      'LedgerEntry:1',
    ].map(write);
    for (const id of [...ids, ...more]) {
      const answer = await ask(engine, ANN, NODE, { id });
      expect([answer.codes, answer.data], id).toEqual([[], { node: null }]);
    }
  });
});
