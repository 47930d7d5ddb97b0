/** How long an agent's tokens live at most at T4, in seconds. */
export const T4_TOKEN_SECONDS = 900;

/** Whether tokens that live so many seconds live longer than they may at T4; 0 stands for Vault's own limit, which is longer. */
export function isTooLongAtT4(seconds: number): boolean {
  return seconds === 0 || seconds > T4_TOKEN_SECONDS;
}
