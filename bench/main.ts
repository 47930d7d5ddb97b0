import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { benches } from './benches.ts';

const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const scale = Number(values.scale);
const unknown = positionals.filter((name) => benches[name] === undefined);

if (!(scale > 0 && scale <= 1)) {
  refuse('--scale is a share of the stated size: above 0, at most 1.');
} else if (unknown.length > 0) {
  refuse(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`);
} else if (positionals.length === 0) {
  console.log('npm run bench -- NAME… [--scale 0.01]\n');
  for (const [name, { about }] of Object.entries(benches)) console.log(`${name.padEnd(8)} ${about}`);
} else {
  for (const name of positionals) await measure(name, benches[name]);
}

async function measure(name: string, bench: Bench | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tierkeeper-bench-'));
  try {
    const finding = await bench?.run(folder, scale);
    if (finding === undefined) return;
    console.log(`${name}: ${finding.size}`);
    for (const line of finding.lines) console.log(`  ${line}`);
    console.log(`  same answer: ${finding.answer}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refuse(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
