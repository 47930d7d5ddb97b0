/** The bar above GraphiQL: a token for this session of the browser, and a strip that watches while the editor is used. */
export const GRAPHIQL_BAR = `
<style>
  body { display: flex; flex-direction: column; height: 100vh; margin: 0; }
  #root { flex: 1; min-height: 0; height: auto !important; }
  .graphiql-container { height: 100% !important; }
  #tk-bar { font: 14px/1.5 system-ui, sans-serif; padding: 8px 16px; background: #1b2433; color: #fff; }
  #tk-bar > div, #tk-entry { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  #tk-bar [hidden] { display: none; }
  #tk-bar input { font: inherit; width: 22em; max-width: 60vw; padding: 2px 8px; border: 0; border-radius: 4px; color: #111; background: #fff; }
  #tk-bar button { font: inherit; padding: 2px 12px; border: 0; border-radius: 4px; background: #3b82f6; color: #fff; cursor: pointer; }
  #tk-forget { background: #64748b !important; }
  #tk-said { color: #fcd34d; }
  #tk-events { margin: 8px 0 0; padding: 0; list-style: none; max-height: 7.5em; overflow-y: auto; font-family: ui-monospace, monospace; }
</style>
<header id="tk-bar">
  <div>
    <form id="tk-entry">
      <label for="tk-token">Token</label>
      <input id="tk-token" type="password" autocomplete="off" spellcheck="false" placeholder="Paste a token">
      <button>Use</button>
    </form>
    <span id="tk-viewer" hidden></span>
    <button id="tk-forget" type="button" hidden>Forget</button>
    <button id="tk-watch" type="button" hidden>Watch</button>
    <span id="tk-said" role="status"></span>
  </div>
  <ol id="tk-events" aria-label="Agents that became eligible" hidden></ol>
</header>
`;
