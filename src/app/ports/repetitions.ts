/** What was stored of something sent before, to tell a repetition from a conflict. */
export interface Sent {
  readonly seq: number;
  readonly compliant: boolean;
  readonly sentDigest: string | null;
  readonly sentSalt: string | null;
}

/** Remembers what was sent, so that a repetition changes nothing. */
export interface Repetitions {
  runs(
    keys: readonly { readonly agentId: string; readonly runId: string }[],
  ): Promise<readonly (Sent | null)[]>;
  violation(agentId: string, violationId: string): Promise<Sent | null>;
  spentKey(
    principalKey: string,
    mutation: string,
    key: string,
  ): Promise<{ readonly inputDigest: string; readonly outcome: string } | null>;
  /** Whether a refusal of this kind may become an entry now: at most one a minute. Remembers it if so. */
  admitsRefusal(principalKey: string, agentId: string | null, code: string): Promise<boolean>;
}
