import { CloudError, type Channel } from '@welkin/interface'

/** The first message of a channel, of which more is read later. Rejects EPROTO where none comes. */
export async function firstOf (channel: Channel): Promise<Uint8Array> {
  const { done, value } = await channel[Symbol.asyncIterator]().next()
  if (done !== true) return value
  throw new CloudError('EPROTO', 'The other end has ended the conversation before it began.')
}
