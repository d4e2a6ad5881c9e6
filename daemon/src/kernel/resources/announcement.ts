import { decode, encode, nodeRecord } from '@welkin/abi'
import { CloudError, isCloudError, type Keys, type NodeRecord } from '@welkin/interface'
import { z } from 'zod'

/** Of a message, signature and all. */
const SIZE_BYTES_MAX = 16 * 1024

const schema = z.strictObject({
  record: nodeRecord,
  /** Larger in each life of the node: a later life overrules an earlier one. */
  incarnation: z.int().min(0),
  /** Counts the announcements of one life. */
  sequence: z.int().min(0),
  /** The node is about to leave. */
  leaving: z.boolean()
})

const sealed = z.tuple([z.instanceof(Uint8Array), z.instanceof(Uint8Array)])

/** What a node broadcasts about itself. */
export interface Announcement {
  record: NodeRecord
  incarnation: number
  sequence: number
  leaving: boolean
}

/** The announcement with its node's signature before it. Throws EINVAL for one that every other node would refuse. */
export function sealAnnouncement (announcement: Announcement, keys: Keys): Uint8Array {
  const { error } = schema.safeParse(announcement)
  if (error !== undefined) {
    throw unfit(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  }
  const body = encode(announcement)
  const message = encode([keys.sign(body), body])
  if (message.byteLength > SIZE_BYTES_MAX) throw unfit(`it has ${message.byteLength} bytes of ${SIZE_BYTES_MAX}`)
  return message
}

/** Throws EPROTO for what is too large, not well formed, or not signed by the node that it speaks of. */
export function openAnnouncement (message: Uint8Array, keys: Keys): Announcement {
  if (message.byteLength > SIZE_BYTES_MAX) throw refused(`it has ${message.byteLength} bytes`)
  try {
    const [signature, body] = sealed.parse(decode(message))
    const announcement = schema.parse(decode(body)) as Announcement
    if (!keys.verify(announcement.record.id, body, signature)) throw refused('its signature is not its node\'s')
    return announcement
  } catch (error) {
    if (isCloudError(error)) throw error
    throw refused('it is not well formed')
  }
}

function unfit (why: string): CloudError {
  const message = `What this node says of itself would be refused by all others: ${why}. Give it other settings.`
  return new CloudError('EINVAL', message)
}

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `An announcement was refused: ${why}.`)
}
