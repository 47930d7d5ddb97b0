// Appends entries one transaction at a time, as fast as it can, beside others that do the same.
import { openDatabase } from '../../../../src/adapters/sqlite/open-database.ts';
import { barrier } from '../../../support/barrier.ts';

const [file = '', count = '0'] = process.argv.slice(2);
const { database } = openDatabase(file, { absent: 'create' });
await barrier();
for (let done = 0; done < Number(count); done++) {
  await database.writeTransaction(async (tx, head) => {
    const seq = BigInt(head.seq) + 1n;
    const times = { at: 0n, recordedAt: 0n };
    await tx.ledgerEntry.create({
      data: {
        seq,
        ...times,
        type: 'COMMAND_REFUSED',
        actorKey: 'p',
        payload: '{}',
        previousHash: '',
        hash: '',
      },
    });
    await tx.ledgerHead.update({ where: { id: 1 }, data: { seq } });
  });
}
await database.close();
