/** The most that a wall clock may leave its witness by within an hour, in milliseconds: corrections of NTP stay below it. */
export const TOLERANCE = 5_000;
/** How long one anchor holds, in milliseconds of the boot clock. Steps below the tolerance add up to it at most once an hour. */
export const ANCHOR_AGE = 3_600_000;

/** Both clocks of a machine at one moment. */
export interface ClockReading {
  /** UTC milliseconds. */
  readonly wall: number;
  /** Milliseconds since the machine was booted, time asleep included. Nobody sets it. */
  readonly boot: number;
  readonly bootId: string;
}

/** The last reading that was believed, and up to which `recordedAt` an operator has accepted the ledger's times. */
export interface ClockAnchor extends ClockReading {
  readonly accepted: number;
}

/** Why a wall clock is not believed. */
export interface ClockDoubt {
  readonly kind: 'LEFT_WITNESS' | 'BEHIND_LEDGER';
  /** UTC milliseconds. */
  readonly wall: number;
  readonly believed: number;
  /**
   * Whether an operator has accepted the wall clock behind a ledger that is ahead of it. Commands go on then, at the ledger's
   * last time; but by that time cool-downs have ended that by the wall clock have not, so nothing is raised until both agree.
   */
  readonly accepted: boolean;
}

/** The time to go by, in UTC milliseconds, and the doubt about the wall clock if there is any. */
export interface Judgement {
  readonly now: number;
  readonly doubt: ClockDoubt | null;
}

/** What a wall clock is held against. `recordedAt` is the head's; `began` is the reading with which the process began. */
export interface Witnesses {
  readonly anchor: ClockAnchor | null;
  readonly recordedAt: number;
  readonly began: ClockReading;
}

/** Whether a reading belongs to the boot of an anchor: a boot clock never goes back. */
export function isSameBoot(anchor: ClockReading, reading: ClockReading): boolean {
  return anchor.bootId === reading.bootId && anchor.boot <= reading.boot;
}

/**
 * Judges a wall clock (design rule 3.2). On the anchor's boot it must be where the boot clock says; on any boot it must not
 * stand behind the ledger, nor behind the last believed reading. A doubtful clock is replaced by the last believed time plus
 * what the boot clock has counted since, unless an operator has accepted it.
 */
export function judgeClock(reading: ClockReading, { anchor, recordedAt, began }: Witnesses): Judgement {
  const { wall } = reading;
  const accepted = anchor !== null && recordedAt <= anchor.accepted;
  if (anchor !== null && isSameBoot(anchor, reading)) {
    const believed = anchor.wall + reading.boot - anchor.boot;
    if (Math.abs(wall - believed) > TOLERANCE)
      return { now: believed, doubt: { kind: 'LEFT_WITNESS', wall, believed, accepted: false } };
    return besideLedger(wall, recordedAt, accepted);
  }
  const last = Math.max(accepted ? -Infinity : recordedAt, anchor?.wall ?? -Infinity);
  if (wall < last - TOLERANCE) {
    const believed = last + Math.max(0, reading.boot - began.boot);
    return { now: believed, doubt: { kind: 'BEHIND_LEDGER', wall, believed, accepted: false } };
  }
  return besideLedger(wall, recordedAt, accepted);
}

function besideLedger(wall: number, recordedAt: number, accepted: boolean): Judgement {
  if (wall >= recordedAt - TOLERANCE) return { now: wall, doubt: null };
  return { now: wall, doubt: { kind: 'BEHIND_LEDGER', wall, believed: recordedAt, accepted } };
}

/** A doubt in a sentence, for people. */
export function doubtSentence({ kind, wall, believed }: ClockDoubt): string {
  const side = wall < believed ? 'behind' : 'ahead of';
  const against = kind === 'LEFT_WITNESS' ? 'the machine’s boot clock' : 'the ledger';
  return `The wall clock says ${instant(wall)}, ${duration(Math.abs(wall - believed))} ${side} ${against}, which says ${instant(believed)}.`;
}

/** What ends a doubt, and what stands still until then, for people. */
export function doubtRemedy({ accepted }: Pick<ClockDoubt, 'accepted'>): string {
  if (accepted)
    return 'It is accepted: commands go on, but nothing is raised until it has caught up with the ledger.';
  return 'Until they agree nothing is raised, and time alone changes nothing. Correct the clock; if it is right, run `tierkeeper clock accept --reason "…"`.';
}

function instant(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
