import type { Counter, Gauge, Histogram, Labels, MetricOptions, MetricRegister } from '@welkin/interface'

/** One figure. It is counted far more often than it is looked at. */
interface Cell { value: number }

/** A node's figures, kept in memory. */
export class VirtualMetrics implements MetricRegister {
  readonly #series = new Map<string, Series>()

  counter (name: string, _options: MetricOptions): Counter {
    const series = this.#register(name)
    return { add: (amount = 1, labels) => { series.cell(labels).value += amount } }
  }

  gauge (name: string, _options: MetricOptions): Gauge {
    const series = this.#register(name)
    return { set: (value, labels) => { series.cell(labels).value = value } }
  }

  /** Kept as `<name>_sum` and `<name>_count`. */
  histogram (name: string, _options: MetricOptions & { buckets: readonly number[] }): Histogram {
    const [sum, count] = [this.#register(`${name}_sum`), this.#register(`${name}_count`)]
    return {
      observe: (value, labels) => {
        sum.cell(labels).value += value
        count.cell(labels).value++
      }
    }
  }

  /** The figure by this name and labels; 0 where nothing was counted. */
  value (name: string, labels?: Labels): number {
    return this.#series.get(name)?.cell(labels).value ?? 0
  }

  #register (name: string): Series {
    if (this.#series.has(name)) throw new Error(`The metric ${name} is registered twice.`)
    const series = new Series()
    this.#series.set(name, series)
    return series
  }
}

/** The figures of one name, by their labels. */
class Series {
  readonly #bare: Cell = { value: 0 }
  #labelled: Map<string, Cell> | undefined

  cell (labels: Labels | undefined): Cell {
    return labels === undefined ? this.#bare : this.#labelledCell(keyOf(labels))
  }

  #labelledCell (key: string): Cell {
    const labelled = this.#labelled ??= new Map<string, Cell>()
    let cell = labelled.get(key)
    if (cell === undefined) {
      cell = { value: 0 }
      labelled.set(key, cell)
    }
    return cell
  }
}

/** The names of a metric's labels are the same each time: of a single one, which is usual, the value says it all. */
function keyOf (labels: Labels): string {
  const names = Object.keys(labels)
  if (names.length === 1) return labels[names[0] as string] as string
  return names.toSorted().map(label => `${label}=${labels[label]}`).join(' ')
}
