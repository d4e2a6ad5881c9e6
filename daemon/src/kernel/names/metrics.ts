import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    remembered: register.counter('welkin_names_remembered_total', { help: 'Names told from memory.' }),
    lookedUp: register.counter('welkin_names_looked_up_total', { help: 'Names asked of their holders.' }),
    bound: register.counter('welkin_names_bound_total', { help: 'Bindings said or said again by this node.' }),
    notBound: register.counter('welkin_names_not_bound_total', { help: 'Bindings that no holder could be told.' })
  }
}

export type NamesMetrics = ReturnType<typeof registerMetrics>
