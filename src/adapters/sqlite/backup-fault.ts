import { BackupError } from '../../app/ports/backup-error.ts';
import { sqliteCodeOf } from './storage-faults.ts';

/** What a fault of SQLite or the file system means for a backup to `out`; another error as it is. */
export function backupErrorOf(error: unknown, out: string): unknown {
  if (error instanceof BackupError) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return new BackupError('FAILED', 'The backup was stopped. Nothing was left behind.', { cause: error });
  const code = sqliteCodeOf(error);
  if (code === null) return error;
  if (code === 'EEXIST')
    return new BackupError('REFUSED', `${out} exists. A backup replaces no file: name a new one.`);
  if (/^(ENOENT|ENOTDIR|EACCES|EPERM|EROFS|ENAMETOOLONG|ELOOP|EISDIR)$/.test(code))
    return new BackupError('REFUSED', `${out} can't be written (${code}).`, { cause: error });
  const why = code === 'SQLITE_FULL' || code === 'ENOSPC' ? 'the disk is full' : code;
  return new BackupError('FAILED', `The backup ${out} failed: ${why}. Nothing was left behind.`, {
    cause: error,
  });
}
