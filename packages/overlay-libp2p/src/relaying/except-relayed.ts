import type { ConnectionEncrypter } from '@libp2p/interface'
import type { CreateEncrypter } from '../in-one-piece.ts'
import { RelayedConnection } from './relayed-connection.ts'

/**
 * One encryption for direct connections and another for relayed ones, which are counted, delayed and cut where they
 * pass: on the way to the relay.
 */
export function exceptRelayed<Components> (
  create: CreateEncrypter<Components>, createForRelayed: CreateEncrypter<Components>
): CreateEncrypter<Components> {
  return components => {
    const encrypter = create(components)
    const relayed = createForRelayed(components)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    return Object.assign(encrypter, {
      secureOutbound: (async (raw, options) => raw instanceof RelayedConnection
        ? await relayed.secureOutbound(raw, options)
        : await secureOutbound(raw, options)) as ConnectionEncrypter['secureOutbound'],
      secureInbound: (async (raw, options) => raw instanceof RelayedConnection
        ? await relayed.secureInbound(raw, options)
        : await secureInbound(raw, options)) as ConnectionEncrypter['secureInbound']
    })
  }
}
