import { Command } from 'commander';
import type { LedgerEntryType, Tier } from '../generated/graphql/cli.ts';
import type { Cli } from './cli.ts';
import type { ExitCode } from './cli-error.ts';
import {
  readAgent,
  readFile,
  readFolder,
  readId,
  readLimit,
  readSeq,
  readTier,
  readTypes,
  readVariables,
  readWrapTtl,
} from './options.ts';

const ENVIRONMENT = `
Environment:
  DATABASE_URL            file:PATH, by default file:./data/tierkeeper.db
  TIERKEEPER_URL          the server to ask; without it commands work on DATABASE_URL
  TIERKEEPER_TOKEN        who asks
  TIERKEEPER_TOKENS_FILE  who may come in
  VAULT_ADDR              the Vault that follows, with VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID
  TIERKEEPER_SIGNING_KEY  what checkpoints are signed with: an Ed25519 key in PEM, or its file
  HOST, PORT, LOG_LEVEL, NO_COLOR and more: see README.md

Exit codes:
  0 done   1 refused   2 wrong usage or input   3 unavailable, try again   4 approval recorded, more are needed`;

const KEY = 'repeats the outcome of an earlier command with this key; a new one by default';

/** Told how the command that ran has ended. */
export type OnExit = (code: ExitCode) => void;

