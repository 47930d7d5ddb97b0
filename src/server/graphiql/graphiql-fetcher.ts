/**
 * A function of the page that makes its fetcher: subscriptions go over a WebSocket, everything else over HTTP, both with the token
 * of the session, or with the header that the headers editor has. Without a token nothing is sent: introspection waits for one.
 */
export const GRAPHIQL_FETCHER = String.raw`function createFetcher(session) {
  // By the text that is sent: what the editor has parsed may be of the text before.
  const kindOf = ({ query, operationName }) => {
    const text = query.replace(/"""[^]*?"""|"(?:\\.|[^"\\])*"|#.*/g, ' ').replace(/\$\w+/g, ' ');
    let depth = 0;
    for (const [token, kind, name] of text.matchAll(/[{}()]|\b(query|mutation|subscription|fragment)\b\s*(\w*)/g)) {
      if (kind === undefined) depth += token === '{' || token === '(' ? 1 : -1;
      else if (depth === 0 && kind !== 'fragment' && (!operationName || name === operationName)) return kind;
    }
    return 'query';
  };
  const post = async (params, headers) => {
    const response = await fetch(location.pathname, {
      method: 'POST',
      headers: Object.assign({ 'content-type': 'application/json' }, headers),
      body: JSON.stringify(params),
    });
    if (response.status === 401) session.refused(headers.authorization);
    return response.json();
  };
  const subscribe = (authorization, params, observer) => {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + location.pathname, 'graphql-transport-ws');
    let ended = false;
    const end = (tell) => {
      if (ended) return;
      ended = true;
      tell();
      socket.close(1000);
    };
    const send = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => send({ type: 'connection_init', payload: { authorization } });
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === 'connection_ack') {
        send({ id: '1', type: 'subscribe', payload: params });
        if (observer.opened) observer.opened();
      }
      else if (message.type === 'ping') send({ type: 'pong' });
      else if (message.type === 'next') observer.next(message.payload);
      else if (message.type === 'error') end(() => { observer.next({ errors: message.payload }); observer.complete(); });
      else if (message.type === 'complete') end(() => observer.complete());
    };
    socket.onclose = (event) => end(() => {
      if (event.code === 4403) session.refused(authorization);
      const why = event.reason ? 'The server ended the subscription: ' + event.reason : 'The connection to the server is lost';
      observer.error(new Error(why + ' (' + event.code + '). Run it again to go on.'));
    });
    return { unsubscribe: () => end(() => {}) };
  };
  const fetcher = async (params, options) => {
    const headers = (options && options.headers) || {};
    const name = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
    if (name === undefined && session.authorization() === null) {
      if (params.operationName !== 'IntrospectionQuery') return { errors: [{ message: session.missing() }] };
      await session.ready();
    }
    const authorization = name === undefined ? session.authorization() : headers[name];
    if (kindOf(params) === 'subscription')
      return { subscribe: (observer) => subscribe(authorization, params, observer) };
    return post(params, name === undefined ? Object.assign({}, headers, { authorization }) : headers);
  };
  return Object.assign(fetcher, { subscribe });
}`;
