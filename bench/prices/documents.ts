const REQUIREMENT = '{ key kind action bound required actual remaining met changesAt message }';
const STEP = `{ fromTier toTier description guidance manualReview
  requirements { key kind action bound required message } needs { role count } }`;
const CANDIDACY =
  '{ id state fromTier toTier openedAt approvals { at role rationale principal { id kind } } needs { role count } }';
const EVALUATION = `{ status currentTier targetTier recommendation evaluatedAt changesAt eligibleAt evidence
  requirements ${REQUIREMENT} met ${REQUIREMENT} missing ${REQUIREMENT} blockers { kind until message } step ${STEP} }`;

/** The page that every dashboard has: 100 agents, with all that decides about them. */
export const AGENTS_PAGE = `query ($first: Int = 100) {
  cursor
  agents(first: $first) {
    totalCount
    counts { tier status count }
    pageInfo { hasNextPage endCursor }
    nodes {
      id agentId owner tier effectiveTier tierSince suspended registeredAt lastActiveAt eligibleSince permits
      counters { totalRuns compliantRuns consecutiveCompliantRuns }
      evaluation ${EVALUATION}
      requirements ${REQUIREMENT}
      vault { desired confirmed state since }
      viewerCan viewerCanPromote viewerCannotPromoteReasons { code message }
      candidacy ${CANDIDACY}
    }
  }
}`;

/** The page of one agent, with what it did and what became of it. */
export const AGENT_PAGE = `query ($agentId: String!) {
  cursor
  agent(agentId: $agentId) {
    id agentId owner tier effectiveTier suspended permits viewerCan
    evaluation ${EVALUATION}
    vault { desired confirmed state since }
    activity(days: 90) { totalActions successfulActions successfulExecutions actionTypes violations }
    candidacy ${CANDIDACY}
    candidacies(first: 25) { totalCount nodes ${CANDIDACY} }
    history(first: 50) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        __typename seq at recordedAt type actor { id kind }
        ... on TierChange { fromTier toTier }
        ... on RunRecordedEntry { run { runId compliant } }
        ... on ViolationReportedEntry { violation { type severity description } }
        ... on AgentBecameEligibleEntry { evaluation { status targetTier evidence } candidacy { state } }
        ... on EligibilityLostEntry { evaluation { status missing ${REQUIREMENT} } cause { seq type } }
        ... on ApprovalRecordedEntry { approval { principal { id } rationale } }
        ... on AgentPromotedEntry { approvals { role principal { id } rationale } rationale evaluation { evidence } }
        ... on PromotionDeniedEntry { rationale until }
        ... on AgentRevokedEntry { reason rule cause { seq type } coolDownUntil }
        ... on AgentReinstatedEntry { reason }
        ... on AgentUpdatedEntry { owner retired reason }
        ... on CommandRefusedEntry { command error { code message } rationale }
      }
    }
    runs(first: 25) {
      totalCount
      nodes {
        id runId startedAt finishedAt recordedAt compliant recordedBy { id }
        actions { type decision success occurredAt }
        violations { type severity description occurredAt }
      }
    }
    violations(first: 25) { totalCount nodes { id type severity description occurredAt countsUntil run { runId } } }
  }
}`;

/** A document that grows with a number, until it costs as much as is let through. */
export interface Dear {
  readonly name: string;
  readonly of: (size: number) => string;
  readonly most: number;
}

const aliased = (count: number, field: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field(index)}`).join(' ');
const day = (index: number) => new Date(Date.UTC(2026, 5, 1) + index * 86_400_000).toISOString();
const entries = (size: number, below: string) => `history(first: ${size}) { nodes { seq ${below} } }`;

/** Documents that make the server work hardest for what they cost. */
export const DEAR: readonly Dear[] = [
  { name: 'agents page', most: 100, of: (size) => AGENTS_PAGE.replace('= 100', `= ${size}`) },
  {
    name: 'agents and histories',
    most: 100,
    of: (size) => `{ agents(first: ${size}) { nodes { agentId ${entries(100, 'actor { id }')} } } }`,
  },
  {
    name: 'histories of histories',
    most: 100,
    of: (size) =>
      `{ agent(agentId: "agent-000000") { ${entries(100, `agent { ${entries(size, 'agent { tier }')} }`)} } }`,
  },
  {
    name: 'candidacies and agents',
    most: 100,
    of: (size) =>
      `{ agents(first: ${size}) { nodes { candidacies(first: 10) { nodes { needs { role } step ${STEP} closedBy { seq } agent { candidacy { needs { role } agent { tier } } } } } } } }`,
  },
  {
    name: 'evaluations at instants',
    most: 100,
    of: (size) =>
      `{ agents(first: ${size}) { nodes { ${aliased(14, (index) => `evaluation(asOf: "${day(index)}") { evidence }`)} } } }`,
  },
  {
    name: 'activities of windows',
    most: 100,
    of: (size) =>
      `{ agents(first: ${size}) { nodes { ${aliased(14, (index) => `activity(days: 90, asOf: "${day(index)}") { actionTypes }`)} } } }`,
  },
  {
    name: 'runs with actions',
    most: 100,
    of: (size) =>
      `{ agents(first: ${size}) { nodes { runs(first: 25) { nodes { runId recordedBy { id } actions { type occurredAt } violations { type } } } } } }`,
  },
  {
    name: 'single rows of agents',
    most: 100,
    of: (size) =>
      `{ agents(first: ${size}) { nodes { candidacy { approvals { at } } runs(first: 1) { totalCount } violations(first: 1) { totalCount } candidacies(first: 1) { totalCount } } } }`,
  },
  {
    name: 'tier changes, deep',
    most: 100,
    of: (size) =>
      `{ promotionHistory(first: ${size}) { nodes { ... on AgentPromotedEntry { evaluation { evidence } approvals { principal { id } } candidacy { agent { history(first: 20) { nodes { ... on AgentPromotedEntry { evaluation { evidence } approvals { rationale } } ... on RunRecordedEntry { run { actions { type } } } } } } } } } } }`,
  },
  {
    name: 'counts of the ledger',
    most: 15,
    of: (size) => `{ ${aliased(size, () => 'ledger(first: 0) { totalCount }')} }`,
  },
];
