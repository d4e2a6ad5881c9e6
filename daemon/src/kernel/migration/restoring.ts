import {
  CloudError, type BlobId, type Driver, type OutputPosition, type RestoredTask, type TaskSpec, type TaskState
} from '@welkin/interface'
import type { Manner } from './manner.ts'

/** What came, ready to go on: by its driver from the state, or from nothing. Rejects as the driver does, ENOSYS. */
export async function restoreFrom (
  driver: Driver, spec: TaskSpec, { manner, ...state }: TaskState & { output: OutputPosition, manner: Manner },
  read: (page: BlobId) => Promise<Uint8Array>
): Promise<RestoredTask> {
  if (manner === 'restart') return { start: async () => await driver.run(spec), discard: async () => {} }
  if (driver.restore !== undefined) return await driver.restore(spec, state, read)
  throw new CloudError('ENOSYS', `Driver ${driver.name} of this node does not go on from states.`)
}
