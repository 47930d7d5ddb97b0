// Writes src/generated/graphql/: a typed document for every operation of the command line (cli.ts) and of the tests (test.ts).
// `npm run generate` does so from schema.graphql as it is committed; `npm run codegen` first writes that from src/graphql
// (--schema). With --check nothing is written, and what is stale is named.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preset } from '@graphql-codegen/client-preset';
import {
  buildSchema,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
  type GraphQLSchema,
} from 'graphql';

const root = import.meta.dirname;

/** Where documents are, by the file that their types go to. */
const DOCUMENTS = {
  'src/generated/graphql/cli.ts': 'src/cli/documents',
  'src/generated/graphql/test.ts': 'test/documents',
} as const;

const CONFIG = {
  documentMode: 'string',
  enumType: 'string-literal',
  immutableTypes: true,
  scalars: { DateTime: 'string', ID: 'string', SafeInt: 'number' },
  strictScalars: true,
  useTypeImports: true,
};

/** The text of schema.graphql: sorted, so that a change of the schema is all that a diff shows. */
export function schemaText(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** The text of every file of typed documents, by its path. */
export async function typedDocuments(): Promise<Readonly<Record<string, string>>> {
  const schema = buildSchema(readFileSync(join(root, 'schema.graphql'), 'utf8'));
  const files = Object.entries(DOCUMENTS).map(
    async ([file, folder]) => [file, await typed(schema, folder)] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

async function typed(schema: GraphQLSchema, folder: string): Promise<string> {
  const documents = readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => {
      const rawSDL = readFileSync(join(root, folder, name), 'utf8');
      return { location: join(folder, name), rawSDL, document: parse(rawSDL) };
    });
  const all = parse(documents.map(({ rawSDL }) => rawSDL).join('\n'));
  const [error] = validate(schema, all);
  if (error !== undefined) throw new Error(`${folder}: ${error.toString()}`);
  const [section] = await preset.buildGeneratesSection({
    baseOutputDir: './',
    presetConfig: { fragmentMasking: false },
    config: CONFIG,
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents,
    plugins: [],
    pluginMap: {},
    pluginContext: {},
  });
  if (section === undefined) throw new Error('The client preset no longer begins with the documents.');
  return render(schema, section);
}

type Section = Awaited<ReturnType<typeof preset.buildGeneratesSection>>[number];

/** What graphql-codegen's command line does with the one file of the preset that is needed, without loading all of it. */
async function render(schema: GraphQLSchema, section: Section): Promise<string> {
  const { documents, filename, plugins, pluginMap } = section;
  const config: unknown = section.config;
  const outputs = await Promise.all(
    plugins
      .flatMap(Object.entries)
      .map(async ([name, own]: [string, object]) =>
        pluginMap[name]?.plugin(
          schema,
          documents,
          { ...(config as object), ...own },
          { outputFile: filename },
        ),
      ),
  );
  const parts = outputs.map((output) => (typeof output === 'string' ? { content: output } : output));
  const texts = [...parts.flatMap((part) => part?.prepend ?? []), ...parts.map((part) => part?.content)];
  return `${texts.filter((text) => text !== undefined && text !== '').join('\n')}\n`;
}

async function builtSchema(): Promise<string> {
  const { createSchema } = await import('./src/graphql/schema.ts');
  return schemaText(createSchema());
}

/** The files that are not what they would be made to be. */
async function stale(): Promise<readonly string[]> {
  const files = { 'schema.graphql': await builtSchema(), ...(await typedDocuments()) };
  return Object.entries(files)
    .filter(([file, text]) => textOf(file) !== text)
    .map(([file]) => file);
}

function textOf(file: string): string | null {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

async function main(asked: string | undefined): Promise<void> {
  if (asked === '--check') {
    const files = await stale();
    if (files.length === 0) return;
    console.error(`Stale: ${files.join(', ')}. Run npm run codegen.`);
    process.exitCode = 1;
    return;
  }
  if (asked === '--schema') write({ 'schema.graphql': await builtSchema() });
  write(await typedDocuments());
}

if (import.meta.filename === process.argv[1]) await main(process.argv[2]);
