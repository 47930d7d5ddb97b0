import type { Rows } from '../../app/rows.ts';

/** The columns of each table that commands add to, by the name of their field. */
const COLUMNS = {
  principals: { key: 'key', id: 'id', salt: 'salt', kind: 'kind' },
  texts: { id: 'id', digest: 'digest', salt: 'salt', body: 'body' },
  policies: { digest: 'digest', name: 'name', body: 'body', adoptedAt: 'adopted_at' },
  runs: {
    seq: 'seq',
    agentId: 'agent_id',
    runId: 'run_id',
    startedAt: 'started_at',
    finishedAt: 'finished_at',
    recordedAt: 'recorded_at',
    recordedByKey: 'recorded_by_key',
    compliant: 'compliant',
    sentDigest: 'sent_digest',
    sentSalt: 'sent_salt',
  },
  actions: {
    seq: 'seq',
    position: 'position',
    agentId: 'agent_id',
    type: 'type',
    decision: 'decision',
    success: 'success',
    occurredAt: 'occurred_at',
    recordedAt: 'recorded_at',
  },
  violations: {
    seq: 'seq',
    agentId: 'agent_id',
    violationId: 'violation_id',
    runSeq: 'run_seq',
    type: 'type',
    severity: 'severity',
    descriptionId: 'description_id',
    occurredAt: 'occurred_at',
    recordedAt: 'recorded_at',
    sentDigest: 'sent_digest',
    sentSalt: 'sent_salt',
  },
  candidacies: {
    seq: 'seq',
    agentId: 'agent_id',
    state: 'state',
    fromTier: 'from_tier',
    toTier: 'to_tier',
    policy: 'policy_digest',
    openedAt: 'opened_at',
    closedAt: 'closed_at',
    closedSeq: 'closed_seq',
  },
  approvals: {
    seq: 'seq',
    candidacySeq: 'candidacy_seq',
    principalKey: 'principal_key',
    role: 'role',
    rationaleId: 'rationale_id',
    at: 'at',
  },
  recorders: { agentId: 'agent_id', principalKey: 'principal_key' },
  formerOwners: { agentId: 'agent_id', principalKey: 'principal_key', untilSeq: 'until_seq' },
  idempotencyKeys: {
    principalKey: 'principal_key',
    mutation: 'mutation',
    key: 'key',
    inputDigest: 'input_digest',
    outcome: 'outcome',
    createdAt: 'created_at',
  },
} as const satisfies { [Table in keyof Rows]: Record<keyof Rows[Table], string> };

/** A table that commands add to. */
export type Table = keyof Rows;

const SQL_NAMES: Partial<Record<Table, string>> = {
  formerOwners: 'former_owners',
  idempotencyKeys: 'idempotency_keys',
};

/** Tables whose rows may be there already. */
const AT_MOST_ONCE: readonly Table[] = ['recorders'];

/** One statement that adds any number of rows, given as one JSON text: an array of arrays in the columns' order. */
export function insertStatement(table: Table): string {
  const columns = Object.values(COLUMNS[table]);
  return `${insertFrom(SQL_NAMES[table] ?? table, columns)}${AT_MOST_ONCE.includes(table) ? ' ON CONFLICT DO NOTHING' : ''}`;
}

/** `INSERT … SELECT` from one JSON parameter of rows. */
export function insertFrom(sqlName: string, columns: readonly string[]): string {
  const values = columns.map((_, index) => `value ->> ${index}`);
  return `INSERT INTO ${sqlName} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM json_each(?) WHERE true`;
}

/** The rows of a table as that JSON text. */
export function insertParameter<T extends Table>(table: T, rows: readonly Rows[T][]): string {
  const fields = Object.keys(COLUMNS[table]);
  return JSON.stringify(rows.map((row) => fields.map((field): unknown => Reflect.get(row, field))));
}
