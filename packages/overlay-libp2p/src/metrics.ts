import type { Counter, Gauge, MetricRegister } from '@welkin/interface'

export interface OverlayMetrics {
  connections: Gauge
  dialsFailed: Counter
}

export function overlayMetrics (register: MetricRegister | undefined): OverlayMetrics {
  if (register === undefined) return { connections: { set: () => {} }, dialsFailed: { add: () => {} } }
  return {
    connections: register.gauge('welkin_overlay_connections', { help: 'Connections to other nodes, both ways.' }),
    dialsFailed: register.counter('welkin_overlay_dials_failed_total', {
      help: 'Streams to other nodes that could not be opened.'
    })
  }
}
