/** How bad a violation is, the least first. */
export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;

/** How bad a violation is. */
export type Severity = (typeof SEVERITIES)[number];
