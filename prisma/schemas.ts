import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The databases that Tierkeeper runs on; Prisma wants the name as a literal, hence a schema text for each. */
export type Provider = 'sqlite' | 'postgresql';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where the client and the Pothos types of each provider go, seen from the schema text. */
const outputs = {
  sqlite: { client: '../prisma', pothos: '../pothos.ts', clientOutput: './prisma/client.ts' },
  postgresql: { client: '../prisma-postgresql' },
} satisfies Record<Provider, { client: string; pothos?: string; clientOutput?: string }>;

/** The whole Prisma schema of one provider: datasource, generators and the models of prisma/models.prisma. */
export function schemaText(provider: Provider): string {
  return [
    '// Made by prisma/schemas.ts from prisma/models.prisma.',
    block('datasource db', { provider }),
    block('generator client', {
      provider: 'prisma-client',
      output: outputs[provider].client,
      moduleFormat: 'esm',
      generatedFileExtension: 'ts',
      importFileExtension: 'ts',
    }),
    ...pothosGenerator(provider),
    readFileSync(join(root, 'prisma', 'models.prisma'), 'utf8'),
  ].join('\n\n');
}

/** Writes the schema text of a provider to src/generated and returns its path. */
export function writeSchema(provider: Provider): string {
  const path = join(root, 'src', 'generated', 'schemas', `${provider}.prisma`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, schemaText(provider));
  return path;
}

/** Where the migrations of a provider are. */
export function migrationsFolder(provider: Provider): string {
  return join(root, 'prisma', provider, 'migrations');
}

function pothosGenerator(provider: Provider): string[] {
  // One set of Pothos types serves both databases: the models are the same.
  if (provider !== 'sqlite') return [];
  const { pothos, clientOutput } = outputs[provider];
  return [
    block('generator pothos', {
      provider: 'prisma-pothos-types',
      output: pothos,
      clientOutput,
      generateDatamodel: 'true',
    }),
  ];
}

function block(name: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `  ${key} = "${value}"`);
  return `${name} {\n${lines.join('\n')}\n}`;
}
