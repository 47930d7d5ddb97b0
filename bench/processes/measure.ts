// Verifies or exports a ledger in a process of its own, and prints the CPU time that took and the most memory that it had.
import { existsSync, readFileSync } from 'node:fs';
import { openLedgerArchive } from '../../src/adapters/sqlite/ledger-archive.ts';
import { exportLedger } from '../../src/app/proof/export-ledger.ts';
import { verifyLedger } from '../../src/app/proof/verify-ledger.ts';

const [what = '', file = ''] = process.argv.slice(2);
const archive = openLedgerArchive(file);
const answer = await (what === 'export' ? exported() : verified());
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const milliseconds = (userCPUTime + systemCPUTime) / 1_000;
const bytes = mostMemory();
console.log(JSON.stringify({ answer, milliseconds, bytes }));

/** Linux counts what the process had been before it began to run this into `maxRSS`: as much as whoever started it. */
function mostMemory(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return 1024 * Number(kilobytes ?? process.resourceUsage().maxRSS);
}

async function verified(): Promise<object> {
  const { sound, entries, agents } = await verifyLedger(archive);
  return { sound, entries, agents };
}

async function exported(): Promise<object> {
  let entries = 0;
  for await (const { seq } of exportLedger(archive, null)) entries = seq;
  return { entries };
}
