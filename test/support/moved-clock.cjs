// Moves the wall clock of a process by the milliseconds in the file CLOCK_FILE, looked at every 10 ms.
const { readFileSync } = require('node:fs');
const { setInterval } = require('node:timers');

const RealDate = Date;
let offset = 0;
const look = () => {
  offset = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) || 0;
};
look();
setInterval(look, 10).unref();
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offset);
    else super(...args);
  }
  static now() {
    return RealDate.now() + offset;
  }
};
