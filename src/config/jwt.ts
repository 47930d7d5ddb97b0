import { z } from 'zod';
import { isSecureUrl } from './values.ts';

/** The variables of an issuer of JSON Web Tokens. */
export const JWT_VARIABLES = {
  TIERKEEPER_JWKS_URL: z
    .string()
    .refine(isSecureUrl, 'must be an https:// URL, or http:// on this machine, without a user and a password')
    .optional(),
  TIERKEEPER_JWT_ISSUER: z.string().optional(),
  TIERKEEPER_JWT_AUDIENCE: z.string().optional(),
  TIERKEEPER_JWT_ROLES_CLAIM: z.string().optional(),
  TIERKEEPER_JWT_KIND_CLAIM: z.string().optional(),
  TIERKEEPER_JWT_AGENTS_CLAIM: z.string().optional(),
};

/** What must be set together: a token that is held to no issuer and no audience may have been meant for somebody else. */
const JWT_SET = ['TIERKEEPER_JWKS_URL', 'TIERKEEPER_JWT_ISSUER', 'TIERKEEPER_JWT_AUDIENCE'] as const;

type Variables = z.infer<z.ZodObject<typeof JWT_VARIABLES>>;

/** Whose JSON Web Tokens let in, and which of their claims say what. */
export interface JwtConfig {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly rolesClaim: string;
  readonly kindClaim: string;
  readonly agentsClaim: string;
}

/** Whoever set one of these means to use tokens; it is not for a missing variable to decide that everybody stays out, or in. */
export function jwtProblems(given: Readonly<Record<string, unknown>>) {
  const names = Object.keys(JWT_VARIABLES).filter((name) => given[name] !== undefined);
  const [first] = names;
  return JWT_SET.filter((name) => first !== undefined && !names.includes(name)).map((variable) => ({
    variable,
    message: `must be set, because ${first ?? ''} is`,
  }));
}

/** What the variables come to; null if none is set. */
export function jwtOf(data: Variables): JwtConfig | null {
  const jwksUrl = data.TIERKEEPER_JWKS_URL;
  const issuer = data.TIERKEEPER_JWT_ISSUER;
  const audience = data.TIERKEEPER_JWT_AUDIENCE;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return null;
  return {
    jwksUrl,
    issuer,
    audience,
    rolesClaim: data.TIERKEEPER_JWT_ROLES_CLAIM ?? 'roles',
    kindClaim: data.TIERKEEPER_JWT_KIND_CLAIM ?? 'kind',
    agentsClaim: data.TIERKEEPER_JWT_AGENTS_CLAIM ?? 'agents',
  };
}
