import { z } from 'zod'

/** How often a node speaks, how long its silence is borne, and how much it knows. Milliseconds and bytes. */
export const resourcesOptions = z.strictObject({
  /**
   * Between two probes of this node, each of another neighbour; news travel with them. Lower finds failures sooner, at
   * the expense of messages: four a period, two each way.
   */
  probePeriodMs: z.number().min(10).default(1000),
  /** How long a probe is waited for before others are asked. Lower than the round trip and its jitter: false alarms. */
  probeTimeoutMs: z.number().min(5).default(500),
  /** How long a node that several accuse has to deny it: longer than a pause that is to be forgiven. */
  suspicionMinMs: z.number().min(10).default(2000),
  /** The same for one that a single node accuses, which may be cut off itself. */
  suspicionMaxMs: z.number().min(10).default(6000),
  /** News that others place and find by go out in waves, so far apart at the most. */
  pushPauseMs: z.number().min(1).default(200),
  /** News in one message; what does not fit waits for the next. */
  messageBytesMax: z.int().min(256).default(8192),
  /** How often this node looks at its own load. It speaks of it only when it has changed. */
  reviewPeriodMs: z.number().min(10).default(1000),
  /** What has changed a little is told no more often than this. */
  slightMs: z.number().min(10).default(10_000),
  /** What has not changed is told again after so long, or half of it … */
  refreshMs: z.number().min(10).default(90_000),
  /** … and a node that has said nothing for so long is held to be down, whatever its neighbours think. */
  expireMs: z.number().min(10).default(200_000),
  /** Between two comparisons of a part of the table with that of somebody it has met, which find what was missed. */
  comparePeriodMs: z.number().min(10).default(30_000),
  /** Losses are held back for so long, so that a rack that goes is one event. */
  zoneHoldMs: z.number().min(0).default(1000),
  /** How often a node that is down is called upon: it may be this side that was cut off. */
  healPeriodMs: z.number().min(10).default(10_000),
  /** A node that is down is forgotten after so long. */
  forgetMs: z.number().min(10).default(600_000),
  dialTimeoutMs: z.number().min(10).default(3000),
  /** Nodes of this site that are known at the most; keys are free to make, and this bounds strangers. */
  nodesMax: z.int().min(1).default(10_000),
  /** Rings on which nodes watch one another: so many observers has each. */
  rings: z.int().min(1).max(16).default(4),
  /** Nodes that speak for their site. */
  delegates: z.int().min(1).max(16).default(3),
  /** How often a site is spoken of, where there are few; where there are many, more rarely, see `summaryPaceMs`. */
  summaryPeriodMs: z.number().min(10).default(5000),
  /** All sites together are spoken of no more often than this, so that it costs the same however many they are. */
  summaryPaceMs: z.number().min(1).default(1000),
  /** Sites that are known at the most. */
  sitesMax: z.int().min(1).default(2000)
}).refine(({ probePeriodMs, probeTimeoutMs }) => probeTimeoutMs < probePeriodMs, {
  error: 'must be below probePeriodMs, or probes overtake one another', path: ['probeTimeoutMs']
}).refine(({ suspicionMinMs, suspicionMaxMs }) => suspicionMinMs <= suspicionMaxMs, {
  error: 'must be at least suspicionMinMs', path: ['suspicionMaxMs']
}).refine(({ refreshMs, expireMs }) => expireMs >= 2 * refreshMs, {
  error: 'must be at least twice refreshMs, or one lost message looks like a lost node', path: ['expireMs']
})

export type ResourcesOptions = z.output<typeof resourcesOptions>