/** Every command. What a command needs is loaded when it runs, so that help is there at once. */
export function createProgram(
  cli: Cli,
  { version, onExit }: { readonly version: string; readonly onExit: OnExit },
) {
  const program = new Command('tierkeeper')
    .description('Keeps the tier of every autonomous infrastructure agent.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpCommand(helpCommand())
    .option('--json', 'print JSON alone on stdout, errors too')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', ENVIRONMENT);
  const run: Run =
    (load) =>
    async (...args) => {
      const command = await load();
      onExit(await command(cli, ...(args as never[])));
    };
  addServing(program, run);
  addProving(program, run);
  addPromoting(program, run);
  addRevoking(program, run);
  addReading(program, run);
  addVault(program, run);
  addPreparing(program, run);
  return program;
}

/** Runs a command with what commander gives: its arguments, then its options. */
type Run = (
  load: () => Promise<(cli: Cli, ...args: never[]) => Promise<ExitCode>>,
) => (...args: unknown[]) => Promise<void>;

function addServing(program: Command, run: Run): void {
  program.commandsGroup('Work on the database (as operator):');
  program
    .command('serve')
    .description('serve the API')
    .option('--adopt-policy', 'put the configured policy in force, and evaluate every agent anew')
    .option('--dry-run', 'with --adopt-policy: show who would lapse and who would gain, and change nothing')
    .action(run(async () => (await import('./commands/serve.ts')).serve));
  program
    .command('demo')
    .description('serve the API with a simulated fleet, on ./data/demo.db')
    .action(run(async () => (await import('./commands/demo.ts')).demo));
  program
    .command('import')
    .description('import the ledger of the original engine; importing again changes nothing')
    .argument('<file>', 'its SQLite file')
    .option('--dry-run', 'say what it would do, and write nothing')
    .action(run(async () => (await import('./commands/import.ts')).importLedgerFile));
}

function addProving(program: Command, run: Run): void {
  program
    .command('verify')
    .description(
      'verify the ledger: its chain, its facts, its decisions and its agents; ends with 1 if anything is wrong',
    )
    .option('--checkpoint <file>', 'hold it against this checkpoint, too')
    .option('--public-key <file>', 'the public key, in PEM, of whoever signed that')
    .action(run(async () => (await import('./commands/proof/verify.ts')).verifyLedgerFile));
  program
    .command('checkpoint')
    .description('sign where the ledger stands with TIERKEEPER_SIGNING_KEY, to be kept elsewhere')
    .option('--out <file>', 'write it to this new file instead of stdout')
    .action(run(async () => (await import('./commands/proof/checkpoint.ts')).checkpoint));
  program
    .command('backup')
    .description('copy the database while a server may write it, and verify the copy')
    .requiredOption(
      '--out <file>',
      'the new file; a checkpoint is signed beside it if there is a key',
      readFile,
    )
    .action(run(async () => (await import('./commands/proof/backup.ts')).backup));
  program
    .command('export')
    .description('print each ledger entry as a line of JSON')
    .option('--after <cursor>', 'only those after this cursor')
    .action(run(async () => (await import('./commands/proof/export.ts')).exportLedgerFile));
  const clock = program
    .command('clock')
    .description('show whether the wall clock is believed, and accept one that is not')
    .action(run(async () => (await import('./commands/clock.ts')).clockStatus));
  clock
    .command('status')
    .description('0: it agrees with its witness, 1: it is doubtful')
    .action(run(async () => (await import('./commands/clock.ts')).clockStatus));
  clock
    .command('accept')
    .description('believe the wall clock as it stands; the ledger keeps the reason')
    .requiredOption('--reason <text>', 'why the wall clock is right')
    .action(run(async () => (await import('./commands/clock.ts')).clockAccept));
  program
    .command('erase')
    .description('erase a person or a text for good; the ledger still verifies')
    .option('--person <id>', 'the person of this id', readId)
    .option('--text <id>', 'the text of this id, as an export names it', readId)
    .option('--entry <seq>', 'the text of this entry', readSeq)
    .option('-y, --yes', 'do not ask for confirmation')
    .action(run(async () => (await import('./commands/proof/erase.ts')).erase));
  program
    .command('followers')
    .option('--url <url>', 'the server to ask, instead of TIERKEEPER_URL')
    .description('show how far what follows the ledger is, such as Vault, and what it gave up')
    .option('--retry <follower>', 'try again what this one gave up; on the database alone')
    .action(run(async () => (await import('./commands/followers.ts')).followers));
}

function addPromoting(program: Command, run: Run): void {
  program.commandsGroup('Promote agents:');
  asking(program, 'eligible')
    .description('list the agents that have earned the next tier')
    .action(run(async () => (await import('./commands/agents/eligible.ts')).eligible));
  asking(program, 'evaluate')
    .description('show whether an agent has earned the next tier, and what is missing')
    .argument('<agent>', 'its name', readAgent)
    .option('--as-of <time>', 'the instant to answer for, such as 2026-06-30T12:00:00Z')
    .action(run(async () => (await import('./commands/agents/evaluate.ts')).evaluate));
  asking(program, 'promote')
    .description('approve the promotion of an agent to its next tier')
    .argument('<agent>', 'its name', readAgent)
    .option('--rationale <text>', 'why; where people must review the step, 10 to 2,000 characters')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--idempotency-key <key>', KEY)
    .action(run(async () => (await import('./commands/agents/promote.ts')).promote));
  asking(program, 'deny')
    .description('deny the promotion that an agent has earned, for 7 days')
    .argument('<agent>', 'its name', readAgent)
    .requiredOption('--rationale <text>', 'why; where people must review the step, 10 to 2,000 characters')
    .option('--idempotency-key <key>', KEY)
    .action(run(async () => (await import('./commands/agents/deny.ts')).deny));
}

function addRevoking(program: Command, run: Run): void {
  program.commandsGroup('Revoke agents:');
  asking(program, 'revoke')
    .description('lower the tier of an agent, suspend it, or both, at once')
    .argument('<agent>', 'its name', readAgent)
    .option<Tier>('--to <tier>', 'the tier to lower it to; by default it stays where it is', readTier)
    .option('--suspend', 'suspend it until an admin reinstates it')
    .requiredOption('--reason <text>', 'why, up to 2,000 characters')
    .option('--idempotency-key <key>', KEY)
    .action(run(async () => (await import('./commands/agents/revoke.ts')).revoke));
  asking(program, 'reinstate')
    .description('lift the suspension of an agent')
    .argument('<agent>', 'its name', readAgent)
    .requiredOption('--reason <text>', 'why, up to 2,000 characters')
    .option('--idempotency-key <key>', KEY)
    .action(run(async () => (await import('./commands/agents/reinstate.ts')).reinstate));
}

function addPreparing(program: Command, run: Run): void {
  program.commandsGroup('Prepare:');
  program
    .command('policy')
    .description('check policy files')
    .configureHelp({ showGlobalOptions: true })
    .command('check')
    .description(
      'check a policy file; ends with 1 if no agent of the ledger has ever met one of its requirements',
    )
    .argument('<file>', 'a policy in YAML')
    .action(run(async () => (await import('./commands/policy-check.ts')).policyCheck));
  const token = program
    .command('token')
    .description('make tokens for a tokens file')
    .configureHelp({ showGlobalOptions: true });
  token
    .command('new')
    .description('print a new token once, and its entry for the tokens file; changes no file')
    .requiredOption('--id <id>', 'who it lets in', readId)
    .requiredOption('--role <role>', 'viewer, recorder, reviewer, admin or auditor; may be repeated', collect)
    .option('--kind <kind>', 'person, service or agent', 'person')
    .option('--agents <pattern>', "limits it to agents, such as 'payments-*'; may be repeated", collect)
    .option('--expires <time>', 'the time at which it ends, such as 2030-01-31T12:00:00Z')
    .action(run(async () => (await import('./commands/token-new.ts')).tokenNew));
}

/** The values of an option that may be repeated, or hold several separated by commas. */
function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((part) => part.trim())];
}

