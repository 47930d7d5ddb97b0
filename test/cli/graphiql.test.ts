import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { FIRST_QUERY } from '../../src/server/graphiql/graphiql.ts';
import { givenDatabase, printed, starting } from './given-cli.ts';

const CHROMIUM = '/usr/bin/chromium';

/** On one line: the editor closes brackets at the end of a line itself. */
const promotion = (agentId: string) =>
  `mutation { promoteAgent(input: { agentId: "${agentId}", idempotencyKey: "from-the-page" }) { __typename } }`;

async function givenDemo() {
  const demo = starting(['demo'], { ...(await givenDatabase()), PORT: '0' });
  const [, url = '', token = '', agentId = ''] = await printed(
    demo,
    /has earned T1\n.*\n +TIERKEEPER_URL=(\S+) TIERKEEPER_TOKEN=(\S+) npm run -s tierkeeper -- promote (\S+)\n/,
  );
  return { url, token, agentId };
}

/** Opens the page, and keeps what it sends to the API and what it complains about. */
async function givenPage(url: string) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(20_000);
  const sent: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(request.postData() ?? '');
  });
  page.on('websocket', (socket) => void sent.push(socket.url()));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => void complaints.push(error.message));
  await page.goto(url);
  await page.waitForSelector('.graphiql-query-editor .view-lines');
  return { page, sent, complaints };
}

async function use(page: Page, token: string): Promise<void> {
  await page.fill('#tk-token', token);
  await page.click('#tk-entry button');
}

async function run(page: Page, query: string): Promise<void> {
  await page.click('.graphiql-query-editor .view-lines');
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(query);
  await page.click('.graphiql-execute-button');
}

const answers = (page: Page, text: string) =>
  page.waitForFunction((expected) => {
    const shown = document.querySelector('.result-window, .graphiql-response')?.textContent ?? '';
    return shown.replaceAll('\u00a0', ' ').includes(expected);
  }, text);

/** How far the page reaches below the window, in pixels. */
const bottomOverflow = () => {
  const { bottom = Infinity } = document.querySelector('.graphiql-container')?.getBoundingClientRect() ?? {};
  return Math.max(0, Math.round(bottom - innerHeight));
};

it.skipIf(!existsSync(CHROMIUM))(
  'GraphiQL sends nothing before it has a token, and then lists, promotes and watches in one window',
  async () => {
    const { url, token, agentId } = await givenDemo();
    const { page, sent, complaints } = await givenPage(url);
    await page.click('.graphiql-execute-button');
    await answers(page, 'There is no token yet');
    expect(sent).toEqual([]);
    expect(complaints).toEqual([]);

    await use(page, 'wrong');
    await page.waitForSelector('text=The server lets nobody in with that token.');
    expect(sent).toHaveLength(1);
    await use(page, token);
    await page.waitForSelector('#tk-viewer:has-text("local-reviewer")');
    await page.click('.graphiql-execute-button');
    await answers(page, agentId);
    expect(sent.some((body) => body.includes('IntrospectionQuery'))).toBe(true);
    expect(sent.some((body) => body.includes(JSON.stringify(FIRST_QUERY).slice(1, -1)))).toBe(true);

    await page.click('#tk-watch');
    await run(page, promotion(agentId));
    await answers(page, 'AgentPromoted');
    await page.waitForSelector(`#tk-events li:has-text("${agentId} has earned T2")`);
    expect(await page.evaluate(bottomOverflow)).toBe(0);
    const kept = await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), document.cookie, location.href]),
    );
    expect(kept).not.toContain(token);

    await page.reload();
    await page.waitForSelector('#tk-viewer:has-text("local-reviewer")');
    await page.click('#tk-forget');
    await page.waitForSelector('#tk-token:visible');
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  },
  120_000,
);
