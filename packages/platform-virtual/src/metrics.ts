import type { Counter, Gauge, Histogram, Labels, MetricOptions, MetricRegister } from '@welkin/interface'

/** A node's figures, kept in memory. */
export class VirtualMetrics implements MetricRegister {
  readonly #names = new Set<string>()
  readonly #values = new Map<string, number>()

  counter (name: string, _options: MetricOptions): Counter {
    this.#register(name)
    return { add: (amount = 1, labels) => this.#add(keyOf(name, labels), amount) }
  }

  gauge (name: string, _options: MetricOptions): Gauge {
    this.#register(name)
    return { set: (value, labels) => { this.#values.set(keyOf(name, labels), value) } }
  }

  /** Kept as `<name>_sum` and `<name>_count`. */
  histogram (name: string, _options: MetricOptions & { buckets: readonly number[] }): Histogram {
    this.#register(name)
    return {
      observe: (value, labels) => {
        this.#add(keyOf(`${name}_sum`, labels), value)
        this.#add(keyOf(`${name}_count`, labels), 1)
      }
    }
  }

  /** The figure by this name and labels; 0 where nothing was counted. */
  value (name: string, labels?: Labels): number {
    return this.#values.get(keyOf(name, labels)) ?? 0
  }

  #add (key: string, amount: number): void {
    this.#values.set(key, (this.#values.get(key) ?? 0) + amount)
  }

  #register (name: string): void {
    if (this.#names.has(name)) throw new Error(`The metric ${name} is registered twice.`)
    this.#names.add(name)
  }
}

function keyOf (name: string, labels: Labels = {}): string {
  return [name, ...Object.keys(labels).toSorted().map(label => `${label}=${labels[label]}`)].join(' ')
}
