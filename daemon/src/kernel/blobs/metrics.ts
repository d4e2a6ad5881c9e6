import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    written: register.counter('welkin_blobs_written_bytes_total', { help: 'Bytes of blobs kept on this node.' }),
    fetched: register.counter('welkin_blobs_fetched_bytes_total', { help: 'Bytes of blobs brought from other nodes.' })
  }
}

export type BlobMetrics = ReturnType<typeof registerMetrics>
