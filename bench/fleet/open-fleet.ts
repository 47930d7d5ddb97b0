import type { Clock } from '../../src/app/ports/world.ts';
import { openEngine, type Engine } from '../../src/compose/engine.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Principal, Role } from '../../src/governance/principals/principal.ts';

/** Who opens the files of a bench. */
const OPERATOR = { id: 'bench:operator', kind: 'PERSON' } as const;

/** A principal that sees every agent. */
export function principal(id: string, role: Role, kind: Principal['kind'] = 'PERSON'): Principal {
  return { id, kind, roles: [role], agents: null, expiresAt: null };
}

/** The product on a file; by the clock of this machine unless told otherwise. */
export function openFleet(file: string, clock?: Clock): Promise<Engine> {
  const options = clock === undefined ? {} : { clock };
  return openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), {
    absent: 'create',
    operator: OPERATOR,
    ...options,
  });
}
