import { encodeCall, rowOf, type ArgsOf, type CallOptions, type Row } from '@welkin/abi'
import { CloudError, type ByteStream, type Channel, type Link } from '@welkin/interface'
import { createSyscalls, type SyscallOptions } from './client.ts'

/** A way to a daemon, and as whom: a `Connection`, or a link with the options of its calls. */
export interface Caller { readonly link: Link, readonly options: SyscallOptions }

export interface DialOptions extends Omit<ArgsOf<'dial'>, 'to'>, Pick<CallOptions, 'node' | 'signal'> {}

/**
 * Talks to what `to` (`NAME:PORT`) stands for; resolves when somebody is there. Either direction ends by itself.
 * Rejects ENOENT, ECONNREFUSED, EHOSTDOWN, EACCES, ETIMEDOUT.
 */
export async function dial (
  { link, options }: Caller, to: string, { node, signal, ...args }: DialOptions = {}
): Promise<ByteStream> {
  const channel = converse({ link, options }, 'dial', { to, ...args }, { node, signal })
  const { done } = await channel[Symbol.asyncIterator]().next()
  if (done !== true) return channel
  throw new CloudError('EPROTO', 'The conversation has ended before it began.')
}

/** Each who dials this port of the object that asks: who it is, and the conversation with it, which is accepted. */
export async function * listen (
  { link, options }: Caller, port: string, callOptions: Pick<CallOptions, 'signal'> = {}
): AsyncGenerator<{ from: string, stream: ByteStream }> {
  for await (const { connection, from } of createSyscalls(link, options).listen({ port }, callOptions)) {
    yield { from, stream: converse({ link, options }, 'accept', { connection }, callOptions) }
  }
}

function converse (
  { link, options: { drawRequestId, chain: shown = [], hops = 0 } }: Caller, name: 'dial' | 'accept', args: object,
  { node, signal }: Pick<CallOptions, 'node' | 'signal'>
): Channel {
  const chain = typeof shown === 'function' ? shown({ name, row: rowOf(name) as Row }) : shown
  const call = encodeCall({ name, args, requestId: drawRequestId(), node, hops, chain })
  const channel = link.open(call, { signal, paced: true })
  channel.inPieces?.()
  return channel
}
