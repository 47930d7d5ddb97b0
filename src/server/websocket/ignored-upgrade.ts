import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** What asks for another protocol, and what of it says how. */
const OF_UPGRADES = new Set(['upgrade', 'http2-settings']);

/** Whether a request asks for the one protocol that can be changed to. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/**
 * Has a request answered as if it had not asked for another protocol, as RFC 9110, 7.8, has it for whatever a server does not
 * know, such as `Upgrade: h2c` of curl and of Java's client. Node has let go of its connection: the request is put back in
 * front of what follows it there, without asking, and the connection is given to the server as a new one.
 */
export function ignoreUpgrade(server: Server, request: IncomingMessage, duplex: Duplex, head: Buffer): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === 'connection' ? connectionOf(value) : value;
    if (!OF_UPGRADES.has(name.toLowerCase()) && kept !== '') lines.push(`${name}: ${kept}`);
  }
  duplex.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  // The server takes away what else it listened to on the connection.
  duplex.removeAllListeners('timeout');
  server.emit('connection', duplex);
}

function connectionOf(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !OF_UPGRADES.has(option.toLowerCase())).join(', ');
}
