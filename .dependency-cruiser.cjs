// Who may import whom: the one source of these rules, read by `npm run check` and by test/architecture.test.ts.
// ARCHITECTURE.md says why. A rule names what is allowed; everything else is refused. Whoever adds an adapter adds a line
// to SDK; whoever adds a rule adds the file that breaks it to test/fixtures/architecture/.

/** What each adapter may import from outside, besides Node itself. */
const SDK = {
  breaker: ['cockatiel'],
  doorbell: ['ioredis', 'pg'],
  notifiers: ['@octokit/[^/]+', '@slack/web-api'],
  'original-ledger': ['better-sqlite3'],
  prisma: ['@prisma/[^/]+'],
  sqlite: ['@prisma/[^/]+', 'better-sqlite3'],
  system: ['pino', 'yaml'],
  vault: ['cockatiel', 'node-vault'],
};

const folder = (name) => `^src/${name}/`;
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;
const anyPackage = '(^|/)node_modules/';

/** The seams that an adapter implements, and the rules and rows that they speak of. */
const PORTS = ['^src/app/rows[.]ts$', folder('(app/ports|governance|generated)'), anyPackage];

/** `from` imports what `allowed` lists, and Node itself if `node` says so. */
const only = (name, { comment, from, allowed, node = true }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed, ...(node ? { dependencyTypesNot: ['core'] } : {}) },
});

/** `from` imports nothing but types from `to`. */
const typesOnly = (name, { comment, from, to }) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to, dependencyTypesNot: ['type-only'] },
});

const layers = [
  only('governance', {
    comment: 'The rules are pure: zod, canonicalize and a hash, nothing else.',
    from: folder('governance'),
    allowed: [folder('governance'), packages('zod', 'canonicalize'), '^(node:)?crypto$'],
    node: false,
  }),
  only('app', {
    comment: 'A use case sees the rules and the ports, and checks its input with zod.',
    from: folder('app'),
    allowed: [folder('(app|governance)'), packages('zod')],
    node: false,
  }),
  only('graphql', {
    comment: 'The API calls use cases.',
    from: folder('graphql'),
    allowed: [folder('(graphql|app|governance|generated)'), anyPackage],
  }),
  only('server', {
    comment: 'The wire carries the API and decides nothing.',
    from: folder('server'),
    allowed: [folder('(server|graphql|app|governance|config)'), anyPackage],
  }),
  only('cli', {
    comment: 'A command composes, asks and prints.',
    from: folder('cli'),
    allowed: [folder('(cli|compose|config|graphql|app|generated)'), anyPackage],
  }),
  typesOnly('cli-app', {
    comment: 'A command knows the use cases by their types; compose/ hands them over.',
    from: folder('cli'),
    to: folder('app'),
  }),
  only('compose', {
    comment: 'Composition opens everything; a command starts it.',
    from: folder('compose'),
    allowed: [folder('(compose|adapters|server|graphql|app|governance|config)'), anyPackage],
  }),
  only('config', {
    comment: 'Configuration is checked by zod.',
    from: folder('config'),
    allowed: [folder('(config|governance)'), packages('zod')],
    node: false,
  }),
  typesOnly('config-governance', {
    comment: 'Configuration knows no more of the rules than their types.',
    from: folder('config'),
    to: folder('governance'),
  }),
  only('main', {
    comment: 'The command hands over to cli/.',
    from: '^src/main[.]ts$',
    allowed: [folder('(cli|config)'), anyPackage],
  }),
];

const adapters = [
  only('adapter', {
    comment: 'An adapter sees the ports, the rules and its own folder, never another adapter.',
    from: '^src/adapters/(?!sqlite/)([^/]+)/',
    allowed: ['^src/adapters/$1/', ...PORTS],
  }),
  only('adapter', {
    comment: 'A database also sees the store that works on it.',
    from: folder('adapters/sqlite'),
    allowed: [folder('adapters/(sqlite|prisma)'), ...PORTS],
  }),
  ...Object.entries(SDK).map(([name, sdk]) =>
    only('adapter-sdk', {
      comment: 'An adapter imports its own SDK.',
      from: folder(`adapters/${name}`),
      allowed: ['^src/', ...sdk.map((name) => packages(name))],
    }),
  ),
  only('adapter-sdk', {
    comment: 'An adapter that SDK does not list imports no package.',
    from: `^src/adapters/(?!(${Object.keys(SDK).join('|')})/)`,
    allowed: ['^src/'],
  }),
  {
    name: 'sdk-outside-adapters',
    comment: 'Outside systems are reached through a port.',
    severity: 'error',
    from: { path: '^src/', pathNot: folder('(adapters|generated)') },
    to: { path: packages(...new Set(Object.values(SDK).flat())) },
  },
];

const everywhere = [
  {
    name: 'generated-prisma',
    comment: 'Rows are known to the adapter that stores them and, as types, to the API.',
    severity: 'error',
    from: { path: '^src/', pathNot: folder('(adapters/(prisma|sqlite)|graphql|generated)') },
    to: { path: folder('generated/prisma') },
  },
  {
    name: 'outside-src',
    comment: 'What is shipped needs nothing of the tests, benches, examples and tools.',
    severity: 'error',
    from: { path: '^src/' },
    to: { pathNot: ['^src/', anyPackage], dependencyTypesNot: ['core'] },
  },
  {
    name: 'no-dev-dependency',
    comment: 'What is shipped runs without development dependencies.',
    severity: 'error',
    from: { path: '^src/', pathNot: folder('generated') },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-cycle',
    comment: 'No file needs itself.',
    severity: 'error',
    from: { path: '^src/', pathNot: folder('generated') },
    to: { circular: true },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [...layers, ...adapters, ...everywhere],
  options: {
    doNotFollow: { path: [anyPackage, folder('generated')] },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
