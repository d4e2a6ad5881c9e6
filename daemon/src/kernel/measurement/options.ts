import { z } from 'zod'

/** How often this node measures. Milliseconds. */
export const measurementOptions = z.strictObject({
  /**
   * Between two round trips that are measured for their own sake, each to another neighbour in the latency space. Lower
   * follows changes sooner, at the expense of two messages a period.
   */
  samplePeriodMs: z.number().min(100).default(5000),
  sampleTimeoutMs: z.number().min(10).default(3000),
  /** A node that starts has better things to do at first: to find the others. */
  settleMs: z.number().min(0).default(10_000),
  /** Until it has measured so many it measures this much faster: a newcomer knows soon where it stands. */
  eagerSamples: z.int().min(0).default(60),
  eagerPeriodMs: z.number().min(10).default(1000),
  /**
   * Peers that are measured so, beside those that this node speaks to anyway. More places a node better, at the expense
   * of a connection to each, which costs more than all its probes.
   */
  neighbours: z.int().min(1).max(64).default(12),
  /** Peers of which something is remembered. */
  peersMax: z.int().min(1).default(2000)
})

export type MeasurementOptions = z.output<typeof measurementOptions>
