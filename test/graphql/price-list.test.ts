import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { priceList } from '../../src/graphql/price-list.ts';
import { DEFAULT_COST, UNIT_MICROSECONDS } from '../../src/graphql/prices.ts';
import { createSchema } from '../../src/graphql/schema.ts';

const schema = createSchema();
const prices = priceList(schema);
const doc = readFileSync(join(import.meta.dirname, '../../docs/cost.md'), 'utf8');

describe('the price list', () => {
  it('stands in docs/cost.md as the schema has it', () => {
    const [, listed = ''] = /<!-- prices -->\n([^]*)<!-- \/prices -->/.exec(doc) ?? [];
    const rows = [...listed.matchAll(/^\| `(\S+)` +\| (.*?) +\|$/gm)].map(([, field, costs]) => ({
      field,
      costs,
    }));
    expect(rows).toEqual(prices);
    expect(doc).toContain(`One unit is about ${UNIT_MICROSECONDS} µs`);
    expect(doc).toContain(`The default limit, ${DEFAULT_COST.toLocaleString('en')} units`);
  });

  it('stands in the description of each field that is dear', () => {
    for (const { field, costs } of prices) {
      const [name = '', own = ''] = field.split('.');
      const type = schema.getType(name);
      const described =
        isObjectType(type) || isInterfaceType(type) ? type.getFields()[own]?.description : undefined;
      expect(described, field).toContain(`Costs ${costs}.`);
    }
  });
});
