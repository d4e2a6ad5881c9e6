import { z } from 'zod'

/** How often a node speaks, and how long its silence is borne. Milliseconds. */
export const resourcesOptions = z.strictObject({
  /** Lower: news are younger, at the cost of one broadcast a node and period. */
  announcePeriodMs: z.number().min(10).default(2000),
  /** A newcomer is greeted by an announcement within this time, so that it knows everyone soon. */
  greetMs: z.number().min(1).default(300),
  /** A node that was not heard of for so long is held to be down. */
  silenceMaxMs: z.number().min(10).default(7000),
  /** A node that is down is forgotten after so long. */
  forgetMs: z.number().min(10).default(600_000),
  /** So many connections are kept, so that news get around when any one node is lost. */
  neighboursMin: z.int().min(1).default(4),
  dialTimeoutMs: z.number().min(10).default(3000),
  /** Nodes that are known at the most; later ones are not listened to. Keys are free to make: this bounds strangers. */
  nodesMax: z.int().min(1).default(10_000)
}).refine(({ announcePeriodMs, silenceMaxMs }) => silenceMaxMs >= 2 * announcePeriodMs, {
  error: 'must be at least twice announcePeriodMs, or one lost message looks like a lost node',
  path: ['silenceMaxMs']
})

export type ResourcesOptions = z.output<typeof resourcesOptions>
