import { VaultError } from '../../app/ports/vault-error.ts';

/** One request, as far as it may be told of: neither its headers nor its body. */
export interface Told {
  /** Such as `POST /v1/identity/entity/name/agent-eve`. */
  readonly what: string;
  readonly address: string;
  /** What is secret: blanked wherever Vault repeats it. */
  readonly secrets: readonly string[];
}

const MOST_WORDS = 200;
const UNSEEN = /[\s\p{Cc}\p{Cf}]+/gu;

/** A status that is neither success nor an honest 404. */
export function statusError(status: number, body: unknown, told: Told): VaultError {
  const said = wordsOf(body, told.secrets);
  const answer = `answered ${status} to ${told.what}${said === '' ? '' : `: ${said}`}`;
  const error = (kind: VaultError['kind'], message: string, retryable = true) =>
    new VaultError(kind, `${message} (Vault ${answer})`, retryable);
  if (status >= 300 && status < 400)
    return error(
      'REDIRECTED',
      'Vault sends elsewhere, which is not followed: set VAULT_ADDR to where its active node answers',
    );
  if (status === 403)
    return error('DENIED', 'Vault denies it: the token is not valid, or its policies do not allow this');
  if (status === 503) return error('SEALED', 'Vault is sealed or not available');
  if (status === 472 || status === 473 || status === 412)
    return error('STANDBY', 'This node of Vault only stands by, or is behind');
  if (status === 429)
    return isStandby(body)
      ? error('STANDBY', 'This node of Vault only stands by')
      : error('RATE_LIMITED', 'Vault limits the rate of requests');
  return error('REFUSED', 'Vault refused it', status >= 500);
}

/** Whether a 404 says that there is no such namespace, rather than that there is nothing at the path. */
export function isUnknownNamespace(body: object): boolean {
  return /namespace[^/]{0,40}not found|no (such )?namespace|(unknown|invalid) namespace/i.test(
    wordsOf(body, []),
  );
}

/** All that is asked of a namespace that does not exist fails alike. */
export function namespaceError({ what, address }: Told): VaultError {
  const message = `Vault at ${address} has no namespace of the name that VAULT_NAMESPACE says: correct it, or create the namespace (${what})`;
  return new VaultError('NAMESPACE', message, true);
}

/** An answer that no Vault gives. */
export function notVault(why: string, { what, address }: Told): VaultError {
  return new VaultError('NOT_VAULT', `What answers at ${address} is no Vault: ${why} (${what})`, true);
}

/** No answer at all. */
export function connectionError(error: unknown, { what, address }: Told): VaultError {
  if (error instanceof VaultError) return error;
  const { name, code } = (error instanceof Error ? error : {}) as {
    readonly name?: string;
    readonly code?: unknown;
  };
  if (name === 'AbortError' || name === 'TimeoutError')
    return new VaultError('TIMED_OUT', `Vault at ${address} did not answer in time (${what})`, true);
  const why = typeof code === 'string' ? code : 'no connection';
  return new VaultError('UNREACHABLE', `Vault at ${address} can't be reached: ${why} (${what})`, true);
}

/** What Vault says in its errors: on one line, short, and without what was sent in secret. */
function wordsOf(body: unknown, secrets: readonly string[]): string {
  const { errors } = (typeof body === 'object' && body !== null ? body : {}) as { readonly errors?: unknown };
  if (!Array.isArray(errors)) return '';
  const text = errors.filter((each): each is string => typeof each === 'string').join(' ');
  const known = secrets.filter((secret) => secret !== '');
  const blanked = known.reduce((words, secret) => words.replaceAll(secret, '…'), text);
  // Taken apart by what nobody sees, it would still be there to be put together.
  const together = blanked.replaceAll(UNSEEN, '');
  if (known.some((secret) => together.includes(secret))) return '';
  return blanked.replaceAll(UNSEEN, ' ').trim().slice(0, MOST_WORDS);
}

function isStandby(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'standby' in body && body.standby === true;
}
