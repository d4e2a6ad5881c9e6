import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'

type YamuxMuxer = ReturnType<ReturnType<ReturnType<typeof yamux>>['createStreamMuxer']>

/** What is private to Yamux's types and used here all the same: how its streams come to be, and what they grant. */
interface StreamMaker { _newStream: (...args: unknown[]) => GrantingStream }
interface GrantingStream { state: number, recvWindow: number, recvWindowCapacity: number, sendWindowUpdate: () => void }

/** Yamux's own number for a stream that both ends have opened. */
const ESTABLISHED = 3

/**
 * Yamux that says no more than it must. As it comes, it grants the sender room anew after each frame, which doubles the
 * packets of every conversation; here that waits until half of the window is used up, as in Yamux's first
 * implementation. And it ends a connection whose probe is not answered in `probePeriodMs`: a probe is a frame of twelve
 * bytes, where libp2p's own monitor opens a stream at both ends for each.
 */
export function frugalYamux ({ probePeriodMs }: { probePeriodMs: number }): () => StreamMuxerFactory {
  const createFactory = yamux({ enableKeepAlive: true, keepAliveInterval: probePeriodMs })
  return () => {
    const factory = createFactory()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    return Object.assign(factory, {
      createStreamMuxer: (connection: MessageStream): YamuxMuxer => {
        const muxer = createStreamMuxer(connection)
        grantRarely(muxer)
        probe(muxer, connection, probePeriodMs)
        return muxer
      }
    })
  }
}

function grantRarely (muxer: YamuxMuxer): void {
  const maker = muxer as unknown as StreamMaker
  const create = maker._newStream.bind(muxer)
  maker._newStream = (...args) => {
    const stream = create(...args)
    const grant = stream.sendWindowUpdate.bind(stream)
    stream.sendWindowUpdate = () => {
      const isAmple = stream.recvWindowCapacity > stream.recvWindow / 2
      if (stream.state !== ESTABLISHED || !isAmple) grant()
    }
    return stream
  }
}

function probe (muxer: YamuxMuxer, connection: MessageStream, timeoutMs: number): void {
  const ping = muxer.ping.bind(muxer)
  muxer.ping = async () => {
    try {
      return await ping({ signal: AbortSignal.timeout(timeoutMs) })
    } catch (error) {
      if (muxer.status === 'open') connection.abort(error as Error)
      throw error
    }
  }
}
