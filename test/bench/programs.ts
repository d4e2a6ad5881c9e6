import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'

/** Runs a program; resolves with its output when it has ended well. */
export async function runProgram (
  command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env
): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
    let output = ''
    let complaint = ''
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString() })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}: ${complaint}`))
    })
  })
}

/** Whether a program of this name is in the PATH. */
export async function isInstalled (name: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(':')
  const tries = folders.map(folder => access(join(folder, name), constants.X_OK).then(() => true, () => false))
  return (await Promise.all(tries)).includes(true)
}
