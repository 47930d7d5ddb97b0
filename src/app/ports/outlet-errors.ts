/** Nothing was tried: the breaker is open. */
export class OutletClosedError extends Error {
  override readonly name = 'OutletClosedError';
  constructor() {
    super('Nothing is tried for a moment: the last calls failed.');
  }
}

/** A call did not end in time; what it asked for may still happen. */
export class TimedOutError extends Error {
  override readonly name = 'TimedOutError';
  constructor(milliseconds: number) {
    super(`No answer within ${milliseconds} ms.`);
  }
}

/** A delivery was overtaken by a newer one, or the lease has lapsed: it must not go on. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
  constructor() {
    super('A newer delivery, or another instance, goes on from here.');
  }
}
