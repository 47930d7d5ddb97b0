/**
 * The function in the page that sends GraphiQL's operations: subscriptions over a WebSocket, everything else over HTTP, both
 * with the token of the headers editor. The one that comes with the page sends no token over a WebSocket.
 */
export const GRAPHIQL_FETCHER = `function (params, options) {
  var headers = (options && options.headers) || {};
  var name = Object.keys(headers).find(function (key) { return key.toLowerCase() === 'authorization'; });
  var definitions = (options && options.documentAST && options.documentAST.definitions) || [];
  var operation = definitions.find(function (definition) {
    return definition.kind === 'OperationDefinition' &&
      (!params.operationName || (definition.name && definition.name.value === params.operationName));
  });
  if (!operation || operation.operation !== 'subscription') {
    return fetch(location.pathname, {
      method: 'POST',
      headers: Object.assign({ 'content-type': 'application/json' }, headers),
      body: JSON.stringify(params),
    }).then(function (response) { return response.json(); });
  }
  return { subscribe: function (observer) {
    var socket = new WebSocket(location.origin.replace(/^http/, 'ws') + location.pathname, 'graphql-transport-ws');
    var ended = false;
    var end = function (tell) {
      if (ended) return;
      ended = true;
      tell();
      socket.close(1000);
    };
    var send = function (message) { socket.send(JSON.stringify(message)); };
    socket.onopen = function () {
      send({ type: 'connection_init', payload: { authorization: name ? headers[name] : '' } });
    };
    socket.onmessage = function (event) {
      var message = JSON.parse(event.data);
      if (message.type === 'connection_ack') send({ id: '1', type: 'subscribe', payload: params });
      else if (message.type === 'ping') send({ type: 'pong' });
      else if (message.type === 'next') observer.next(message.payload);
      else if (message.type === 'error') end(function () { observer.next({ errors: message.payload }); observer.complete(); });
      else if (message.type === 'complete') end(function () { observer.complete(); });
    };
    socket.onclose = function (event) {
      end(function () { observer.error(new Error('The socket was closed: ' + event.code + ' ' + event.reason)); });
    };
    return { unsubscribe: function () { end(function () {}); } };
  } };
}`;
