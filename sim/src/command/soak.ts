import { Worker } from 'node:worker_threads'

/** One run of a soak. */
export interface SoakRun { scenario: string, seed: string, nodes?: number | undefined }

export interface SoakOutcome extends SoakRun {
  /** What did not hold first; undefined: all held. */
  broken: string | undefined
  realMs: number
}

export interface SoakOptions {
  jobs: number
  signal: AbortSignal
  onOutcome: (outcome: SoakOutcome) => void
}

/**
 * Plays runs, so many at a time, each on a thread of its own, until they are done or `signal` ends it. A run that
 * throws is broken; its thread is replaced.
 */
export async function soak (runs: Iterable<SoakRun>, { jobs, signal, onOutcome }: SoakOptions): Promise<void> {
  const left = runs[Symbol.iterator]()
  await Promise.all(Array.from({ length: jobs }, async () => await workOff(left, signal, onOutcome)))
}

async function workOff (
  left: Iterator<SoakRun>, signal: AbortSignal, onOutcome: (outcome: SoakOutcome) => void
): Promise<void> {
  let worker: Worker | undefined
  try {
    for (let next = left.next(); next.done !== true && !signal.aborted; next = left.next()) {
      worker ??= new Worker(new URL('./soak-worker.js', import.meta.url))
      const startMs = performance.now()
      const outcome = await play(worker, next.value, signal)
      if (outcome === undefined) return
      onOutcome({ ...next.value, broken: outcome.broken, realMs: performance.now() - startMs })
      if (outcome.died) worker = undefined
    }
  } finally {
    await worker?.terminate()
  }
}

/** Undefined: it was ended before it was done. */
async function play (
  worker: Worker, run: SoakRun, signal: AbortSignal
): Promise<{ broken: string | undefined, died: boolean } | undefined> {
  return await new Promise(resolve => {
    const settle = (outcome: { broken: string | undefined, died: boolean } | undefined): void => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
      resolve(outcome)
    }
    const onAbort = (): void => settle(undefined)
    const onMessage = (broken: string | undefined): void => settle({ broken, died: false })
    const onError = (error: Error): void => {
      settle({ broken: `the simulator failed: ${error.stack ?? error.message}`, died: true })
    }
    const onExit = (code: number): void => settle({ broken: `the simulator's thread ended with ${code}`, died: true })
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    signal.addEventListener('abort', onAbort)
    worker.postMessage(run)
  })
}
