/** A thread that does nothing but spawn: see `spawners.ts`. */
import { spawn } from 'node:child_process'
import { parentPort, type MessagePort } from 'node:worker_threads'
import type { SpawnCommand, SpawnEvent } from './spawners.ts'

const port = parentPort as MessagePort
const tell = (event: SpawnEvent): void => port.postMessage(event)

function run ({ args, argv0, cwd, env, file, key, stdio }: SpawnCommand): void {
  try {
    const child = spawn(file, args, { argv0, cwd, env, stdio, detached: true })
    if (child.pid !== undefined) tell({ key, pid: child.pid })
    child.once('error', error => fail(key, error))
    child.once('exit', (code, signal) => tell({ key, exit: { code, signal } }))
  } catch (error) {
    fail(key, error as Error)
  }
}

// An error's own code does not cross to another thread by itself.
function fail (key: number, error: NodeJS.ErrnoException): void {
  tell({ key, failure: { code: error.code, message: error.message } })
}

port.on('message', (commands: SpawnCommand[]) => { for (const command of commands) run(command) })
