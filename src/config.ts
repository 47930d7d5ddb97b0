import { z } from 'zod';

/** The largest number a limit may be: what a timer can wait, 24.8 days; beyond it `setTimeout` fires at once. */
const MOST = 2_147_483_647;

const limit = (standard: number) =>
  z
    .int({ error: 'must be a positive whole number' })
    .positive({ error: 'must be a positive whole number' })
    .max(MOST, { error: `must be at most ${MOST}` })
    .default(standard);

const LIMITS = z.strictObject(
  {
    depth: limit(10),
    aliases: limit(15),
    directives: limit(5),
    tokens: limit(1_000),
    cost: limit(5_000),
    operationsPerMinute: limit(600),
    serviceOperationsPerMinute: limit(60_000),
    bodyBytes: limit(1_048_576),
    frameBytes: limit(65_536),
    socketsPerPrincipal: limit(20),
    subscriptionsPerSocket: limit(20),
    executionMs: limit(10_000),
  },
  { error: limitsProblem },
);

/** What any caller may ask for: of one document, in a minute, in bytes, in streams and in time. */
export type Limits = Readonly<z.infer<typeof LIMITS>>;

const JWT = {
  TIERKEEPER_JWKS_URL: z
    .string()
    .refine(isSecureUrl, 'must be an https:// URL, or http:// on this machine, without a user and a password')
    .optional(),
  TIERKEEPER_JWT_ISSUER: z.string().trim().optional(),
  TIERKEEPER_JWT_AUDIENCE: z.string().trim().optional(),
  TIERKEEPER_JWT_ROLES_CLAIM: z.string().trim().optional(),
  TIERKEEPER_JWT_KIND_CLAIM: z.string().trim().optional(),
  TIERKEEPER_JWT_AGENTS_CLAIM: z.string().trim().optional(),
};
/** What must be set together: a token that is held to no issuer and no audience may have been meant for somebody else. */
const JWT_SET = ['TIERKEEPER_JWKS_URL', 'TIERKEEPER_JWT_ISSUER', 'TIERKEEPER_JWT_AUDIENCE'] as const;

const SECRET = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/, 'must be one word of printable ASCII characters')
  .optional();

const VAULT = {
  VAULT_ADDR: z
    .string()
    .refine(isSecureUrl, 'must be an https:// URL, or http:// on this machine, without a user and a password')
    .refine(isOrigin, 'must end with its host and port, as in https://vault.example.com:8200')
    .optional(),
  VAULT_TOKEN: SECRET,
  VAULT_ROLE_ID: SECRET,
  VAULT_SECRET_ID: SECRET,
  VAULT_NAMESPACE: z
    .string()
    .trim()
    .regex(/^[\w-]+(\/[\w-]+)*\/?$/, 'must be a namespace such as team/payments')
    .optional(),
  VAULT_CACERT: z.string().optional(),
};

const VARIABLES = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535')
    .default(4000),
  NODE_ENV: z.string().optional(),
  DATABASE_URL: z.string().superRefine(checkDatabaseUrl).default('file:./data/tierkeeper.db'),
  TIERKEEPER_TOKENS_FILE: z.string().optional(),
  ...JWT,
  TIERKEEPER_POLICY_FILE: z.string().optional(),
  TIERKEEPER_LIMITS: z.string().default('{}').transform(parseJson).pipe(LIMITS),
  TIERKEEPER_ALLOWED_ORIGINS: z.string().default('').transform(parseOrigins),
  TIERKEEPER_PERSISTED_OPERATIONS: z.string().default('off'),
  TIERKEEPER_SIGNING_KEY: z.string().optional(),
  TIERKEEPER_URL: z.string().refine(isHttpUrl, 'must be an http:// or https:// URL').optional(),
  TIERKEEPER_TOKEN: SECRET,
  ...VAULT,
  TIERKEEPER_VAULT_POLICIES: z.string().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
});

/** Whose JSON Web Tokens let in, and which of their claims say what. */
export interface JwtConfig {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  readonly rolesClaim: string;
  readonly kindClaim: string;
  readonly agentsClaim: string;
}

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

/** Everything that the environment decides. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** No GraphiQL, and introspection for admins only. */
  readonly production: boolean;
  readonly databaseUrl: string;
  readonly tokensFile: string | null;
  /** Null: no JSON Web Token lets in. */
  readonly jwt: JwtConfig | null;
  readonly policyFile: string | null;
  readonly limits: Limits;
  /** Origins of other sites whose pages may call. */
  readonly allowedOrigins: readonly string[];
  /** The file of the operations that everybody but admins is held to; null: any operation. */
  readonly persistedOperationsFile: string | null;
  /** The private key that checkpoints are signed with: its file, or its PEM. */
  readonly signingKey: string | null;
  /** The server that the command line asks, and as whom. */
  readonly url: string | null;
  readonly token: string | null;
  /** Null: no Vault follows. */
  readonly vault: VaultConfig | null;
  /** The folder of a team's own tier policies; null: the built-in templates. */
  readonly vaultPoliciesFolder: string | null;
  readonly logLevel: z.infer<typeof VARIABLES.shape.LOG_LEVEL>;
}

