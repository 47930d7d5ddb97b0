// Verifies or exports a ledger in a process of its own, and prints the CPU time that took and the most memory that it had.
import { openLedgerArchive } from '../../src/adapters/prisma/ledger-archive.ts';
import { exportLedger } from '../../src/app/export-ledger.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';

const [what = '', file = ''] = process.argv.slice(2);
const archive = openLedgerArchive(file);
const answer = await (what === 'export' ? exported() : verified());
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const milliseconds = (userCPUTime + systemCPUTime) / 1_000;
const bytes = maxRSS * 1024;
console.log(JSON.stringify({ answer, milliseconds, bytes }));

async function verified(): Promise<object> {
  const { sound, entries, agents } = await verifyLedger(archive);
  return { sound, entries, agents };
}

async function exported(): Promise<object> {
  let entries = 0;
  for await (const { seq } of exportLedger(archive, null)) entries = seq;
  return { entries };
}
