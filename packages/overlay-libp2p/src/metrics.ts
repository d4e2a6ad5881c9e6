import type { Counter, Gauge, MetricRegister } from '@welkin/interface'

export interface OverlayMetrics {
  connections: Gauge
  dialsFailed: Counter
  sentBytes: Counter
  sent: Counter
}

const NO_COUNTER: Counter = { add: () => {} }

export function overlayMetrics (register: MetricRegister | undefined): OverlayMetrics {
  if (register === undefined) {
    return { connections: { set: () => {} }, dialsFailed: NO_COUNTER, sentBytes: NO_COUNTER, sent: NO_COUNTER }
  }
  return {
    connections: register.gauge('welkin_overlay_connections', { help: 'Connections to other nodes, both ways.' }),
    dialsFailed: register.counter('welkin_overlay_dials_failed_total', {
      help: 'Streams to other nodes that could not be opened.'
    }),
    sentBytes: register.counter('welkin_overlay_sent_bytes_total', {
      help: 'Bytes sent to other nodes, encrypted, without the headers of TCP and IP.'
    }),
    sent: register.counter('welkin_overlay_sent_pieces_total', {
      help: 'Pieces in which these bytes were given to the system, each a packet or more.'
    })
  }
}
