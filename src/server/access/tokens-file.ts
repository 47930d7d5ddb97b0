import { KnownError } from '../../governance/known-error.ts';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AGENT_ID_RULE } from '../../governance/agent-id.ts';
import { AGENT_PATTERN, type Principal, type PrincipalKind } from '../../governance/principals/principal.ts';
import { ENOUGH_BITS, plausibleBits } from './token-strength.ts';
import { fitsKind, isReserved, KINDS, PRINCIPAL_ID, ROLES } from './principal-rules.ts';

const FIELDS = 'token, tokenSha256, id, kind, roles, agents and expiresAt';

const oneOf = <Name extends string, Value>(names: Readonly<Record<Name, Value>>) =>
  z
    .enum(Object.keys(names) as [Name, ...Name[]], {
      error: `must be one of ${Object.keys(names).join(', ')}`,
    })
    .transform((name) => names[name]);

const text = { error: 'must be a text' };

const ENTRY = z
  .strictObject(
    {
      token: z
        .string(text)
        .trim()
        .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
        .optional(),
      tokenSha256: z
        .string(text)
        .trim()
        .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')
        .optional(),
      id: z
        .string(text)
        .regex(PRINCIPAL_ID, 'must be 1 to 200 characters without spaces')
        .refine((id) => !isReserved(id), 'must not begin with system:, operator:, local: or erased:'),
      kind: oneOf(KINDS),
      roles: z.array(oneOf(ROLES), { error: 'must be a list of roles' }).min(1, 'must name a role'),
      agents: z
        .array(z.string(text).regex(AGENT_PATTERN, 'must be an agent id, or its beginning followed by *'), {
          error: 'must be a list',
        })
        .optional(),
      expiresAt: z.iso
        .datetime({ offset: true, error: 'must be a time such as 2030-01-31T12:00:00Z' })
        .optional(),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? `has a field other than ${FIELDS}` : 'must be an object',
    },
  )
  .refine(({ token, tokenSha256 }) => (token === undefined) !== (tokenSha256 === undefined), {
    error: 'must have either token or tokenSha256',
  })
  .refine(({ kind, id }) => fitsKind(id, kind), {
    path: ['id'],
    error: `is not an agent's: ${AGENT_ID_RULE}`,
  });

const FILE = z.array(ENTRY, { error: 'must be a list' });

/** Principals by the SHA-256 of their token, in hex. */
export type PrincipalsByHash = ReadonlyMap<string, Principal>;

/** A tokens file can't be used; every problem names the entry, by its index, and the field. No value is repeated. */
export class TokensFileError extends KnownError {
  override readonly name = 'TokensFileError';
  readonly code = 'TOKENS_FILE';
  readonly retryable = false;
  constructor(
    readonly problems: readonly string[],
    file: string,
  ) {
    super(`The tokens file ${file} can't be used: ${problems.join('; ')}.`);
  }
}

/** What stands for a token in memory. Looking a hash up tells nothing about how much of a guess was right. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Reads the text of a tokens file.
 * @throws TokensFileError
 */
export function readTokens(content: string, file: string): PrincipalsByHash {
  const parsed = FILE.safeParse(parseJson(content, file));
  if (!parsed.success)
    throw new TokensFileError(
      parsed.error.issues.map(({ path, message }) => `${placeOf(path)} ${message}`),
      file,
    );
  const problems: string[] = [];
  const principals = new Map<string, Principal>();
  const kinds = new Map<string, PrincipalKind>();
  for (const [index, { token, tokenSha256, ...entry }] of parsed.data.entries()) {
    const hash = token === undefined ? (tokenSha256 ?? '').toLowerCase() : hashToken(token);
    if (principals.has(hash)) problems.push(`entry ${index} token is another entry's too`);
    if ((kinds.get(entry.id) ?? entry.kind) !== entry.kind)
      problems.push(`entry ${index} kind is not what an earlier entry says of this id`);
    kinds.set(entry.id, entry.kind);
    principals.set(hash, principalOf(entry));
  }
  if (problems.length > 0) throw new TokensFileError(problems, file);
  return principals;
}

/**
 * Whose tokens in a text that `readTokens` takes could be guessed, by id. An entry with `tokenSha256` can't be judged.
 */
export function weakIds(content: string): readonly string[] {
  const entries = FILE.parse(JSON.parse(content));
  const weak = entries.filter(
    ({ token, id, roles }) => token !== undefined && plausibleBits(token, [id, ...roles]) < ENOUGH_BITS,
  );
  return [...new Set(weak.map(({ id }) => id))];
}

function principalOf({
  id,
  kind,
  roles,
  agents,
  expiresAt,
}: Omit<z.infer<typeof ENTRY>, 'token' | 'tokenSha256'>): Principal {
  return {
    id,
    kind,
    roles: [...new Set(roles)],
    agents: agents ?? null,
    expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt),
  };
}

/** Never the parser's own message: it quotes the text around the mistake. */
function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    const line = position === undefined ? undefined : content.slice(0, Number(position)).split('\n').length;
    throw new TokensFileError(
      [line === undefined ? 'it is not JSON' : `it is not JSON, see line ${line}`],
      file,
    );
  }
}

function placeOf([index, ...fields]: readonly PropertyKey[]): string {
  return index === undefined ? 'it' : ['entry', index, ...fields].map(String).join(' ');
}
