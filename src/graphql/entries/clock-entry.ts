import { builder } from '../builder.ts';
import { LedgerEntryInterface, payloadOf } from './entry.ts';
import { textOf } from './entry-parts.ts';

builder.prismaObject('LedgerEntry', {
  variant: 'ClockAcceptedEntry',
  description: 'An operator accepted a wall clock that its witness contradicted.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    wall: t.field({
      type: 'DateTime',
      description: 'The time that the wall clock showed.',
      resolve: (row) => payloadOf(row, 'CLOCK_ACCEPTED').wall,
    }),
    believed: t.field({
      type: 'DateTime',
      description: 'The time that was believed until then.',
      resolve: (row) => payloadOf(row, 'CLOCK_ACCEPTED').believed,
    }),
    reason: t.string({
      nullable: true,
      description: 'Why the operator accepted it; null once erased.',
      resolve: (row, _args, context) => textOf(context, payloadOf(row, 'CLOCK_ACCEPTED').reason),
    }),
  }),
});
