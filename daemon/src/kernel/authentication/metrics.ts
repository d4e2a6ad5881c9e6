import type { MetricRegister } from '@welkin/interface'

export function registerMetrics (register: MetricRegister) {
  return {
    refused: register.counter('welkin_authentication_refused_total', {
      help: 'System calls that the caller was not allowed to make.'
    })
  }
}

export type AuthenticationMetrics = ReturnType<typeof registerMetrics>
