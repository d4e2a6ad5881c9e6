import {
  PAGE_BYTES, type BlobId, type Driver, type Task, type TaskCapture, type TaskSpec
} from '@welkin/interface'
import type { Figures } from '../bench.ts'

const MEGA = 1e6

/** How long the parts of a move take, of a program that fills its memory and then writes to it now and then. */
export async function moveOf (here: Driver, there: Driver, spec: TaskSpec): Promise<Figures> {
  const task = await here.run(spec) as Required<Task>
  await untilReady(here, spec.id)
  const pages = new Map<BlobId, Uint8Array>()
  const live = await timed(async () => await task.capture({ stop: false }))
  keep(live.result, pages)
  const again = await timed(async () => await task.capture({ stop: false }))
  const changed = keep(again.result, pages)
  const stopMs = performance.now()
  const stopped = await task.capture({ stop: true })
  keep(stopped, pages)
  const stoppedMs = performance.now() - stopMs
  const { header, pages: names, output } = stopped
  const restored = await timed(async () => {
    const read = async (page: BlobId): Promise<Uint8Array> => pages.get(page) as Uint8Array
    const ready = await there.restore?.(spec, { header, pages: names, output }, read)
    return await ready?.start() as Task
  })
  await task.leave()
  await restored.result.stop(0)
  await restored.result.ended
  return {
    liveMs: live.ms, againMs: again.ms, againPages: changed, stopMs: stoppedMs, goOnMs: restored.ms,
    stateMB: names.filter(page => page !== '').length * PAGE_BYTES / MEGA
  }
}

/** Keeps the pages that are new; how many those are. */
function keep ({ pages, read }: TaskCapture, kept: Map<BlobId, Uint8Array>): number {
  const before = kept.size
  for (const page of pages) if (page !== '' && !kept.has(page)) kept.set(page, read(page))
  return kept.size - before
}

async function timed<T> (work: () => Promise<T>): Promise<{ result: T, ms: number }> {
  const startMs = performance.now()
  const result = await work()
  return { result, ms: performance.now() - startMs }
}

async function untilReady (driver: Driver, id: string): Promise<void> {
  const output = driver.output(id)
  while ((await output.size()).stdout === 0) {
    await new Promise<void>(resolve => {
      const cancel = output.watch(() => {
        cancel()
        resolve()
      })
      void output.size().then(({ stdout }) => { if (stdout > 0) resolve() })
    })
  }
}
