import SqliteDatabase from 'better-sqlite3';

const SCHEMA = `
CREATE TABLE agent_metrics (agent_id TEXT PRIMARY KEY, current_tier INTEGER NOT NULL DEFAULT 0, total_runs INTEGER DEFAULT 0,
  compliant_runs INTEGER DEFAULT 0, consecutive_compliant INTEGER DEFAULT 0, last_violation_at TEXT, last_active_at TEXT,
  updated_at TEXT);
CREATE TABLE agent_actions (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, agent_id TEXT NOT NULL,
  agent_version TEXT, tier INTEGER, action TEXT NOT NULL, decision TEXT NOT NULL, confidence REAL, success INTEGER,
  session_id TEXT);
CREATE TABLE violations (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, agent_id TEXT NOT NULL,
  violation_type TEXT, severity TEXT, description TEXT, acknowledged INTEGER DEFAULT 0);
CREATE TABLE promotions (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL, agent_id TEXT NOT NULL,
  from_tier INTEGER NOT NULL, to_tier INTEGER NOT NULL, approved_by TEXT NOT NULL, rationale TEXT, evidence TEXT);
CREATE INDEX agent_actions_agent ON agent_actions (agent_id, timestamp);
CREATE INDEX violations_agent ON violations (agent_id, timestamp);`;

const timestamp = `strftime('%Y-%m-%dT%H:%M:%SZ', occurred_at / 1000, 'unixepoch')`;
const tier = `CAST(substr(tier, 2) AS INTEGER)`;

const ROWS = `
INSERT INTO agent_metrics (agent_id, current_tier, total_runs, compliant_runs, consecutive_compliant)
SELECT agent_id, ${tier}, total_runs, compliant_runs, consecutive_runs FROM fleet.agents;
INSERT INTO agent_actions (timestamp, agent_id, action, decision, success)
SELECT ${timestamp}, agent_id, type, decision, success FROM fleet.actions ORDER BY seq, position;
INSERT INTO violations (timestamp, agent_id, violation_type, severity)
SELECT ${timestamp}, agent_id, type, severity FROM fleet.violations ORDER BY seq;`;

/** Writes the same fleet as the original engine keeps it, with the indexes that its queries want. */
export function makeOriginalFile(file: string, fleet: string): void {
  const db = new SqliteDatabase(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000');
  db.prepare('ATTACH ? AS fleet').run(fleet);
  db.exec(`BEGIN; ${SCHEMA} ${ROWS} COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`);
  db.close();
}
