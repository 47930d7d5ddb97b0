import type { JwtConfig } from '../../config/jwt.ts';
import {
  AGENT_PATTERN,
  type Principal,
  type PrincipalKind,
  type Role,
} from '../../governance/principals/principal.ts';
import { fitsKind, isReserved, KINDS, PRINCIPAL_ID, ROLES } from './principal-rules.ts';

/** The end of the year 9999: what comes later can't be written as a time. */
const LAST_INSTANT = 253_402_300_799_999;

type Claims = Readonly<Record<string, unknown>>;

/** The claims of a token whose signature is good make no principal. It tells which claim, and never what that said. */
export class ClaimsError extends Error {
  override readonly name = 'ClaimsError';
}

/** A principal, and which of its token's roles are none of ours. */
export interface ClaimedPrincipal {
  readonly principal: Principal;
  readonly unknownRoles: readonly string[];
}

/**
 * The principal that the claims of a token make: its id is `sub`, it is a service unless the token says otherwise, and
 * patterns that can't be read are patterns of nothing.
 * @throws ClaimsError
 */
export function principalOfClaims(claims: Claims, names: JwtConfig): ClaimedPrincipal {
  const kind = kindOf(claimOf(claims, names.kindClaim), names.kindClaim);
  const asked = rolesOf(claimOf(claims, names.rolesClaim));
  const roles = [...new Set(asked.flatMap((name) => (isRole(name) ? ROLES[name] : [])))] as Role[];
  if (roles.length === 0) throw new ClaimsError(`${names.rolesClaim} names no role that is known`);
  const agents = agentsOf(claimOf(claims, names.agentsClaim));
  const principal = { id: idOf(claims.sub, kind), kind, roles, agents, expiresAt: expiryOf(claims.exp) };
  return { principal, unknownRoles: asked.filter((name) => !isRole(name)) };
}

/** A claim by its own name, which may have dots as URLs have; else by the path that the dots make. */
function claimOf(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split('.').reduce<unknown>((value, key) => {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    return (value as Claims)[key];
  }, claims);
}

function idOf(sub: unknown, kind: PrincipalKind): string {
  if (typeof sub !== 'string' || !PRINCIPAL_ID.test(sub) || isReserved(sub) || !fitsKind(sub, kind))
    throw new ClaimsError(`sub is no id of a principal of kind ${kind.toLowerCase()}`);
  return sub;
}

/** What it is decides what it may do: who says something unheard of is not taken for a service. */
function kindOf(claim: unknown, name: string): PrincipalKind {
  if (claim === undefined) return 'SERVICE';
  if (typeof claim === 'string' && Object.hasOwn(KINDS, claim)) return KINDS[claim as keyof typeof KINDS];
  throw new ClaimsError(`${name} is not ${Object.keys(KINDS).join(', ')}`);
}

/** A list, or one text with blanks between, as OAuth writes scopes. */
function rolesOf(claim: unknown): readonly string[] {
  const names: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : asList(claim);
  return names.filter((name) => typeof name === 'string').filter((name) => name !== '');
}

function isRole(name: string): name is keyof typeof ROLES {
  return Object.hasOwn(ROLES, name);
}

/** Without the claim there is no limit, as in a tokens file. */
function agentsOf(claim: unknown): readonly string[] | null {
  if (claim === undefined) return null;
  const patterns = asList(claim).filter((each) => typeof each === 'string' && AGENT_PATTERN.test(each));
  return patterns.length === asList(claim).length ? (patterns as string[]) : [];
}

function asList(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? (claim as unknown[]) : [];
}

function expiryOf(exp: unknown): number {
  const expiresAt = typeof exp === 'number' ? Math.floor(exp * 1000) : Number.NaN;
  if (!Number.isSafeInteger(expiresAt) || expiresAt > LAST_INSTANT) throw new ClaimsError('exp is no time');
  return expiresAt;
}
