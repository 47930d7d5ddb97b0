import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/config.ts';

function problemsOf(env: Record<string, string>): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map(({ variable, message }) => [variable, message]));
    throw error;
  }
  return {};
}

const FOLDER = 'names a folder: name a file in it, as in file:./data/tierkeeper.db';

describe('the configuration', () => {
  it('needs no variable', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      production: false,
      databaseUrl: 'file:./data/tierkeeper.db',
      tokensFile: null,
      weakTokens: null,
      jwt: null,
      persistedOperationsFile: null,
      policyFile: null,
      limits: {
        depth: 10,
        aliases: 15,
        directives: 5,
        tokens: 1_000,
        cost: 200_000,
        operationsPerMinute: 600,
        serviceOperationsPerMinute: 60_000,
        bodyBytes: 1_048_576,
        frameBytes: 65_536,
        socketsPerPrincipal: 20,
        subscriptionsPerSocket: 20,
        executionMs: 10_000,
      },
      allowedOrigins: [],
      signingKey: null,
      url: null,
      token: null,
      vault: null,
      vaultPoliciesFolder: null,
      logLevel: 'info',
    });
  });

  it('takes every variable', () => {
    const config = loadConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      NODE_ENV: 'production',
      DATABASE_URL: 'file:/var/lib/tierkeeper.db',
      TIERKEEPER_TOKENS_FILE: '/run/tokens.json',
      TIERKEEPER_POLICY_FILE: 'policy.yaml',
      TIERKEEPER_LIMITS: '{"depth": 3, "executionMs": 1}',
      TIERKEEPER_ALLOWED_ORIGINS: 'https://a.example, http://localhost:8080,',
      TIERKEEPER_PERSISTED_OPERATIONS: 'operations.json',
      TIERKEEPER_URL: 'https://tierkeeper.example/graphql',
      TIERKEEPER_TOKEN: 'secret',
      LOG_LEVEL: 'silent',
      PATH: '/bin',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      production: true,
      databaseUrl: 'file:/var/lib/tierkeeper.db',
      tokensFile: '/run/tokens.json',
      policyFile: 'policy.yaml',
      limits: { depth: 3, executionMs: 1, aliases: 15 },
      allowedOrigins: ['https://a.example', 'http://localhost:8080'],
      persistedOperationsFile: 'operations.json',
      url: 'https://tierkeeper.example/graphql',
      token: 'secret',
      logLevel: 'silent',
    });
  });

  const JWT = {
    TIERKEEPER_JWKS_URL: 'https://issuer.example/keys',
    TIERKEEPER_JWT_ISSUER: 'https://issuer.example',
    TIERKEEPER_JWT_AUDIENCE: 'tierkeeper',
  };

  it('takes JSON Web Tokens with the claims of these names, unless told otherwise', () => {
    const jwt = {
      jwksUrl: JWT.TIERKEEPER_JWKS_URL,
      issuer: 'https://issuer.example',
      audience: 'tierkeeper',
    };
    expect(loadConfig(JWT).jwt).toEqual({
      ...jwt,
      rolesClaim: 'roles',
      kindClaim: 'kind',
      agentsClaim: 'agents',
    });
    const names = {
      TIERKEEPER_JWT_ROLES_CLAIM: 'https://tk.example/roles',
      TIERKEEPER_JWT_KIND_CLAIM: 'tk.kind',
      TIERKEEPER_JWT_AGENTS_CLAIM: 'scope',
    };
    expect(loadConfig({ ...JWT, ...names }).jwt).toEqual({
      ...jwt,
      rolesClaim: 'https://tk.example/roles',
      kindClaim: 'tk.kind',
      agentsClaim: 'scope',
    });
  });

  it('refuses tokens of any issuer or for any audience: what belongs together is set together', () => {
    for (const missing of Object.keys(JWT)) {
      const [first = ''] = Object.keys(JWT).filter((name) => name !== missing);
      expect(problemsOf({ ...JWT, [missing]: ' ' })).toEqual({
        [missing]: `must be set, because ${first} is`,
      });
    }
    expect(Object.keys(problemsOf({ TIERKEEPER_JWT_ROLES_CLAIM: 'roles', PORT: 'x' }))).toEqual([
      'PORT',
      ...Object.keys(JWT),
    ]);
  });

  it.each([
    'http://issuer.example/keys',
    'https://user:secret@issuer.example/keys',
    'file:///keys.json',
    'issuer.example',
    'http://127.0.0.1.example/keys',
  ])('fetches no keys from where others could change them: %s', (url) => {
    expect(problemsOf({ ...JWT, TIERKEEPER_JWKS_URL: url })).toEqual({
      TIERKEEPER_JWKS_URL: expect.stringMatching(/^must be an https:\/\/ URL/) as string,
    });
    for (const local of ['http://127.0.0.1:8080/keys', 'http://localhost/keys', 'http://[::1]:1/keys'])
      expect(problemsOf({ ...JWT, TIERKEEPER_JWKS_URL: local })).toEqual({});
  });

  const VAULT_ADDR = 'https://vault.example:8200';

  it('takes a Vault with a token, or with a role and its secret', () => {
    const place = { address: VAULT_ADDR, namespace: null, caFile: null };
    expect(loadConfig({ VAULT_ADDR: `${VAULT_ADDR}/`, VAULT_TOKEN: 'hvs.x' }).vault).toEqual({
      ...place,
      auth: { kind: 'TOKEN', token: 'hvs.x' },
    });
    const role = {
      VAULT_ROLE_ID: 'r',
      VAULT_SECRET_ID: 's',
      VAULT_NAMESPACE: 'team/a/',
      VAULT_CACERT: 'ca.pem',
    };
    expect(loadConfig({ VAULT_ADDR, ...role }).vault).toEqual({
      address: VAULT_ADDR,
      namespace: 'team/a',
      caFile: 'ca.pem',
      auth: { kind: 'APP_ROLE', roleId: 'r', secretId: 's' },
    });
    expect(loadConfig({ VAULT_TOKEN: 'hvs.x', VAULT_ROLE_ID: 'r' }).vault).toBeNull();
  });

  it.each([
    ['HTTPS://Vault.Example:8200/', VAULT_ADDR],
    [` ${VAULT_ADDR}\n`, VAULT_ADDR],
    ['https://vault.example:443', 'https://vault.example'],
    ['Http://LocalHost:8200', 'http://localhost:8200'],
  ])(
    'takes an address of a Vault however it is spelled, and a token with the end of its line: %j',
    (spelled, address) => {
      expect(loadConfig({ VAULT_ADDR: spelled, VAULT_TOKEN: 'hvs.x\n' }).vault).toMatchObject({
        address,
        auth: { kind: 'TOKEN', token: 'hvs.x' },
      });
    },
  );

  it.each([
    [
      { VAULT_ADDR: 'http://vault.example:8200', VAULT_TOKEN: 's3cret' },
      'VAULT_ADDR',
      /^must begin with https:/,
    ],
    [
      { VAULT_ADDR: 'http://127.0.0.1.example', VAULT_TOKEN: 's3cret' },
      'VAULT_ADDR',
      /^must begin with https:/,
    ],
    [
      { VAULT_ADDR: 'https://me:s3cret@vault.example', VAULT_TOKEN: 's3cret' },
      'VAULT_ADDR',
      /^must name no user/,
    ],
    [
      { VAULT_ADDR: 'https://s3cret@vault.example', VAULT_TOKEN: 's3cret' },
      'VAULT_ADDR',
      /^must name no user/,
    ],
    [{ VAULT_ADDR: 'ftp://vault.example', VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must be an https:/],
    [{ VAULT_ADDR: 'vault.example:8200', VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must be an https:/],
    [{ VAULT_ADDR: `${VAULT_ADDR}0`, VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must be an https:/],
    [{ VAULT_ADDR: `${VAULT_ADDR}#s3cret`, VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must end with its host/],
    [{ VAULT_ADDR, VAULT_TOKEN: ' ' }, 'VAULT_ADDR', /^needs VAULT_TOKEN, or/],
    [
      { VAULT_ADDR: 'HTTP://127.0.0.1', VAULT_TOKEN: 's3cret', VAULT_CACERT: 's3cret.pem' },
      'VAULT_CACERT',
      /beside an http:\/\/ address/,
    ],
    [{ VAULT_ADDR: `${VAULT_ADDR}/v1`, VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must end with its host/],
    [{ VAULT_ADDR: `${VAULT_ADDR}/?a=b`, VAULT_TOKEN: 's3cret' }, 'VAULT_ADDR', /^must end with its host/],
    [{ VAULT_ADDR }, 'VAULT_ADDR', /^needs VAULT_TOKEN, or/],
    [{ VAULT_ADDR, VAULT_ROLE_ID: 's3cret' }, 'VAULT_SECRET_ID', /^must be set/],
    [{ VAULT_ADDR, VAULT_SECRET_ID: 's3cret' }, 'VAULT_ROLE_ID', /^must be set/],
    [{ VAULT_ADDR, VAULT_TOKEN: 's3cret', VAULT_SECRET_ID: 's3cret' }, 'VAULT_TOKEN', /use one of both$/],
    [
      { VAULT_ADDR, VAULT_TOKEN: 's3cret\r\nX-Other: 1' },
      'VAULT_TOKEN',
      /^holds a line break or another control/,
    ],
    [
      { VAULT_ADDR, VAULT_TOKEN: 'x', VAULT_NAMESPACE: '../s3cret' },
      'VAULT_NAMESPACE',
      /^must be a namespace/,
    ],
  ])(
    'trusts no Vault that others could stand in for, nor guesses as whom to ask: %j',
    (env, variable, message) => {
      const problems = problemsOf(env);
      expect(Object.keys(problems)).toEqual([variable]);
      expect(problems[variable]).toMatch(message);
      expect(problems[variable]).not.toContain('s3cret');
    },
  );

  it('counts an empty variable as unset', () => {
    expect(loadConfig({ HOST: '', PORT: ' ', TIERKEEPER_LIMITS: '', TIERKEEPER_TOKEN: '' })).toEqual(
      loadConfig({}),
    );
  });

  it.each([
    ['PORT', '65536', 'must be a port number from 0 to 65535'],
    ['PORT', '4000x', 'must be a port number from 0 to 65535'],
    [
      'DATABASE_URL',
      'postgresql://u:p@h/db',
      'names PostgreSQL, which is not supported by this version; use file:PATH',
    ],
    ['DATABASE_URL', 'data.db', 'must be file:PATH'],
    ['DATABASE_URL', 'file:', 'must be file:PATH'],
    [
      'DATABASE_URL',
      'file:~/tierkeeper.db',
      'begins with ~, which only a shell expands: write the path of the folder instead',
    ],
    ['DATABASE_URL', 'file:/var/lib/tierkeeper/', FOLDER],
    ['DATABASE_URL', 'file:.', FOLDER],
    ['DATABASE_URL', 'file:data/..', FOLDER],
    ['DATABASE_URL', 'file:data.db?mode=ro', 'takes no parameters: it must be file:PATH'],
    [
      'DATABASE_URL',
      'file://data.db',
      'must be file:PATH; only an absolute path may follow file://, as in file:///var/lib/tierkeeper.db',
    ],
    ['DATABASE_URL', 'file::memory:', 'must name a file: readers and the writer share it'],
    ['TIERKEEPER_LIMITS', '{', 'must be a JSON object'],
    ['TIERKEEPER_LIMITS', '[]', 'must be a JSON object'],
    ['TIERKEEPER_LIMITS', '{"depth": 0}', 'depth must be a positive whole number'],
    ['TIERKEEPER_LIMITS', '{"depth": 1.5}', 'depth must be a positive whole number'],
    ['TIERKEEPER_LIMITS', '{"depth": "10"}', 'depth must be a positive whole number'],
    ['TIERKEEPER_LIMITS', '{"executionMs": 3000000000}', 'executionMs must be at most 2147483647'],
    ['TIERKEEPER_ALLOWED_ORIGINS', '*', expect.stringMatching(/^must be a list of origins/)],
    [
      'TIERKEEPER_ALLOWED_ORIGINS',
      'https://a.example/path',
      expect.stringMatching(/^must be a list of origins/),
    ],
    ['TIERKEEPER_URL', 'tierkeeper.example', 'must be an http:// or https:// URL'],
    [
      'TIERKEEPER_TOKEN',
      's3cret\nX-Other: 1',
      'holds a line break or another control character; it must be one line',
    ],
    ['TIERKEEPER_TOKEN', 'tök€n', 'must be one word of printable ASCII characters'],
    ['LOG_LEVEL', 'loud', 'must be trace, debug, info, warn, error, fatal or silent'],
  ])('refuses %s=%s', (variable, value, message) => {
    expect(problemsOf({ [variable]: value })).toEqual({ [variable]: message as string });
  });

  it('names a limit that does not exist, and those that do', () => {
    expect(problemsOf({ TIERKEEPER_LIMITS: '{"dept": 3}' }).TIERKEEPER_LIMITS).toMatch(
      /^has no limit dept; it knows depth aliases/,
    );
  });

  it('lists every problem, and repeats no value', () => {
    const env = {
      PORT: 's3cret',
      DATABASE_URL: 'postgres://me:s3cret@h/db',
      TIERKEEPER_LIMITS: 's3cret',
      LOG_LEVEL: 's3cret',
    };
    expect(Object.keys(problemsOf(env))).toEqual(['PORT', 'DATABASE_URL', 'TIERKEEPER_LIMITS', 'LOG_LEVEL']);
    expect(() => loadConfig(env)).toThrow(
      /^PORT must be .*\nDATABASE_URL names .*\nTIERKEEPER_LIMITS must be .*\nLOG_LEVEL must be/,
    );
    expect(() => loadConfig(env)).not.toThrow(/s3cret/);
  });
});
