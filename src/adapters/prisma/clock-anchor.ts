import type { ClockAnchor } from '../../governance/clock-witness.ts';
import { integer, text, type RawRow } from './raw.ts';

/** The columns of ledger_head that hold the anchor. */
export const CLOCK_COLUMNS = 'clock_wall, clock_boot, clock_boot_id, clock_accepted';

/** The statement that keeps an anchor, and its values. */
export function keepAnchor({ wall, boot, bootId, accepted }: ClockAnchor): readonly [string, ...unknown[]] {
  const sql =
    'UPDATE ledger_head SET clock_wall = ?, clock_boot = ?, clock_boot_id = ?, clock_accepted = ? WHERE id = 1';
  return [sql, wall, boot, bootId, accepted];
}

/** The anchor in a row of ledger_head; null if none was kept. */
export function storedAnchor(row: RawRow): ClockAnchor | null {
  if (row.clock_boot_id === null || row.clock_boot_id === undefined) return null;
  return {
    wall: integer(row.clock_wall),
    boot: integer(row.clock_boot),
    bootId: text(row.clock_boot_id),
    accepted: integer(row.clock_accepted),
  };
}