/** The environment can't be used; every problem is named by its variable, and no value is repeated. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly { readonly variable: string; readonly message: string }[]) {
    super(problems.map(({ variable, message }) => `${variable} ${message}`).join('\n'));
  }
}

/**
 * Reads the environment; an empty variable counts as unset.
 * @throws ConfigError with every problem
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== '');
  const variables = Object.fromEntries(given);
  const parsed = VARIABLES.safeParse(variables);
  const problems = [
    ...(parsed.error?.issues.map(problemOf) ?? []),
    ...jwtProblems(variables),
    ...vaultProblems(variables),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  return {
    host: data.HOST,
    port: data.PORT,
    production: data.NODE_ENV === 'production',
    databaseUrl: data.DATABASE_URL,
    tokensFile: data.TIERKEEPER_TOKENS_FILE ?? null,
    jwt: jwtOf(data),
    policyFile: data.TIERKEEPER_POLICY_FILE ?? null,
    limits: data.TIERKEEPER_LIMITS,
    allowedOrigins: data.TIERKEEPER_ALLOWED_ORIGINS,
    persistedOperationsFile:
      data.TIERKEEPER_PERSISTED_OPERATIONS === 'off' ? null : data.TIERKEEPER_PERSISTED_OPERATIONS,
    signingKey: data.TIERKEEPER_SIGNING_KEY ?? null,
    url: data.TIERKEEPER_URL ?? null,
    token: data.TIERKEEPER_TOKEN ?? null,
    vault: vaultOf(data),
    vaultPoliciesFolder: data.TIERKEEPER_VAULT_POLICIES ?? null,
    logLevel: data.LOG_LEVEL,
  };
}

function problemOf({ path: [variable, ...rest], message }: z.core.$ZodIssue) {
  return { variable: String(variable), message: [...rest.map(String), message].join(' ') };
}

/** Whoever set one of these means to use tokens; it is not for a missing variable to decide that everybody stays out, or in. */
function jwtProblems(given: Readonly<Record<string, unknown>>) {
  const names = Object.keys(JWT).filter((name) => given[name] !== undefined);
  const [first] = names;
  return JWT_SET.filter((name) => first !== undefined && !names.includes(name)).map((variable) => ({
    variable,
    message: `must be set, because ${first ?? ''} is`,
  }));
}

function jwtOf(data: z.infer<typeof VARIABLES>): JwtConfig | null {
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

/** Without an address nothing else matters: tokens of Vault lie in many environments. */
function vaultProblems(given: Readonly<Record<string, unknown>>) {
  const has = (name: keyof typeof VAULT) => given[name] !== undefined;
  if (!has('VAULT_ADDR')) return [];
  const [role, secret] = [has('VAULT_ROLE_ID'), has('VAULT_SECRET_ID')];
  const problem = (variable: string, message: string) => [{ variable, message }];
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

function vaultOf(data: z.infer<typeof VARIABLES>): VaultConfig | null {
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

function limitsProblem(issue: z.core.$ZodRawIssue): string {
  if (issue.code !== 'unrecognized_keys') return 'must be a JSON object';
  return `has no limit ${issue.keys.join(', ')}; it knows ${Object.keys(LIMITS.shape).join(' ')}`;
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('must be a JSON object');
    return z.NEVER;
  }
}

function parseOrigins(text: string, context: z.RefinementCtx): readonly string[] {
  const origins = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const origin of origins) {
    if (isHttpUrl(origin) && new URL(origin).origin === origin) continue;
    context.addIssue('must be a list of origins such as https://dashboard.example.com, separated by commas');
    return z.NEVER;
  }
  return origins;
}

function checkDatabaseUrl(url: string, context: z.RefinementCtx): void {
  if (/^postgres(ql)?:/.test(url))
    context.addIssue('names PostgreSQL, which is not supported by this version; use file:PATH');
  else if (!/^file:./.test(url)) context.addIssue('must be file:PATH');
  else if (/^file:\/\/(?!\/)/.test(url))
    context.addIssue(
      'must be file:PATH; only an absolute path may follow file://, as in file:///var/lib/tierkeeper.db',
    );
  else if (url.includes('?')) context.addIssue('takes no parameters: it must be file:PATH');
  else if (url.includes(':memory:')) context.addIssue('must name a file: readers and the writer share it');
}

/** What is fetched here says whom to believe: it must come unchanged. */
function isSecureUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return (protocol === 'https:' || isLocal) && username === '' && password === '';
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return pathname === '/' && search === '' && hash === '';
}

function isHttpUrl(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text);
}
