// Writes until the file may grow no more, under a limit that the shell has set.
import { openDatabase } from '../../../../src/adapters/sqlite/open-database.ts';
import { storageErrorOf } from '../../../../src/app/ports/storage-errors.ts';

const [file = ''] = process.argv.slice(2);
const { database } = openDatabase(file, { absent: 'create' });
let stored = 0;
let fault: unknown = null;
while (fault === null) {
  fault = await database
    .writeTransaction((tx) =>
      tx.text.create({ data: { id: `t${stored}`, digest: '', body: 'x'.repeat(100_000) } }),
    )
    .then(() => null)
    .catch((error: unknown) => error);
  if (fault === null) stored++;
}
const again = await database.writeTransaction((tx) => tx.text.count()).catch((error: unknown) => error);
console.log(
  JSON.stringify({
    stored,
    readable: await database.reader.text.count(),
    fault: storageErrorOf(fault)?.code,
    isTyped: storageErrorOf(fault) === fault,
    message: fault instanceof Error ? fault.message : '',
    again: storageErrorOf(again)?.code ?? again,
  }),
);
await database.close();
