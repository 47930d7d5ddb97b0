import { allows } from './access.ts';
import { DENIED, failed, type Answer, type Asked } from './answer.ts';
import { answerAppRole } from './app-role.ts';
import { answerIdentity } from './identity.ts';
import { State, type Token } from './state.ts';
import { answerSystem } from './system.ts';
import { answerToken, unwrap, wrapped } from './tokens.ts';

/** Nobody needs a token for these. */
const OPEN = /^(auth\/[^/]+\/login|sys\/wrapping\/unwrap)$/;
const NEEDS_SUDO = /^sys\/auth\/./;

/** Answers requests as Vault does, once HTTP is out of the way. */
export class VaultCore {
  readonly #namespaces = new Map<string, State>();

  /** If set, the namespaces that exist beside the root: any other is unknown. */
  namespaces: ReadonlySet<string> | null = null;

  constructor(readonly rootToken: string) {}

  /** What is kept in a namespace, made on first sight. */
  state(namespace = ''): State {
    const state = this.#namespaces.get(namespace) ?? new State(this.rootToken);
    this.#namespaces.set(namespace, state);
    return state;
  }

  answer(asked: Asked): Answer {
    if (asked.namespace !== '' && this.namespaces?.has(asked.namespace) === false)
      return failed(404, `namespace not found: ${asked.namespace}/`);
    const state = this.state(asked.namespace);
    if (asked.path === 'sys/wrapping/unwrap') return unwrap(state, asked);
    const token = state.token(asked.token);
    if (!OPEN.test(asked.path) && (token === undefined || !this.#isAllowed(state, token, asked)))
      return DENIED;
    const answer =
      this.#route(state, asked, token) ?? failed(404, 'no handler for route ' + JSON.stringify(asked.path));
    return asked.wrapTtl !== null && answer.status === 200 ? wrapped(state, answer, asked) : answer;
  }

  #route(state: State, asked: Asked, token: Token | undefined): Answer | null {
    const [, mount = '', rest = ''] = /^auth\/([^/]+)\/(.*)$/.exec(asked.path) ?? [];
    if (mount === 'token') return token === undefined ? DENIED : answerToken(state, asked, token);
    const role = state.mounts.get(mount);
    if (role?.type === 'approle') return answerAppRole(state, role, asked, rest);
    return answerIdentity(state, asked) ?? answerSystem(state, asked);
  }

  /** The token's policies and, as they are at this very moment, those of its entity and of the groups that this is in. */
  #isAllowed(state: State, token: Token, asked: Asked): boolean {
    if (token.wrapped !== null) return false;
    const entity = state.entityById(token.entityId);
    if (entity?.disabled === true) return false;
    if (token.entityId !== '' && entity === undefined) return false;
    const { direct, inherited } = state.groupsOf(entity?.id ?? '');
    const ofGroups = [...direct, ...inherited].flatMap(({ policies }) => policies);
    const names = [...token.policies, ...(entity?.policies ?? []), ...ofGroups];
    if (names.includes('root')) return true;
    const texts = names.flatMap((name) => state.policies.get(name) ?? []);
    const capability = asked.operation === 'update' && isNew(state, asked) ? 'create' : asked.operation;
    return allows(texts, asked, NEEDS_SUDO.test(asked.path) ? [capability, 'sudo'] : [capability]);
  }
}

/** Some paths tell creating from updating. */
function isNew(state: State, { path }: Asked): boolean {
  if (path.startsWith('secret/data/')) return !state.secrets.has(path);
  const [, mount = '', role = ''] = /^auth\/([^/]+)\/role\/([^/]+)/.exec(path) ?? [];
  return role !== '' && !(state.mounts.get(mount)?.roles.has(role) ?? false);
}
