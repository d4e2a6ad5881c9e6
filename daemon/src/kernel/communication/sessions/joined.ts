import { pipeBothWays } from '@welkin/async'
import { isCloudError, type ByteStream } from '@welkin/interface'
import { Conversation } from '@welkin/resumable'

/** One end of a resumable stream, which says what comes from `local`, and tells it what it hears. */
export function joined (local: ByteStream): Conversation {
  const conversation = new Conversation()
  pipeBothWays(local, conversation, { duplex: true }).catch((error: unknown) => {
    if (!isCloudError(error)) throw error // both ends know
  })
  return conversation
}
