/** What may name an agent: it becomes part of Vault paths, so nothing that could change a path. */
const AGENT_ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Whether a text may name an agent. */
export function isAgentId(text: string): boolean {
  return AGENT_ID.test(text) && !text.includes('..');
}

/** What is asked of an agent id, for messages. */
export const AGENT_ID_RULE =
  'an agent id has 1 to 63 lower case letters, digits, dots, dashes and underscores, begins with a letter or digit, and has no two dots in a row';
