import {
  checkReply, decodeItem, encodeCall, encodeItem, rowOf, TABLE, type CallOptions, type Row, type Syscalls
} from '@welkin/abi'
import { CloudError, isCloudError, type Channel, type Link } from '@welkin/interface'

export interface SyscallOptions {
  /** 32 hexadecimal digits that nobody else draws. */
  drawRequestId: () => string
  /** Who asks, as proved; for every call, or for each by what it is. */
  chain?: readonly Uint8Array[] | ((call: { name: string, row: Row }) => readonly Uint8Array[])
  /** Set by a node that passes on what another asked. */
  hops?: number
  /** Whether replies are held against the table, since the other end may be anybody's. */
  checkReplies?: boolean
}

type AnyOptions = CallOptions<unknown>

/** The table as functions over `link`. Each rejects with the CloudError that the node gave. */
export function createSyscalls (link: Link, options: SyscallOptions): Syscalls {
  const calls: Record<string, unknown> = {}
  for (const name of Object.keys(TABLE)) {
    const [family, member] = name.split('.') as [string, string | undefined]
    const call = (args: unknown, callOptions: AnyOptions = {}): unknown =>
      invoke(link, options, name, args, callOptions)
    if (member === undefined) calls[name] = call
    else calls[family] = { ...calls[family] as object | undefined, [member]: call }
  }
  return calls as Syscalls
}

/**
 * One call by name: a promise of the reply, or an iterable of its items.
 * Rejects ENOSYS for a name that is not in the table.
 */
export function invoke (
  link: Link, options: SyscallOptions, name: string, args: unknown, callOptions: AnyOptions = {}
): Promise<unknown> | AsyncIterable<unknown> {
  const row = rowOf(name)
  if (row === undefined) throw new CloudError('ENOSYS', `There is no system call ${name}; see "welkin call --help".`)
  const { node, requestId = options.drawRequestId(), input, ...requestOptions } = callOptions
  const { hops = 0, chain: shown = [] } = options
  const chain = typeof shown === 'function' ? shown({ name, row }) : shown
  const payload = encodeCall({ name, args, requestId, node, hops, chain })
  const read = (message: Uint8Array): unknown => {
    const item = decodeItem(row.reply, message)
    return options.checkReplies === true ? checkReply(name, row, item) : item
  }
  const open = (): Channel => link.open(payload, { ...requestOptions, paced: row.bulk !== true })
  if (row.streams) return converse(row, open(), input, read)
  if (row.input !== undefined) return upload(row, open(), input, read)
  return link.request(payload, requestOptions).then(read)
}

/** Makes a reply, or an item of one, of a message. */
type Read = (message: Uint8Array) => unknown

async function upload (
  row: Row, channel: Channel, input: AsyncIterable<unknown> | undefined, read: Read
): Promise<unknown> {
  const [message] = await Promise.all([firstOf(channel), feed(row, channel, input)])
  return read(message)
}

async function firstOf (channel: Channel): Promise<Uint8Array> {
  for await (const message of channel) return message
  throw new CloudError('EPROTO', 'The call ended without a reply.')
}

async function * converse (
  row: Row, channel: Channel, input: AsyncIterable<unknown> | undefined, read: Read
): AsyncGenerator<unknown> {
  let failure: unknown
  const feeding = feed(row, channel, input).catch((error: unknown) => { failure = error })
  try {
    for await (const message of channel) yield read(message)
    if (failure !== undefined) throw failure
  } finally {
    channel.fail(new CloudError('ECANCELED', 'The caller reads no more.'))
    if (input === undefined) await feeding
  }
}

/** Sends all input, then says so. A peer that reads no more of it (EPIPE) has its reasons: the reply tells them. */
async function feed (row: Row, channel: Channel, input: AsyncIterable<unknown> | undefined): Promise<void> {
  try {
    if (input !== undefined) {
      for await (const item of input) await channel.send(encodeItem(row.input, item))
    }
    await channel.end()
  } catch (error) {
    if (isCloudError(error)) {
      if (error.code !== 'EPIPE') channel.fail(error)
      return
    }
    channel.fail(new CloudError('ECANCELED', 'What the caller sends could not be read.', { cause: error }))
    throw error
  }
}
