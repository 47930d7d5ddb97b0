import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Terminal } from '../../../src/cli/output/terminal.ts';

function givenTerminal() {
  const stream = () => Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
  const streams = { stdin: stream(), stdout: stream(), stderr: stream() };
  return { streams, terminal: new Terminal(streams, { json: false, noColor: false }) };
}

const ESCAPE = String.fromCharCode(27);
const WROTE = `${ESCAPE}[2J${ESCAPE}]0;title\u0007 ${ESCAPE}[8mhidden\u009b1A \u202eback\rover\nnext`;
const SHOWN = '[2J]0;title [8mhidden1A backover\nnext';

it('answers and notes give the terminal no orders, whoever wrote them, and stay coloured', () => {
  const { streams, terminal } = givenTerminal();
  const { bold, dim, red, green, yellow } = terminal.colors;
  for (const paint of [String, bold, dim, red, green, yellow]) {
    terminal.print(paint('one'), paint(WROTE));
    terminal.note(paint(WROTE));
    expect(streams.stdout.read()).toBe(`${paint('one')}\n${paint(SHOWN)}\n`);
    expect(streams.stderr.read()).toBe(`${paint(SHOWN)}\n`);
  }
});
