import { join } from 'node:path'
import type { Stage } from '../stage.ts'
import { contender, type Contender } from '../contest.ts'
import { isInstalled, runProgram } from '../programs.ts'

/** task-spooler with a queue of its own: a client for each task, which waits for its end. */
export async function taskSpooler (stage: Stage, inFlight: number): Promise<Contender | undefined> {
  if (!await isInstalled('tsp')) return undefined
  const folder = stage.folder()
  const env = { ...process.env, TS_SOCKET: join(folder, 'socket'), TMPDIR: folder, TS_MAXFINISHED: '100' }
  await stage.run('tsp', ['-S', String(inFlight)], env)
  stage.onClear(() => runProgram('tsp', ['-K'], env))
  return contender('task-spooler', () => stage.run('tsp', ['-f', '/bin/true'], env))
}
