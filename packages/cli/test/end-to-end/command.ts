import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const WELKIN = join(import.meta.dirname, '../../../bin/welkin.js')

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
    return await ended(this.start(...args))
  }

  /** The same, with `input` as its standard input. */
  async feed (input: string | Uint8Array, ...args: string[]): Promise<Ended> {
    const command = this.start(...args)
    command.stdin?.end(input)
    return await ended(command)
  }

  /** The JSON value that the command prints. */
  async ask<T> (...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.type(...args, '--json')
    if (status !== 0) throw new Error(`welkin ${args.join(' ')}: status ${status}: ${stdout}${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** Types a line of shell, in which `welkin` is the command. */
  async shell (line: string): Promise<Ended> {
    return await ended(this.#spawn('sh', ['-c', `welkin () { "${process.execPath}" "${WELKIN}" "$@"; }\n${line}`]))
  }

  /** Types a command that stays. */
  start (...args: string[]): ChildProcess {
    return this.#spawn(process.execPath, [WELKIN, ...args])
  }

  /** A path in its current directory. */
  path (name: string): string {
    return join(this.home, name)
  }

  close (): void {
    rmSync(this.home, { recursive: true, force: true })
  }

  #spawn (program: string, args: string[]): ChildProcess {
    const { WELKIN_SOCKET: _socket, WELKIN_TOKEN: _token, ...env } = process.env
    return spawn(program, args, { cwd: this.home, env: { ...env, WELKIN_HOME: join(this.home, '.welkin') } })
  }
}

/** What a command has printed when it has ended. */
export async function ended (command: ChildProcess): Promise<Ended> {
  const status = new Promise<number | null>(resolve => { command.once('exit', resolve) })
  const [stdout, stderr] = await Promise.all([text(command.stdout as Readable), text(command.stderr as Readable)])
  return { status: await status, stdout, stderr }
}

/** Resolves when the command has printed `what`. Rejects when it ends before. */
export async function printed (command: ChildProcess, stream: 'stdout' | 'stderr', what: string): Promise<void> {
  let seen = ''
  await new Promise<void>((resolve, reject) => {
    command.once('exit', status => { reject(new Error(`It ended with ${status}, and had printed only: ${seen}`)) })
    command[stream]?.on('data', (bytes: Buffer) => {
      seen += bytes.toString()
      if (seen.includes(what)) resolve()
    })
  })
}

/** Whether a process of that id lives. */
export function lives (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
