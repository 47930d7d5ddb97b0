import { batch } from './batch.ts';
import type { Bench } from './bench.ts';
import { beside } from './beside.ts';
import { durable } from './durable.ts';
import { fanOut } from './fan-out.ts';
import { heal } from './heal.ts';
import { list } from './list.ts';
import { page } from './page.ts';
import { price } from './price.ts';
import { push } from './push.ts';
import { record } from './record.ts';
import { revoke } from './revoke.ts';
import { subscriber } from './subscriber.ts';
import { verify } from './verify.ts';

/** Every bench by its name. */
export const benches: Readonly<Record<string, Bench>> = {
  batch,
  beside,
  durable,
  heal,
  list,
  page,
  price,
  push,
  record,
  revoke,
  subscriber,
  verify,
  'fan-out': fanOut,
};
