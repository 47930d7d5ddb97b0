import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, sameAnswer, sized, type Bench } from './bench.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { bundle } from './bundle.ts';

const NOW = Date.UTC(2026, 5, 30, 12);
const MOST_MEMORY = 1.3;

/** What a process of its own has found. */
interface Measured {
  readonly answer: { readonly entries: number; readonly sound?: boolean };
  /** Of CPU time. */
  readonly milliseconds: number;
  readonly bytes: number;
}

/** Verifying and exporting a long ledger, against a tenth of it with as many agents: neither may take more memory. */
export const verify: Bench = {
  about: 'the memory that verifying and exporting 1,000,000 entries takes, against 100,000 of as many agents',
  run: async (folder, scale) => {
    const agents = sized(1_000, scale, 20);
    const measure = await bundle('processes/measure.ts');
    const ledger = async (name: string, runs: number) => {
      const file = join(folder, `${name}.db`);
      await makeFleet(file, { agents, actions: runs, actionsPerRun: 1, now: NOW, oneIn: 10 });
      const measured = async (what: string) => {
        const { stdout } = await promisify(execFile)(process.execPath, [measure, what, file]);
        return JSON.parse(stdout) as Measured;
      };
      return { verified: await measured('verify'), exported: await measured('export') };
    };
    const large = await ledger('large', sized(1_000_000, scale, 2_000));
    const small = await ledger('small', sized(100_000, scale, 200));
    const { entries, sound } = large.verified.answer;
    sameAnswer('a sound ledger', [sound, small.verified.answer.sound], [true, true]);
    sameAnswer('entries exported', large.exported.answer.entries, entries);
    return {
      size: `${entries} entries of ${agents} agents, against ${small.verified.answer.entries}`,
      lines: [
        line('verified', large.verified),
        line('exported', large.exported),
        atMost('memory to verify', large.verified.bytes / small.verified.bytes, MOST_MEMORY),
        atMost('memory to export', large.exported.bytes / small.exported.bytes, MOST_MEMORY),
      ],
      answer: `${entries} entries`,
    };
  },
};

function line(what: string, { milliseconds, bytes, answer: { entries } }: Measured): string {
  const rate = Math.round((entries / milliseconds) * 1_000);
  return `${what} in ${(milliseconds / 1_000).toFixed(1)} s of CPU time, ${rate} a second, ${Math.round(bytes / 2 ** 20)} MiB at most`;
}
