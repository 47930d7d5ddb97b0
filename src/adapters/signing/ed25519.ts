import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import type { SignatureVerifier, Signer } from '../../app/ports/signatures.ts';
import { SigningKeyError } from './signing-key-error.ts';

const MAKE_ONE = 'Make one with: openssl genpkey -algorithm ed25519 -out signing-key.pem';
const SHOW_PUBLIC = 'Take it from the private one with: openssl pkey -in signing-key.pem -pubout';

/**
 * A signer with an Ed25519 key in PKCS#8 PEM, given as the path of a file or inline (line breaks may be spelled `\n`).
 * @throws SigningKeyError
 */
export function openSigner(setting: string | null): Signer {
  const name = 'TIERKEEPER_SIGNING_KEY';
  if (setting === null)
    throw new SigningKeyError(`To sign a checkpoint, set ${name} to a private key. ${MAKE_ONE}`);
  const inline = setting.trimStart().startsWith('-----BEGIN');
  const pem = inline ? setting.replaceAll('\\n', '\n') : readKey(setting, `The file that ${name} names`);
  const key = ed25519(
    () => createPrivateKey(pem),
    `${name} is no Ed25519 private key in PKCS#8 PEM`,
    MAKE_ONE,
  );
  return {
    key: fingerprint(createPublicKey(key)),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/**
 * A verifier with an Ed25519 public key (SPKI PEM) from a file.
 * @throws SigningKeyError
 */
export function openVerifier(file: string): SignatureVerifier {
  const pem = readKey(file, `The public key ${file}`);
  // Node would take the public key out of it, and whoever verifies would go on to hand the private one around.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw new SigningKeyError(
      `${file} holds a private key, which only whoever signs may have: verifying takes the public one. ${SHOW_PUBLIC}`,
    );
  const problem = `${file} is no Ed25519 public key in PEM`;
  const key = ed25519(() => createPublicKey(pem), problem, SHOW_PUBLIC);
  return {
    key: fingerprint(key),
    verifies: (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')),
  };
}

function readKey(file: string, what: string): string {
  try {
    return decodedText(readFileSync(file));
  } catch (cause) {
    if (cause instanceof NotTextError) throw new SigningKeyError(`${what} ${cause.message}.`, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new SigningKeyError(`${what} can't be read (${code}).`, { cause });
  }
}

/** The cause is left out: it may quote what it could not read. */
function ed25519(parse: () => KeyObject, problem: string, remedy: string): KeyObject {
  let key: KeyObject | null = null;
  try {
    key = parse();
  } catch {
    // Refused below.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new SigningKeyError(`${problem}. ${remedy}`);
}

function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
