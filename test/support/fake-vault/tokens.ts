import {
  answered,
  DENIED,
  failed,
  NO_CONTENT,
  secondsOf,
  stringsOf,
  type Answer,
  type Asked,
} from './answer.ts';
import type { State, Token } from './state.ts';

/** auth/token/… and sys/wrapping/…. */
export function answerToken(state: State, asked: Asked, own: Token): Answer | null {
  const { operation, path, data } = asked;
  switch (`${operation} ${path}`) {
    case 'read auth/token/lookup-self':
      return answered(shown(state, own));
    case 'update auth/token/renew-self':
      return renew(state, own);
    case 'update auth/token/revoke-self':
      state.tokens.delete(own.id);
      return NO_CONTENT;
    case 'update auth/token/create':
      return create(state, data);
    case 'update auth/token/revoke':
      state.tokens.delete(String(data.token));
      return NO_CONTENT;
    default:
      return null;
  }
}

/** What a wrapping token unwraps, once. */
export function unwrap(state: State, { token, data }: Asked): Answer {
  const wrapping = state.token(typeof data.token === 'string' ? data.token : token);
  if (wrapping === undefined || wrapping.wrapped === null)
    return failed(400, 'wrapping token is not valid or does not exist');
  state.tokens.delete(wrapping.id);
  return { status: 200, body: wrapping.wrapped };
}

/** Hands out a wrapping token in place of an answer. */
export function wrapped(state: State, { body }: Answer, { wrapTtl, path }: Asked): Answer {
  const ttl = wrapTtl ?? 0;
  const until = state.now() + ttl * 1000;
  const fields = { ttl, maxAt: until, expiresAt: until, renewable: false, wrapped: body };
  const token = state.addToken({ policies: ['response-wrapping'], entityId: '', ...fields });
  const wrap = {
    token: token.id,
    accessor: token.accessor,
    ttl,
    creation_time: new Date(state.now()).toISOString(),
  };
  return answered(null, { wrap_info: { ...wrap, creation_path: path } });
}

function shown(state: State, token: Token) {
  const ttl = token.expiresAt === Infinity ? 0 : Math.ceil((token.expiresAt - state.now()) / 1000);
  const { id, accessor, policies, entityId, renewable } = token;
  return {
    id,
    accessor,
    policies,
    entity_id: entityId,
    renewable,
    ttl,
    creation_ttl: token.ttl,
    type: 'service',
  };
}

function renew(state: State, token: Token): Answer {
  if (!token.renewable) return failed(400, 'lease is not renewable');
  token.expiresAt = Math.min(state.now() + token.ttl * 1000, token.maxAt);
  const left = Math.floor((token.expiresAt - state.now()) / 1000);
  if (left <= 0) return DENIED;
  const auth = { client_token: token.id, policies: token.policies, lease_duration: left, renewable: true };
  return answered(null, { auth });
}

function create(state: State, data: Asked['data']): Answer {
  const ttl = secondsOf(data.ttl) ?? 2_764_800;
  const max = secondsOf(data.explicit_max_ttl) ?? 2_764_800;
  const policies = [...stringsOf(data.policies), ...(data.no_default_policy === true ? [] : ['default'])];
  const [expiresAt, maxAt] = [ttl, max].map((each) => state.now() + each * 1000) as [number, number];
  const renewable = data.renewable !== false;
  const token = state.addToken({ policies, entityId: '', wrapped: null, ttl, maxAt, expiresAt, renewable });
  const auth = { client_token: token.id, accessor: token.accessor, policies, lease_duration: ttl, renewable };
  return answered(null, { auth });
}
