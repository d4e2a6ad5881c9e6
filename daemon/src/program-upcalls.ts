import { isCloudError, type BlobId, type Blobs, type ProgramUpcalls } from '@welkin/interface'
import type { Processes } from './kernel/processes/index.ts'

/** Asks of programs what only they know, by the handlers that they have registered. */
export function programUpcalls (
  { blobs, processes }: { blobs: () => Blobs, processes: () => Processes }
): ProgramUpcalls {
  return {
    handles: (object, upcall) => processes().upcalls.handles(object, upcall),
    askForState: async (object, { signal }) => {
      try {
        return await processes().upcalls.deliver(object, 'checkpoint', signal, { stop: true })
      } catch (error) {
        if (!isCloudError(error, 'ESRCH')) processes().upcalls.tell(object, 'resume') // it may answer yet
        throw error
      }
    },
    resume: object => processes().upcalls.tell(object, 'resume'),
    readBlob: async function * (blob: BlobId) {
      await blobs().fetch(blob)
      yield * blobs().read(blob)
    }
  }
}