function addReading(program: Command, run: Run): void {
  program.commandsGroup('Look:');
  asking(program, 'history')
    .description('list tier changes, the newest first')
    .option('--agent-id <agent>', 'of one agent only', readAgent)
    .option('--limit <count>', 'how many, 1 to 100', readLimit, 25)
    .action(run(async () => (await import('./commands/agents/history.ts')).history));
  asking(program, 'requirements')
    .description('list what the policy asks for each step up')
    .option<Tier>('--tier <tier>', 'of the step that leaves this tier only', readTier)
    .action(run(async () => (await import('./commands/agents/requirements.ts')).requirements));
  asking(program, 'watch')
    .description('print each ledger entry as a line of JSON, the moment it is appended')
    .option('--after <cursor>', 'begin after this cursor instead of now')
    .option<readonly LedgerEntryType[]>(
      '--types <types>',
      'only these, such as AGENT_PROMOTED,RUN_RECORDED',
      readTypes,
    )
    .action(run(async () => (await import('./commands/watch.ts')).watch));
  asking(program, 'graphql')
    .description('run a GraphQL document')
    .argument('[file]', 'the document; stdin by default')
    .option('--variables <json>', 'its variables', readVariables, {})
    .option('--operation <name>', 'which of its operations to run')
    .action(run(async () => (await import('./commands/graphql.ts')).graphql));
}

function addVault(program: Command, run: Run): void {
  program.commandsGroup('Work on Vault (as operator):');
  const vault = program
    .command('vault')
    .description('let privileges in Vault follow the ledger: policies, setup, enroll, status')
    .configureHelp({ showGlobalOptions: true });
  const folder = '--policies <folder>';
  const folderHelp = 'tier-0.hcl to tier-4.hcl of a team, instead of TIERKEEPER_VAULT_POLICIES';
  vault
    .command('policies')
    .description('print the policies of the tiers, of agents, of the server and of whoever sets Vault up')
    .argument('[name]', 'one of them alone, such as tierkeeper-tier-2')
    .option(folder, folderHelp, readFolder)
    .action(run(async () => (await import('./commands/vault/policies.ts')).printVaultPolicies));
  vault
    .command('setup')
    .description(
      "write policies, the mount that agents log in at, and the server's role; again changes nothing",
    )
    .option(folder, folderHelp, readFolder)
    .option('--dry-run', 'show the difference, and write nothing')
    .action(run(async () => (await import('./commands/vault/setup.ts')).setUpVault));
  vault
    .command('enroll')
    .description('let an agent of the ledger log in: hands out a role id and a wrapped secret id')
    .argument('<agent>', 'its name', readAgent)
    .option<number>('--wrap-ttl <duration>', 'how long the wrapping lasts, up to 1h', readWrapTtl, 300)
    .action(run(async () => (await import('./commands/vault/enroll.ts')).enrollInVault));
  vault
    .command('status')
    .description('compare the ledger and Vault; ends with 1 if they differ')
    .action(run(async () => (await import('./commands/vault/status.ts')).showVaultStatus));
}

function helpCommand(): Command {
  return new Command('help').argument('[command]').description('print help for a command').helpGroup('Look:');
}

/** A command that asks the API, of a server or in this process. */
function asking(program: Command, name: string): Command {
  return program.command(name).option('--url <url>', 'the server to ask, instead of TIERKEEPER_URL');
}
