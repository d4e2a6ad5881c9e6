import { z } from 'zod'

/** By how many a record is kept, how long peers are waited for, and how much is kept. Milliseconds and bytes. */
export const directoryOptions = z.strictObject({
  /** Nodes that keep a record. A put resolves when most of them have it. */
  replicas: z.int().min(1).max(32).default(8),
  /** Peers that a look-up waits for at a time. With those that a put waits for they are more than all holders. */
  alpha: z.int().min(1).max(32).default(4),
  /** A look-up ends then, if nobody said otherwise, with what it has found. */
  timeoutMs: z.number().min(10).default(5000),
  /** One peer is waited for so long … */
  peerTimeoutMs: z.number().min(10).default(1500),
  /** … or so long, where it has not answered before: to connect to many at once takes the CPU its time … */
  connectTimeoutMs: z.number().min(10).default(4000),
  /**
   * … but the next one is asked as well when it takes longer than this, or three of its usual round trips; thrice as
   * long where there is no connection yet.
   */
  hedgeMs: z.number().min(1).default(100),
  /** Places for nodes of other sites, at each distance. */
  bucketSize: z.int().min(8).max(64).default(16),
  /** How often a holder looks whether its neighbours have changed; costs no message. */
  lookPeriodMs: z.number().min(10).default(2000),
  /** How often a holder compares what it keeps with what the next holder keeps. */
  comparePeriodMs: z.number().min(100).default(600_000),
  /** What others are nearer to is kept for so long after they have it. */
  graceMs: z.number().min(0).default(60_000),
  /** A node that has just started may have nothing yet of what it is to keep, and says so for so long. */
  settleMs: z.number().min(0).default(30_000),
  /**
   * How often a node of a cloud of many sites looks its own neighbourhood up; half as often while it keeps nothing, and
   * more often while it is new.
   */
  refreshPeriodMs: z.number().min(1000).default(1_800_000),
  /** No record is kept for longer without being put again. */
  keepMsMax: z.number().min(1000).default(7 * 24 * 3_600_000),
  recordBytesMax: z.int().min(64).default(256 * 1024),
  /** Of each kind. */
  recordsMax: z.int().min(1).default(100_000),
  /** Of all kinds together. */
  bytesMax: z.int().min(1024).default(128 * 1024 * 1024),
  /** The share of both that may have come from one peer. */
  sourceShare: z.number().min(0.01).max(1).default(0.5),
  /** Nodes that wait to be told of changes, each key by itself. */
  tellsMax: z.int().min(1).default(100_000),
  /** Questions of one peer that are answered in a second; a record counts as one. */
  questionsPerSecond: z.number().min(1).default(5000)
}).refine(({ alpha, replicas }) => replicas === 1 || alpha + Math.floor(replicas / 2) + 1 > replicas, {
  error: 'must be so large that whoever asks meets one of those that took the latest put', path: ['alpha']
})

export type DirectoryOptions = z.output<typeof directoryOptions>
