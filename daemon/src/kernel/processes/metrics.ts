import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    live: register.gauge('welkin_processes_objects', { help: 'Objects that have not ended.' }),
    started: register.counter('welkin_processes_tasks_started_total', { help: 'Tasks started, restarts included.' }),
    ended: register.counter('welkin_processes_tasks_ended_total', { help: 'Tasks ended, by how.', labels: ['exit'] }),
    refused: register.counter('welkin_processes_objects_refused_total', { help: 'Objects refused for want of room.' })
  }
}

export type ProcessMetrics = ReturnType<typeof registerMetrics>
