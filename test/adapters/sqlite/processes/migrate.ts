import { migrate } from '../../../../src/adapters/sqlite/migrate.ts';
import { barrier } from '../../../support/barrier.ts';

const [file = ''] = process.argv.slice(2);
await barrier();
console.log(JSON.stringify(migrate(file)));
