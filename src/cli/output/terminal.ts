import type { Readable, Writable } from 'node:stream';
import picocolors from 'picocolors';

const ESCAPE = String.fromCharCode(27);
/** What a terminal would take for an order, and first what colours are made of, which stays. */
const ORDERS = new RegExp(`(${ESCAPE}\\[(?:[012]|22|3[1-69])m)|[^\\n\\P{Cc}]|\\p{Cf}`, 'gu');

type Colors = ReturnType<typeof picocolors.createColors>;

/** What a process talks through: `isTTY` says whether a person is at the other end. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Where a command reads and writes: answers go to stdout, everything else to stderr. */
export class Terminal {
  readonly streams: Streams;
  /** Whether stdout carries JSON alone. */
  readonly json: boolean;
  /** Colours for stdout, and for stderr. */
  readonly colors: Colors;
  readonly errorColors: Colors;

  constructor(streams: Streams, { json, noColor }: { readonly json: boolean; readonly noColor: boolean }) {
    const colorsOf = ({ isTTY }: { readonly isTTY?: boolean }) =>
      picocolors.createColors(isTTY === true && !noColor);
    this.streams = streams;
    this.json = json;
    this.colors = colorsOf(streams.stdout);
    this.errorColors = colorsOf(streams.stderr);
  }

  /** Whether a person can be asked. */
  get interactive(): boolean {
    return !this.json && this.streams.stdin.isTTY === true && this.streams.stdout.isTTY === true;
  }

  /** Prints lines for people; with `--json` nothing. */
  print(...lines: readonly string[]): void {
    if (!this.json) this.streams.stdout.write(`${withoutOrders(lines.join('\n'))}\n`);
  }

  /** Prints an answer for programs, on a line of its own; without `--json` nothing. */
  printJson(value: unknown): void {
    if (this.json) this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Prints one line of JSON; resolved once there is room for the next. */
  async printLine(value: unknown): Promise<void> {
    const { stdout } = this.streams;
    if (!stdout.write(`${JSON.stringify(value)}\n`))
      await new Promise((resolve) => stdout.once('drain', resolve));
  }

  /** Tells the person something that is no answer. */
  note(message: string): void {
    this.streams.stderr.write(`${withoutOrders(message)}\n`);
  }
}

/** Whatever is shown may hold what others wrote: a server, a policy, or whoever wrote the arguments. */
function withoutOrders(text: string): string {
  return text.replaceAll(ORDERS, '$1');
}
