import type { Policy, PolicyStep } from '../../governance/policy.ts';
import { keyOf } from '../../governance/policy.ts';
import { DAY } from '../../governance/facts.ts';
import { plural } from '../../governance/requirement.ts';
import type { RequirementData } from '../../governance/requirements/index.ts';
import type { Tier } from '../../governance/tier.ts';
import type { Experience, LedgerArchive } from '../ports/ledger-archive.ts';

/** A requirement that no agent of a ledger has ever met, and how near the nearest came. */
export interface NeverMet {
  readonly from: Tier;
  /** `ACTION_TYPE:terraform_plan`, or the kind. */
  readonly requirement: string;
  readonly nearMiss: string;
}

/** What a ledger's past says of a policy. */
export interface PolicyCheck {
  readonly agents: number;
  readonly neverMet: readonly NeverMet[];
}

/** How a policy is checked: at which instant, and which of some words is most like one. */
export interface CheckWishes {
  readonly now: number;
  nearest(word: string, known: readonly string[]): string | null;
}

/**
 * Names each requirement of a policy that no agent of a ledger has ever met, at any tier and however long ago. It errs to one
 * side: what is named was never met. A ledger without agents says nothing.
 * @throws MigrationError, StorageBusyError, StorageUnavailableError
 */
export function checkPolicy(
  archive: LedgerArchive,
  policy: Policy,
  wishes: CheckWishes,
): Promise<PolicyCheck> {
  return archive.read((snapshot) => {
    const experience = snapshot.experience();
    if (experience.agents === 0) return Promise.resolve({ agents: 0, neverMet: [] });
    const missOf = (data: RequirementData) => nearMiss(data, { experience, policy, wishes });
    const neverMet = policy.steps.flatMap((step: PolicyStep) =>
      step.requirements.flatMap((data) => {
        const miss = missOf(data);
        return miss === null ? [] : [{ from: step.from, requirement: keyOf(data), nearMiss: miss }];
      }),
    );
    return Promise.resolve({ agents: experience.agents, neverMet });
  });
}

interface Looked {
  readonly experience: Experience;
  readonly policy: Policy;
  readonly wishes: CheckWishes;
}

/** How near anybody came to a requirement; null if somebody may have met it. */
function nearMiss(data: RequirementData, looked: Looked): string | null {
  const { experience, policy, wishes } = looked;
  switch (data.kind) {
    case 'ACTION_TYPE':
      return actionMiss(data, looked);
    case 'COMPLIANT_RUNS':
    case 'CONSECUTIVE_COMPLIANT_RUNS': {
      const most = experience.mostCompliantRuns;
      return most >= data.atLeast ? null : `the most that any agent has is ${plural(most, 'compliant run')}`;
    }
    case 'SUCCESSFUL_MODIFICATIONS': {
      if (experience.executedTogether(data.atLeast, policy.windowDays * DAY)) return null;
      const executed = counted(experience, (each) => each.decision === 'EXECUTE' && each.success);
      return `${plural(executed, 'successful execution')} by all agents together, and by none so many in ${policy.windowDays} days`;
    }
    case 'TIME_AT_TIER': {
      const days = Math.floor((wishes.now - experience.firstRegisteredAt) / DAY);
      return days >= data.days ? null : `the first agent was registered ${plural(days, 'day')} ago`;
    }
    case 'VIOLATIONS':
      return null;
  }
}

type ActionType = Extract<RequirementData, { readonly kind: 'ACTION_TYPE' }>;

function actionMiss({ action, counts }: ActionType, { experience, wishes }: Looked): string | null {
  const ofType = experience.actions.filter(({ type }) => type === action);
  if (ofType.length === 0) {
    const types = [...new Set(experience.actions.map(({ type }) => type))];
    const near = wishes.nearest(action, types);
    return `never recorded${near === null ? '' : `; is ${near} meant?`}`;
  }
  if (counts === 'ANY') return null;
  const decision = counts === 'SUCCESSFUL_PLANS' ? 'PLAN' : 'EXECUTE';
  if (ofType.some((each) => each.decision === decision && each.success)) return null;
  const others = [...new Set(ofType.map((each) => each.decision))].filter((each) => each !== decision);
  const times = (wanted: string) =>
    counted(experience, (each) => each.type === action && each.decision === wanted);
  const told = others.map(
    (each) =>
      `${number(times(each))}${each === others[0] ? ` time${times(each) === 1 ? '' : 's'}` : ''} as ${each}`,
  );
  const own = times(decision);
  const failed = own === 0 ? `0 as ${decision}` : `${number(own)} as ${decision}, none with success`;
  return `recorded ${[...told, failed].join(', ')}`;
}

function counted({ actions }: Experience, matches: (each: Experience['actions'][number]) => boolean): number {
  return actions.filter(matches).reduce((sum, each) => sum + each.count, 0);
}

function number(count: number): string {
  return count.toLocaleString('en');
}
