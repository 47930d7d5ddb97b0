/** One answer to one event, made once for everybody whom it is sent to. */
export interface EventAnswer {
  /** The place of its event in the ledger. */
  readonly seq: number;
  /** Where to resume after it. */
  readonly cursor: string;
  /** The result, as JSON. */
  readonly body: Buffer;
}

/** Where the answers of one subscription go. */
export interface Sink {
  /** Hands one over to be sent; false if the next should wait until it has drained. */
  send(answer: EventAnswer): boolean;
  /** Resolved once what waits to be sent has left, or the peer is gone. */
  drained(): Promise<void>;
}
