import { isCloudError, type Link, type ObjectId, type ProgramUpcalls } from '@welkin/interface'
import { createSyscalls } from '@welkin/syscalls'
import type { Processes } from './kernel/processes/index.ts'

/** Asks of programs what only they know, by the handlers that they have registered; `linkFor`: in an object's name. */
export function programUpcalls (
  processes: () => Processes, linkFor: (object: ObjectId) => Link, drawRequestId: () => string
): ProgramUpcalls {
  return {
    handles: (object, upcall) => processes().upcalls.handles(object, upcall),
    whenHandled: async (object, upcall, { signal }) => await processes().upcalls.whenHandled(object, upcall, signal),
    askForState: async (object, { signal }) => {
      try {
        return await processes().upcalls.deliver(object, 'checkpoint', signal, { stop: true })
      } catch (error) {
        if (!isCloudError(error, 'ESRCH')) processes().upcalls.tell(object, 'resume') // it may answer yet
        throw error
      }
    },
    resume: object => processes().upcalls.tell(object, 'resume'),
    readBlob: (object, blob) => createSyscalls(linkFor(object), { drawRequestId }).blob.get({ blob })
  }
}
