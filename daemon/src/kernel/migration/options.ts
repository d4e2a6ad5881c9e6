import { z } from 'zod'

export const migrationOptions = z.strictObject({
  /** What has come of an object is forgotten when nothing is heard of it for so long, milliseconds. */
  lapseMs: z.number().min(100).default(60_000),
  /** Who does not answer what a move waits for is asked again after so long; then twice as long, and so on … */
  againMs: z.number().min(10).default(500),
  /** … up to so long. */
  againMsMax: z.number().min(10).default(15_000),
  /** What of another node is waited for at the most, where it is not the copying itself. */
  patienceMs: z.number().min(10).default(10_000),
  /** What is to move and does not run yet, or has just come, is waited for so long. */
  underWayMs: z.number().min(10).default(30_000),
  /** So long an object may run after a keeper of its checkpoints has let it; nobody takes it over before. */
  leaseMs: z.number().min(100).default(8000)
})

export type MigrationOptions = z.output<typeof migrationOptions>
