import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The command's file. */
export const WELKIN = join(import.meta.dirname, '../../../bin/welkin.js')

export interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

/** A WELKIN_HOME of its own, and the command as a user of it would type it. */
export class Terminal {
  readonly home = mkdtempSync(join(tmpdir(), 'welkin-cli-'))

  /** Types a command, and waits for its end. */
  async type (...args: string[]): Promise<Ended> {
    return await this.start(...args).ended
  }

  /** The same, with `input` as its standard input. */
  async feed (input: string, ...args: string[]): Promise<Ended> {
    const command = this.start(...args)
    command.process.stdin?.end(input)
    return await command.ended
  }

  /** The JSON value that the command prints. */
  async ask<T> (...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.type(...args, '--json')
    if (status !== 0) throw new Error(`welkin ${args.join(' ')}: status ${status}: ${stdout}${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** Types a line of shell, in which `welkin` is the command. */
  async shell (line: string): Promise<Ended> {
    return await this.run('sh', ['-c', `welkin () { "${process.execPath}" "${WELKIN}" "$@"; }\n${line}`]).ended
  }

  /** Types a command that stays. */
  start (...args: string[]): Command {
    return this.run(process.execPath, [WELKIN, ...args])
  }

  /** Starts any program there. */
  run (program: string, args: string[]): Command {
    const { WELKIN_SOCKET: _socket, WELKIN_TOKEN: _token, ...env } = process.env
    env['WELKIN_HOME'] = join(this.home, '.welkin')
    return new Command(spawn(program, args, { cwd: this.home, env }))
  }

  /** A path in its current directory. */
  path (name: string): string {
    return join(this.home, name)
  }

  close (): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** A command that was typed, and what it has printed so far. */
export class Command {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly #seen = { stdout: '', stderr: '' }

  constructor (child: ChildProcess) {
    this.process = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => { this.#seen.stdout += text })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.#seen.stderr += text })
    this.ended = new Promise(resolve => {
      child.once('close', status => { resolve({ status, ...this.#seen }) })
    })
  }

  /** What it has printed so far. */
  seen (stream: 'stdout' | 'stderr'): string {
    return this.#seen[stream]
  }

  /** Resolves when it has printed `what`. Rejects when it ends before. */
  async printed (stream: 'stdout' | 'stderr', what: string): Promise<void> {
    const early = this.ended.then(end => {
      throw new Error(`It ended before it printed ${what}: ${JSON.stringify(end)}`)
    })
    const seen = new Promise<void>(resolve => {
      const look = (): void => { if (this.#seen[stream].includes(what)) resolve() }
      this.process[stream]?.on('data', look)
      look()
    })
    await Promise.race([seen, early])
  }
}

/** Whether a process of that id runs; one that has ended and that nobody has reaped yet does not. */
export function lives (pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
