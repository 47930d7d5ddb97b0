type Params = Readonly<Record<string, unknown>>;

/**
 * The `Authorization` value that a WebSocket came with: the connection parameters' own in any case, then the one under
 * their `headers`, then the header of the upgrade request. What the parameters say comes first, because a page can set
 * nothing else.
 */
export function socketAuthorization(params: Params | undefined, upgrade: string | undefined): unknown {
  return authorizationIn(params) ?? authorizationIn(params?.headers) ?? upgrade;
}

function authorizationIn(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return undefined;
  const entries = Object.entries(params as Params);
  return entries.find(([name, value]) => name.toLowerCase() === 'authorization' && value != null)?.[1];
}
