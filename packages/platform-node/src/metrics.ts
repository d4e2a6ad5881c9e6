import type { Labels, MetricOptions, MetricRegister } from '@welkin/interface'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface NodeMetrics extends MetricRegister {
  /** All figures in Prometheus' text format. */
  render: () => Promise<string>
  /** The media type of that text. */
  readonly contentType: string
}

/** A register of its own, so that several nodes in one process do not share figures. */
export function createNodeMetrics (): NodeMetrics {
  const registry = new Registry()
  const settingsOf = (name: string, { help, labels = [] }: MetricOptions) =>
    ({ name, help, labelNames: [...labels], registers: [registry] })
  return {
    counter: (name, options) => {
      const counter = new Counter(settingsOf(name, options))
      return { add: (amount = 1, labels: Labels = {}) => { counter.inc(labels, amount) } }
    },
    gauge: (name, options) => {
      const gauge = new Gauge(settingsOf(name, options))
      return { set: (value, labels: Labels = {}) => { gauge.set(labels, value) } }
    },
    histogram: (name, options) => {
      const histogram = new Histogram({ ...settingsOf(name, options), buckets: [...options.buckets] })
      return { observe: (value, labels: Labels = {}) => { histogram.observe(labels, value) } }
    },
    render: async () => await registry.metrics(),
    contentType: registry.contentType
  }
}
