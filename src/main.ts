#!/usr/bin/env node
// The `tierkeeper` command, and the only reader of process.env: everything else is given what it needs of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './cli/run.ts';

const manifest = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };

process.exitCode = await run({
  args: process.argv.slice(2),
  environment: process.env,
  streams: process,
  version,
});
