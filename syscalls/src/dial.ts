import { encodeCall, rowOf, type ArgsOf, type CallOptions, type ReplyOf, type Row } from '@welkin/abi'
import { firstOf } from '@welkin/async'
import type { ByteStream, Channel, Link } from '@welkin/interface'
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
  channel.inPieces?.()
  await firstOf(channel)
  return channel
}

export type ListenOptions = Pick<CallOptions, 'signal'>

/** Each who dials this port of the object that asks: who it is, and the conversation with it, which is accepted. */
export async function * listen (
  caller: Caller, port: string, options: ListenOptions = {}
): AsyncGenerator<{ from: string, stream: ByteStream }> {
  for await (const { connection, from } of listening(caller, port, false, options)) {
    const stream = accept(caller, connection, options)
    stream.inPieces?.()
    yield { from, stream }
  }
}

/** As `listen`, before each is accepted; `resumable`: who listens goes on with sessions himself. */
export function listening (
  { link, options }: Caller, port: string, resumable: boolean, listenOptions: ListenOptions
): AsyncIterable<ReplyOf<'listen'>> {
  return createSyscalls(link, options).listen({ port, resumable }, listenOptions)
}

/** Whom an item of `listening` tells of. */
export function accept (caller: Caller, connection: string, options: ListenOptions): Channel {
  return converse(caller, 'accept', { connection }, options)
}

/** A call in which both sides send bytes. */
export function converse (
  { link, options: { drawRequestId, chain: shown = [], hops = 0 } }: Caller, name: 'dial' | 'connect' | 'accept',
  args: object, { node, signal }: Pick<CallOptions, 'node' | 'signal'>
): Channel {
  const chain = typeof shown === 'function' ? shown({ name, row: rowOf(name) as Row }) : shown
  const call = encodeCall({ name, args, requestId: drawRequestId(), node, hops, chain })
  return link.open(call, { signal, paced: true })
}
