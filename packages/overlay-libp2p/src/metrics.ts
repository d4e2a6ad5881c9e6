import type { Counter, Gauge, MetricRegister } from '@welkin/interface'

export interface OverlayMetrics {
  connections: Gauge
  dialsFailed: Counter
  calls: Counter
  payloadBytes: Counter
  pieces: Counter
  sentBytes: Counter
  detours: Gauge
  relayed: Gauge
  relayedBytes: Counter
  relaysRefused: Counter
}

const NO_COUNTER: Counter = { add: () => {} }
const NO_GAUGE: Gauge = { set: () => {} }

export function overlayMetrics (register: MetricRegister | undefined): OverlayMetrics {
  if (register === undefined) {
    return {
      connections: NO_GAUGE, dialsFailed: NO_COUNTER, calls: NO_COUNTER, payloadBytes: NO_COUNTER,
      pieces: NO_COUNTER, sentBytes: NO_COUNTER, detours: NO_GAUGE, relayed: NO_GAUGE, relayedBytes: NO_COUNTER,
      relaysRefused: NO_COUNTER
    }
  }
  return {
    connections: register.gauge('welkin_overlay_connections', { help: 'Connections to other nodes, both ways.' }),
    dialsFailed: register.counter('welkin_overlay_dials_failed_total', {
      help: 'Streams to other nodes that could not be opened.'
    }),
    calls: register.counter('welkin_overlay_sent_calls_total', {
      help: 'Requests and answers sent to other nodes.'
    }),
    payloadBytes: register.counter('welkin_overlay_sent_payload_bytes_total', {
      help: 'Bytes of these, as they were given to the overlay.'
    }),
    sentBytes: register.counter('welkin_overlay_sent_bytes_total', {
      help: 'Bytes sent to other nodes, encrypted, without the headers of TCP and IP.'
    }),
    pieces: register.counter('welkin_overlay_sent_pieces_total', {
      help: 'Pieces in which these bytes were given to the system, each a packet or more.'
    }),
    detours: register.gauge('welkin_overlay_detours', {
      help: 'Connections of this node that go through another.'
    }),
    relayed: register.gauge('welkin_overlay_relayed_connections', {
      help: 'Connections that this node passes on for others.'
    }),
    relayedBytes: register.counter('welkin_overlay_relayed_bytes_total', {
      help: 'Bytes that this node has passed on for others.'
    }),
    relaysRefused: register.counter('welkin_overlay_relays_refused_total', {
      help: 'Connections that this node did not pass on, or gave up.', labels: ['code']
    })
  }
}
