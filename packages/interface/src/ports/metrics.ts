export type Labels = Readonly<Record<string, string>>

/** Only grows. */
export interface Counter { add (amount?: number, labels?: Labels): void }
/** Goes up and down. */
export interface Gauge { set (value: number, labels?: Labels): void }
/** How values are distributed. */
export interface Histogram { observe (value: number, labels?: Labels): void }

export interface MetricOptions { help: string, labels?: readonly string[] }

/**
 * Where a node's figures are registered: `welkin_<service>_<thing>_<unit>[_total]`,
 * seconds and bytes, bounded labels.
 */
export interface MetricRegister {
  counter (name: string, options: MetricOptions): Counter
  gauge (name: string, options: MetricOptions): Gauge
  /** `buckets`: upper bounds, ascending. */
  histogram (name: string, options: MetricOptions & { buckets: readonly number[] }): Histogram
}
