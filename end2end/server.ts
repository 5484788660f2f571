import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BINARIES = resolve(__dirname, '../target/debug');
const READY = /^listening on (http:\/\/\S+)$/;

/** How long a server may take to say that it listens, and to end. */
const PATIENCE = 10_000;

/** A moment of the tests' clock: a date, or milliseconds since the epoch. */
export type Moment = Date | string | number;

/** Layer with a database of its own and a clock that the test sets. */
export class Layer {
  private constructor(
    /** Where it listens: `http://127.0.0.1:41234`. */
    readonly url: string,
    /** Its database, as `--database` wants it. */
    readonly database: string,
    private readonly process: ChildProcess,
    private readonly log: string[],
  ) {}

  /** Starts it on a free port with that SQLite file; resolves once it listens. */
  static async start(file: string, options: { demo?: boolean } = {}): Promise<Layer> {
    const database = `sqlite://${file}`;
    const words = ['serve', '--listen', '127.0.0.1:0', '--database', database];
    if (options.demo ?? true) words.push('--demo');
    const process = spawn(join(BINARIES, 'layer-test'), words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log: string[] = [];
    createInterface({ input: process.stderr! }).on('line', (line) => log.push(line));
    const url = await new Promise<string>((ready, failed) => {
      const fail = (why: string) => {
        process.kill('SIGKILL');
        failed(new Error(`layer-test ${why}.\n${log.join('\n')}`));
      };
      const timer = setTimeout(() => fail(`said nothing of listening within ${PATIENCE / 1000} s`), PATIENCE);
      process.once('error', (error) => fail(`could not be started: ${error.message}`));
      process.once('exit', (code) => fail(`ended with ${code} before it listened`));
      // Read on after the first line, or the pipe would fill up and block the server.
      createInterface({ input: process.stdout! }).on('line', (line) => {
        log.push(line);
        const said = READY.exec(line);
        if (!said) return;
        clearTimeout(timer);
        process.removeAllListeners('exit');
        ready(said[1]);
      });
    });
    return new Layer(url, database, process, log);
  }

  /** Sets the clock: an instant (`2026-11-24T19:00:00Z`), a date or milliseconds. */
  async setClock(now: Moment): Promise<void> {
    await this.tell('/test/clock', { now: new Date(now).getTime() });
  }

  /** Moves the clock on. */
  async advance(by: { days?: number; hours?: number; minutes?: number; seconds?: number }): Promise<void> {
    const { days = 0, hours = 0, minutes = 0, seconds = 0 } = by;
    await this.tell('/test/clock', { advance: (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 });
  }

  /** Runs the queue until nothing is due at the clock's time. */
  async drain(): Promise<void> {
    await this.tell('/test/drain', {});
  }

  /** Runs a statement on this test's database: what happens to a company's data from elsewhere. */
  async write(statement: string): Promise<void> {
    const answer = await fetch(this.url + '/test/write', { method: 'POST', body: statement });
    if (!answer.ok) throw new Error(`/test/write answered ${answer.status}: ${await answer.text()}`);
  }

  /** Runs a command of `layer` beside the server, and answers what it printed. */
  async command(...words: string[]): Promise<string> {
    return run([...words, '--database', this.database]);
  }

  /** What the server has logged: to be read when a test fails. */
  get said(): string {
    return this.log.join('\n');
  }

  /** Ends it as an operator would. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE);
    await ended;
    clearTimeout(timer);
  }

  private async tell(path: string, body: object): Promise<void> {
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  }
}

/** A folder that is gone when the work is done. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes the demo's database once; tests take copies, because filling it takes longer than copying it. By the tests' clock,
 * so that its leads have the same ages whenever the tests run.
 */
export async function createDemo(file: string, leads = 300): Promise<void> {
  await run(['demo', '--leads', String(leads), '--seed', '7', '--database', `sqlite://${file}`], 'layer-test');
}

/** A copy for one test. The command that made it has ended, and closing a database empties its write-ahead log. */
export async function copyDemo(file: string, to: string): Promise<void> {
  await copyFile(file, to);
}

async function run(words: string[], program = 'layer'): Promise<string> {
  const { stdout } = await promisify(execFile)(join(BINARIES, program), words);
  return stdout;
}
