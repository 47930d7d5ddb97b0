import { defineConfig } from 'prisma/config';

import { writeSchema } from './prisma/schemas.ts';

// Without this the command line wants to download a native engine that generating does not need.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: writeSchema('sqlite') });
