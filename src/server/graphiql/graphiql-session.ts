/**
 * A function of the page that gives the bar its life. The token is kept in sessionStorage alone, once the server has let it in;
 * Forget removes it and loads the page anew, so that nothing it opened or showed is left.
 */
export const GRAPHIQL_SESSION = `function createSession() {
  const KEY = 'tierkeeper.token';
  const ADMISSION = '{ viewer { id roles } cursor }';
  const WATCHED = 'subscription ($after: String) { agentBecameEligible(after: $after) { cursor at agent { agentId } ' +
    'evaluation { status targetTier } } }';
  const [entry, field, viewer, forget, watch, said, events] = ['entry', 'token', 'viewer', 'forget', 'watch', 'said', 'events']
    .map((id) => document.getElementById('tk-' + id));
  let token = null;
  let cursor = null;
  let watching = null;
  let waiting = [];
  const say = (text) => { said.textContent = text; };
  const show = () => {
    entry.hidden = token !== null;
    for (const element of [viewer, forget, watch]) element.hidden = token === null;
    if (token === null) field.focus();
  };
  const stop = () => {
    if (watching !== null) watching.unsubscribe();
    watching = null;
    watch.textContent = 'Watch';
  };
  const refuse = () => {
    token = null;
    sessionStorage.removeItem(KEY);
    stop();
    show();
    say('The server lets nobody in with that token. Paste another.');
  };
  const session = {
    authorization: () => (token === null ? null : 'Bearer ' + token),
    ready: () => new Promise((resolve) => { waiting.push(resolve); }),
    refused: (authorization) => { if (authorization !== undefined && authorization === session.authorization()) refuse(); },
    missing: () => {
      field.focus();
      say('Paste a token first.');
      return 'There is no token yet: paste one into the field above, and press Use.';
    },
  };
  const admit = (candidate, { viewer: { id, roles }, cursor: head }) => {
    token = candidate;
    cursor = head;
    sessionStorage.setItem(KEY, candidate);
    field.value = '';
    viewer.textContent = id + ' (' + roles.join(', ').toLowerCase() + ')';
    say('');
    show();
    for (const resolve of waiting.splice(0)) resolve();
  };
  const use = async (text) => {
    const candidate = text.trim().replace(/^bearer\\s+/i, '');
    if (!/^[\\x21-\\x7e]+$/.test(candidate)) return say('A token has no spaces and only ASCII characters. Paste one.');
    say('Asking the server…');
    try {
      const response = await fetch(location.pathname, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ' + candidate },
        body: JSON.stringify({ query: ADMISSION }),
      });
      if (response.status === 401) { field.value = ''; return refuse(); }
      const { data, errors } = await response.json();
      if (!data) throw new Error(errors && errors[0] ? errors[0].message : 'status ' + response.status);
      admit(candidate, data);
    } catch (error) {
      field.value = candidate;
      say('The server did not let you in: ' + error.message + ' Press Use to try again.');
    }
  };
  const tell = (text) => {
    events.prepend(Object.assign(document.createElement('li'), { textContent: text }));
    while (events.children.length > 100) events.lastChild.remove();
  };
  const heard = ({ data, errors }) => {
    if (!data) { stop(); cursor = null; return say(errors[0].message); }
    const { cursor: reached, at, agent, evaluation } = data.agentBecameEligible;
    cursor = reached;
    tell(new Date(at).toLocaleTimeString() + '  ' + agent.agentId + ' has earned ' + evaluation.targetTier +
      ' (' + evaluation.status + ')');
  };
  const WATCHING = 'Watching: agents are listed here as they become eligible.';
  const listen = () => {
    const again = () => {
      if (watching === null) return;
      say('The connection is lost. Trying again …');
      const retry = setTimeout(listen, 1000);
      watching = { unsubscribe: () => clearTimeout(retry) };
    };
    const params = { query: WATCHED, variables: { after: cursor } };
    watching = fetcher.subscribe(session.authorization(), params, 
      { next: heard, error: again, complete: again, opened: () => say(WATCHING) });
  };
  const fetcher = createFetcher(session);
  watch.onclick = () => {
    if (watching !== null) { stop(); return say(''); }
    events.hidden = false;
    watch.textContent = 'Stop';
    say(WATCHING);
    listen();
  };
  forget.onclick = () => {
    sessionStorage.removeItem(KEY);
    location.reload();
  };
  entry.onsubmit = (event) => {
    event.preventDefault();
    use(field.value);
  };
  show();
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null) use(kept);
  return fetcher;
}`;
