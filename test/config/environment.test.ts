import { describe, expect, it } from 'vitest';
import { ConfigError, configWarnings, loadConfig, VARIABLE_NAMES } from '../../src/config/config.ts';

const VAULT = { VAULT_ADDR: 'https://vault.example:8200', VAULT_TOKEN: 'hvs.x' };
const ROLE = { VAULT_ADDR: VAULT.VAULT_ADDR, VAULT_ROLE_ID: 'role', VAULT_SECRET_ID: 'secret' };
const JWT = {
  TIERKEEPER_JWKS_URL: 'https://issuer.example/keys',
  TIERKEEPER_JWT_ISSUER: 'https://issuer.example',
  TIERKEEPER_JWT_AUDIENCE: 'tierkeeper',
};

/** A value of each variable, with what must stand beside it. A new variable without one fails the test below. */
const VALUES: Readonly<Record<string, string>> = {
  HOST: '0.0.0.0',
  PORT: '4001',
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  DATABASE_URL: 'file:./a.db',
  TIERKEEPER_TOKENS_FILE: '/run/tokens.json',
  TIERKEEPER_WEAK_TOKENS: 'refuse',
  TIERKEEPER_POLICY_FILE: 'policy.yaml',
  TIERKEEPER_LIMITS: '{"depth": 3}',
  TIERKEEPER_ALLOWED_ORIGINS: 'https://a.example',
  TIERKEEPER_PERSISTED_OPERATIONS: 'operations.json',
  TIERKEEPER_SIGNING_KEY: 'key.pem',
  TIERKEEPER_URL: 'https://tierkeeper.example/graphql',
  TIERKEEPER_TOKEN: 'secret',
  TIERKEEPER_JWT_ROLES_CLAIM: 'tk.roles',
  TIERKEEPER_JWT_KIND_CLAIM: 'tk.kind',
  TIERKEEPER_JWT_AGENTS_CLAIM: 'scope',
  VAULT_NAMESPACE: 'team/a',
  VAULT_CACERT: 'ca.pem',
  TIERKEEPER_VAULT_POLICIES: 'policies',
  ...JWT,
  ...ROLE,
  ...VAULT,
};

function besides(name: string): Readonly<Record<string, string>> {
  if (name in ROLE && name !== 'VAULT_ADDR') return ROLE;
  if (name.startsWith('VAULT_')) return VAULT;
  return name.includes('_JW') ? JWT : {};
}

function problemsOf(environment: Record<string, string>): Readonly<Record<string, string>> {
  try {
    loadConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ variable, message }) => [variable, message]));
  }
  return {};
}

describe.each(VARIABLE_NAMES)('the variable %s', (name) => {
  const value = VALUES[name] ?? '';
  const withValue = (text: string) => ({ ...besides(name), [name]: text });

  it('means the same with a line end, blanks, a byte order mark or a no-break space around it', () => {
    expect(value).not.toBe('');
    const plain = loadConfig(withValue(value));
    for (const text of [
      `${value}\r`,
      `${value}\n`,
      `${value}\r\n`,
      ` ${value} `,
      `\t${value}`,
      `\ufeff${value}`,
    ])
      expect(loadConfig(withValue(text))).toEqual(plain);
    for (const text of [`\u00a0${value}\u00a0`, `\u200b${value}\u200b`, `${value}\u2028`])
      expect(loadConfig(withValue(text))).toEqual(plain);
  });

  it('is refused by its name if it is in quotes, or holds a control character or one that can not be seen', () => {
    for (const quote of ['"', "'"])
      expect(problemsOf(withValue(`${quote}${value}${quote}`))[name]).toMatch(/^is in quotes/);
    const middle = Math.ceil(value.length / 2);
    for (const odd of ['\u0007', '\u001b', '\0', '\u0085'])
      expect(problemsOf(withValue(`${value.slice(0, middle)}${odd}${value.slice(middle)}`))[name]).toMatch(
        /control character/,
      );
    for (const odd of ['\u200b', '\ufeff', '\ufffd'])
      expect(problemsOf(withValue(`${value.slice(0, middle)}${odd}${value.slice(middle)}`))).toHaveProperty(
        name,
      );
  });
});

describe('a value that is nearly right', () => {
  it.each(['Production', 'PRODUCTION', 'prod', 'produktion', '"production"', 'production;', 'live', '0'])(
    'NODE_ENV=%s is refused, not taken for less than production',
    (value) => {
      const message = problemsOf({ NODE_ENV: value }).NODE_ENV;
      expect(message).toMatch(/must be production, development, test or unset|is in quotes/);
      if (/^prod/i.test(value)) expect(message).toContain('is production meant?');
    },
  );

  it.each(['04000', '4000.5', '0x10', '1e3', '+1', '-1', '65536', '4 000', '４０００'])(
    'PORT=%s is refused',
    (value) => {
      expect(problemsOf({ PORT: value })).toEqual({ PORT: 'must be a port number from 0 to 65535' });
    },
  );

  it('of white space alone is absent', () => {
    for (const nothing of ['', ' ', '\r\n', '\t', '\u00a0', '\ufeff'])
      expect(loadConfig(Object.fromEntries(VARIABLE_NAMES.map((name) => [name, nothing])))).toEqual(
        loadConfig({}),
      );
  });

  it('may span lines where it is JSON, a list or a key', () => {
    expect(loadConfig({ TIERKEEPER_LIMITS: '{\r\n\t"depth": 3\n}\n' }).limits.depth).toBe(3);
    expect(
      loadConfig({ TIERKEEPER_ALLOWED_ORIGINS: 'https://a.example,\r\nhttps://b.example\r\n' }),
    ).toMatchObject({
      allowedOrigins: ['https://a.example', 'https://b.example'],
    });
  });
});

describe("variables of the product's namespace that it does not know", () => {
  it('are named, with the one that is probably meant, and refused by no version', () => {
    const environment = {
      TIERKEEPER_TOKEN_FILE: 'a',
      tierkeeper_url: 'b',
      TIERKEEPER_SOMETHING_NEW: 'c',
      PATH: '/',
    };
    expect(configWarnings(environment)).toEqual([
      expect.stringMatching(/^TIERKEEPER_TOKEN_FILE is no variable .*; is TIERKEEPER_TOKENS_FILE meant\?$/),
      expect.stringMatching(/^tierkeeper_url is no variable .*; is TIERKEEPER_URL meant\?$/),
      'TIERKEEPER_SOMETHING_NEW is no variable of this version and has no effect',
    ]);
    expect(() => loadConfig(environment)).not.toThrow();
  });
});
