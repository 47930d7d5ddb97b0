import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openService } from '../../src/compose/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('a service that is told to stop while it starts lets the start end, and then listens no more', async () => {
  const DATABASE_URL = `file:${join(tempFolder(), 'tierkeeper.db')}`;
  const config = loadConfig({ DATABASE_URL, PORT: '0', LOG_LEVEL: 'silent' });
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  let url = '';
  const starting = service.listen().then((listening) => {
    url = listening.url;
  });
  await service.close();
  expect(url).toMatch(/^http:/);
  await starting;
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});
