import { z } from 'zod';
import { oddityOf, trimEnvironment, unknownVariables, type Environment } from './environment.ts';
import { JWT_VARIABLES, jwtOf, jwtProblems, type JwtConfig } from './jwt.ts';
import { isHttpUrl, SECRET } from './values.ts';
import { VAULT_VARIABLES, vaultOf, vaultProblems, type VaultConfig } from './vault.ts';

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
    cost: limit(200_000),
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

const VARIABLES = z.object({
  // An IPv6 address may stand in brackets, as in a URL.
  HOST: z
    .string()
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
    .default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^(0|[1-9]\d{0,4})$/, 'must be a port number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number from 0 to 65535')
    .default(4000),
  NODE_ENV: z
    .enum(['production', 'development', 'test'], {
      error: ({ input }) => `must be production, development, test or unset${nodeEnvHint(input)}`,
    })
    .optional(),
  DATABASE_URL: z.string().superRefine(checkDatabaseUrl).default('file:./data/tierkeeper.db'),
  TIERKEEPER_TOKENS_FILE: z.string().optional(),
  TIERKEEPER_WEAK_TOKENS: z.enum(['refuse', 'warn'], { error: 'must be refuse or warn' }).optional(),
  ...JWT_VARIABLES,
  TIERKEEPER_POLICY_FILE: z.string().optional(),
  TIERKEEPER_LIMITS: z.string().default('{}').transform(parseJson).pipe(LIMITS),
  TIERKEEPER_ALLOWED_ORIGINS: z.string().default('').transform(parseOrigins),
  TIERKEEPER_PERSISTED_OPERATIONS: z.string().default('off'),
  TIERKEEPER_SIGNING_KEY: z.string().optional(),
  TIERKEEPER_URL: z.string().refine(isHttpUrl, 'must be an http:// or https:// URL').optional(),
  TIERKEEPER_TOKEN: SECRET,
  ...VAULT_VARIABLES,
  TIERKEEPER_VAULT_POLICIES: z.string().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),
});

/** The name of every variable that this version knows. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES.shape);

/** Everything that the environment decides. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** No GraphiQL, and introspection for admins only. */
  readonly production: boolean;
  readonly databaseUrl: string;
  readonly tokensFile: string | null;
  /** What becomes of tokens that could be guessed; null: they are refused in production where other machines reach the server. */
  readonly weakTokens: 'refuse' | 'warn' | null;
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
 * Reads the environment. Each value is trimmed, once and here; one that is empty then counts as unset, and one that is
 * still odd is refused.
 * @throws ConfigError with every problem
 */
export function loadConfig(env: Environment): Config {
  const variables = trimEnvironment(env);
  const odd = oddVariables(variables);
  if (odd.length > 0) throw new ConfigError(odd);
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
    weakTokens: data.TIERKEEPER_WEAK_TOKENS ?? null,
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

/** Looked for first: a value that is odd may be refused for the wrong reason, or taken for another. */
function oddVariables(variables: Readonly<Record<string, string>>) {
  return VARIABLE_NAMES.flatMap((variable) => {
    const value = variables[variable];
    const message = value === undefined ? null : oddityOf(variable, value);
    return message === null ? [] : [{ variable, message }];
  });
}

/** What is said of variables that look like the product's own and are not. */
export function configWarnings(env: Environment): readonly string[] {
  return unknownVariables(env, VARIABLE_NAMES);
}

/** A misspelt production would silently be none. */
function nodeEnvHint(input: unknown): string {
  return typeof input === 'string' && /^["']?prod/i.test(input) ? '; is production meant?' : '';
}

function problemOf({ path: [variable, ...rest], message }: z.core.$ZodIssue) {
  return { variable: String(variable), message: [...rest.map(String), message].join(' ') };
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
    if (isHttpUrl(origin) && new URL(origin).href === `${new URL(origin).origin}/`) continue;
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
  else if (url.startsWith('file:~'))
    context.addIssue('begins with ~, which only a shell expands: write the path of the folder instead');
  else if (/(^file:|\/)\.{0,2}\/?$/.test(url))
    context.addIssue('names a folder: name a file in it, as in file:./data/tierkeeper.db');
  else if (url.includes('?')) context.addIssue('takes no parameters: it must be file:PATH');
  else if (url.includes(':memory:')) context.addIssue('must name a file: readers and the writer share it');
}
