import type { BlobId, Driver, OutputPosition, Task, TaskCapture, TaskSpec, TaskState } from '@welkin/interface'

/** A state with its pages. */
export interface Kept { state: TaskState & { output: OutputPosition }, pages: Map<BlobId, Uint8Array> }

export function keep ({ header, pages, output, read }: TaskCapture): Kept {
  const contents = pages.flatMap(page => page === '' ? [] : [[page, read(page)] as const])
  return { state: { header, pages, output }, pages: new Map(contents) }
}

export const pageOf = ({ pages }: Kept) => async (page: BlobId): Promise<Uint8Array> => pages.get(page) as Uint8Array

export const capture = async (task: Task, stop = true): Promise<TaskCapture> =>
  await (task as Required<Task>).capture({ stop })

export async function goOn (driver: Driver, spec: TaskSpec, kept: Kept): Promise<Task> {
  const restored = await driver.restore?.(spec, kept.state, pageOf(kept))
  return await restored?.start() as Task
}
