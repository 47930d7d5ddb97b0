import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLedgerArchive } from '../../../src/adapters/sqlite/ledger-archive.ts';
import { openSigner, openVerifier } from '../../../src/adapters/signing/ed25519.ts';
import { NO_WITNESS } from '../../../src/app/time/witnessed-clock.ts';
import { makeCheckpoint, trustedCheckpoint } from '../../../src/app/proof/make-checkpoint.ts';
import { GENESIS } from '../../../src/governance/ledger/chain.ts';
import { givenEngine, HandClock } from '../../support/given-engine.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { givenKeys } from './rich-ledger.ts';

describe('a checkpoint', () => {
  it('is trusted as it was signed, by whose key it says', async () => {
    const { file } = await givenEngine();
    const keys = givenKeys();
    const signed = await makeCheckpoint(openLedgerArchive(file), {
      signer: openSigner(keys.privatePem),
      clock: new HandClock(),
      witness: NO_WITNESS,
    });
    const publicKey = join(tempFolder(), 'public.pem');
    writeFileSync(publicKey, keys.publicPem);
    const verifier = openVerifier(publicKey);
    const { key: _, signature: __, ...checkpoint } = signed;
    expect(trustedCheckpoint(JSON.stringify(signed), verifier)).toEqual(checkpoint);
    for (const [field, value] of Object.entries({
      seq: 2,
      hash: GENESIS,
      recordedAt: 0,
      at: 0,
      policy: null,
    }))
      expect(() => trustedCheckpoint(JSON.stringify({ ...signed, [field]: value }), verifier)).toThrow(
        'The checkpoint was altered after it was signed',
      );
    writeFileSync(publicKey, givenKeys().publicPem);
    expect(() => trustedCheckpoint(JSON.stringify(signed), openVerifier(publicKey))).toThrow(
      'was signed by the key',
    );
  });

  it.each(['', 'x', '{}', '[]', 'null', '{"seq":1}'])('is not what %j says', (text) => {
    expect(() => trustedCheckpoint(text, { key: '', verifies: () => true })).toThrow('It is no checkpoint');
  });
});

describe('a signing key', () => {
  it('is PEM inline, also with its line breaks spelled out, or a file of it', () => {
    const { privatePem } = givenKeys();
    const file = join(tempFolder(), 'key.pem');
    writeFileSync(file, privatePem);
    const keys = [privatePem, privatePem.replaceAll('\n', '\\n'), file].map(
      (setting) => openSigner(setting).key,
    );
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    ['none', () => null, 'set TIERKEEPER_SIGNING_KEY to a private key'],
    ['a file that is not there', () => '/nowhere/key.pem', `can't be read (ENOENT)`],
    ['a public key', () => givenKeys().publicPem, 'is no Ed25519 private key'],
    ['another kind of key', rsaKey, 'is no Ed25519 private key'],
    ['half a key', () => '-----BEGIN PRIVATE KEY-----\nSECRET', 'is no Ed25519 private key'],
  ])('is refused if it is %s, and never repeated', (_, setting, message) => {
    const opening = () => openSigner(setting());
    expect(opening).toThrow(message);
    expect(opening).not.toThrow('SECRET');
  });
});

function rsaKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
