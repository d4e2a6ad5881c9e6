import { decode, encode } from '@welkin/abi'
import { CloudError } from '@welkin/interface'
import { isAge, packContacts, unpackContacts, type Contact } from '../site/messages.ts'

/** What nodes that look beyond their site ask of one another: each tells the summaries that it has. */
export const CLOUD_PROTOCOL = '/welkin/cloud/1'

/** The topic of summaries, which delegates alone listen to. */
export const SUMMARIES_TOPIC = '/welkin/summaries/1'

export interface Picture {
  summaries: Array<{ wire: Uint8Array, ageMs: number }>
  contacts: Contact[]
}

/** What the asker tells; whether it wants all summaries in return, or contacts alone. */
export interface CloudQuestion extends Picture { whole: boolean }

const SUMMARIES_MAX = 4096

export function packPicture ({ summaries, contacts }: Picture): Uint8Array {
  return encode([
    summaries.flatMap(({ wire, ageMs }) => [wire, Math.max(0, Math.round(ageMs))]),
    packContacts(contacts)
  ])
}

export function packCloudQuestion ({ whole, ...picture }: CloudQuestion): Uint8Array {
  return encode([whole, packPicture(picture)])
}

/** Throws EPROTO. */
export function unpackCloudQuestion (payload: Uint8Array): CloudQuestion {
  const parts = decode(payload)
  const [whole, picture] = Array.isArray(parts) ? parts as unknown[] : []
  if (typeof whole !== 'boolean' || !(picture instanceof Uint8Array)) throw unreadable()
  return { whole, ...unpackPicture(picture) }
}

/** Throws EPROTO. */
export function unpackPicture (payload: Uint8Array): Picture {
  const parts = decode(payload)
  const [summaries, contacts] = Array.isArray(parts) ? parts as unknown[] : []
  const isList = Array.isArray(summaries) && summaries.length % 2 === 0 && summaries.length <= 2 * SUMMARIES_MAX
  if (!isList) throw unreadable()
  return {
    summaries: Array.from({ length: summaries.length / 2 }, (_, index) => {
      const [wire, ageMs] = [summaries[2 * index] as unknown, summaries[2 * index + 1] as unknown]
      if (!(wire instanceof Uint8Array) || !isAge(ageMs)) throw unreadable()
      return { wire, ageMs }
    }),
    contacts: unpackContacts(contacts)
  }
}

function unreadable (): CloudError {
  return new CloudError('EPROTO', 'A picture of the cloud cannot be read; check that both nodes run the same version.')
}
