import { decode, encode, nodeRecord } from '@welkin/abi'
import { CloudError, isCloudError, type Keys, type NodeRecord } from '@welkin/interface'
import { z } from 'zod'

const SIZE_MAX = 16 * 1024

const schema = z.strictObject({
  record: nodeRecord,
  /** Wall clock at the node's start: a later life overrules an earlier one. */
  incarnation: z.number(),
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

/** The announcement with its node's signature before it. */
export function sealAnnouncement (announcement: Announcement, keys: Keys): Uint8Array {
  const body = encode(announcement)
  return encode([keys.sign(body), body])
}

/** Rejects EPROTO for what is too large, not well formed, or not signed by the node that it speaks of. */
export function openAnnouncement (message: Uint8Array, keys: Keys): Announcement {
  if (message.byteLength > SIZE_MAX) throw refused(`it has ${message.byteLength} bytes`)
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

function refused (why: string): CloudError {
  return new CloudError('EPROTO', `An announcement was refused: ${why}.`)
}
