/** What runs in the workshop, so that long work on modules holds up nobody. */
import { parentPort, type MessagePort } from 'node:worker_threads'
import { isCloudError } from '@welkin/interface'
import { ModuleFiles } from './module-files.ts'
import { compile, prepare, type Points } from './prepare.ts'

export interface WorkshopJob {
  readonly number: number
  readonly directory: string
  readonly bytes: Uint8Array
  /** SHA-256. */
  readonly hash: string
  readonly points: Points
  readonly pagesMax: number
}

export type WorkshopResult =
  | { number: number, module: WebAssembly.Module, reasons: readonly string[] }
  | { number: number, refused: string }

const port = parentPort as MessagePort

port.on('message', (job: WorkshopJob) => {
  const { number } = job
  try {
    const { bytes, reasons } = fromFilesOr(job)
    port.postMessage({ number, module: compile(bytes, job.pagesMax), reasons } satisfies WorkshopResult)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const isOurs = isCloudError(error)
    const message = isOurs ? error.message : `The module cannot be run here: ${error.message}.`
    port.postMessage({ number, refused: message } satisfies WorkshopResult)
  }
})

function fromFilesOr ({ directory, bytes, hash, points }: WorkshopJob) {
  if (points === 'none') return prepare(bytes, points)
  const files = new ModuleFiles(directory)
  const name = `${hash}-${points}`
  const kept = files.get(name)
  if (kept !== undefined) return { bytes: kept.module ?? bytes, reasons: kept.reasons }
  const prepared = prepare(bytes, points)
  files.put(name, { module: prepared.reasons.length === 0 ? prepared.bytes : undefined, reasons: prepared.reasons })
  return prepared
}
