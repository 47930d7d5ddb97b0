// Opens a database, and then may no longer write its file: as another user if root, whom permissions don't bind.
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { MigrationError } from '../../../../src/adapters/sqlite/migration-error.ts';
import { openDatabase } from '../../../../src/adapters/sqlite/open-database.ts';
import { storageErrorOf } from '../../../../src/app/ports/storage-errors.ts';

const NOBODY = 65_534;

const [file = ''] = process.argv.slice(2);
await openDatabase(file, { absent: 'create' }).database.close();
const { database } = openDatabase(file, { absent: 'create' });
await database.reader.text.count();
for (const suffix of ['', '-wal', '-shm']) chmodSync(`${file}${suffix}`, 0o444);
chmodSync(dirname(file), 0o555);
const isRoot = process.getuid?.() === 0;
if (isRoot) process.setuid?.(NOBODY);
const fault = await database.writeTransaction((tx) => tx.text.count()).catch((error: unknown) => error);
const again = await database.writeTransaction((tx) => tx.text.count()).catch((error: unknown) => error);
let reopened: unknown = null;
try {
  openDatabase(file, { absent: 'create' });
} catch (error) {
  reopened = error;
}
console.log(
  JSON.stringify({
    fault: storageErrorOf(fault)?.code,
    isTyped: storageErrorOf(fault) === fault,
    again: storageErrorOf(again)?.code,
    readable: await database.reader.text.count(),
    reopened: reopened instanceof MigrationError ? reopened.detail : String(reopened),
  }),
);
if (!isRoot) chmodSync(dirname(file), 0o755);
