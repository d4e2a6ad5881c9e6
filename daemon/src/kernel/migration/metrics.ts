import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    left: register.counter('welkin_migration_left_total', { help: 'Objects that went to another node.' }),
    stayed: register.counter('welkin_migration_stayed_total', { help: 'Objects that were to go, and stayed.' }),
    arrived: register.counter('welkin_migration_arrived_total', { help: 'Objects that came from another node.' }),
    sent: register.counter('welkin_migration_sent_bytes_total', { help: 'Bytes of states that were sent.' }),
    downSeconds: register.histogram('welkin_migration_down_seconds', {
      help: 'For how long an object stood still while it moved.', buckets: [0.01, 0.1, 0.3, 1, 3, 10, 60]
    })
  }
}

export type MigrationMetrics = ReturnType<typeof registerMetrics>
