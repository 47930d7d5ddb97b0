import { z } from 'zod';
import { hasCredentials, isHttpUrl, isOnThisMachine, SECRET } from './values.ts';

const EXAMPLE = 'as in https://vault.example.com:8200';

/** The variables of a Vault, by the names that its own tools know. */
export const VAULT_VARIABLES = {
  VAULT_ADDR: z
    .string()
    .superRefine((text, context) => {
      const problem = addressProblem(text);
      if (problem !== null) context.addIssue(problem);
    })
    .optional(),
  VAULT_TOKEN: SECRET,
  VAULT_ROLE_ID: SECRET,
  VAULT_SECRET_ID: SECRET,
  VAULT_NAMESPACE: z
    .string()
    .regex(/^[\w-]+(\/[\w-]+)*\/?$/, 'must be a namespace such as team/payments')
    .optional(),
  VAULT_CACERT: z.string().optional(),
};

type Variables = z.infer<z.ZodObject<typeof VAULT_VARIABLES>>;

/** Which Vault follows the ledger, and as whom it is asked. */
export interface VaultConfig {
  readonly address: string;
  readonly auth:
    | { readonly kind: 'TOKEN'; readonly token: string }
    | { readonly kind: 'APP_ROLE'; readonly roleId: string; readonly secretId: string };
  readonly namespace: string | null;
  /** A file of certificates in PEM to trust instead of the usual ones. */
  readonly caFile: string | null;
}

/** What keeps an address from being asked with a token; null if nothing does. */
function addressProblem(text: string): string | null {
  if (!isHttpUrl(text)) return `must be an https:// URL, ${EXAMPLE}`;
  const url = new URL(text);
  if (hasCredentials(url)) return 'must name no user and no password: VAULT_TOKEN says as whom';
  if (url.protocol !== 'https:' && !isOnThisMachine(url))
    return 'must begin with https://: by http:// others could read the token, except on this machine';
  const isOrigin = url.pathname === '/' && url.search === '' && url.hash === '';
  return isOrigin ? null : `must end with its host and port, ${EXAMPLE}`;
}

/** Without an address nothing else matters: tokens of Vault lie in many environments. */
export function vaultProblems(given: Readonly<Record<string, unknown>>) {
  const has = (name: keyof typeof VAULT_VARIABLES) => given[name] !== undefined;
  if (!has('VAULT_ADDR')) return [];
  const [role, secret] = [has('VAULT_ROLE_ID'), has('VAULT_SECRET_ID')];
  const problem = (variable: string, message: string) => [{ variable, message }];
  if (has('VAULT_CACERT') && /^\s*http:/i.test(String(given.VAULT_ADDR)))
    return problem(
      'VAULT_CACERT',
      'must not be set beside an http:// address, where no certificate is looked at',
    );
  if (has('VAULT_TOKEN') && (role || secret))
    return problem(
      'VAULT_TOKEN',
      'must not be set beside VAULT_ROLE_ID and VAULT_SECRET_ID: use one of both',
    );
  if (role && !secret) return problem('VAULT_SECRET_ID', 'must be set, because VAULT_ROLE_ID is');
  if (secret && !role) return problem('VAULT_ROLE_ID', 'must be set, because VAULT_SECRET_ID is');
  if (has('VAULT_TOKEN') || role) return [];
  return problem(
    'VAULT_ADDR',
    'needs VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID; unset it if no Vault is to follow',
  );
}

/** What the variables come to; null without an address. */
export function vaultOf(data: Variables): VaultConfig | null {
  const { VAULT_ADDR: url, VAULT_TOKEN: token, VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId } = data;
  if (url === undefined) return null;
  const place = {
    address: new URL(url).origin,
    namespace: data.VAULT_NAMESPACE?.replace(/\/$/, '') ?? null,
    caFile: data.VAULT_CACERT ?? null,
  };
  if (token !== undefined) return { ...place, auth: { kind: 'TOKEN', token } };
  if (roleId === undefined || secretId === undefined) return null;
  return { ...place, auth: { kind: 'APP_ROLE', roleId, secretId } };
}
