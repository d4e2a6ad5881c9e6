import { z } from 'zod'

export const communicationOptions = z.strictObject({
  /** How long one of several endpoints is waited for before the next is tried, milliseconds. */
  tryMs: z.number().min(10).default(3000),
  /** Where all refuse, it may be a restart: how long a dial goes on looking, milliseconds. */
  refusedMs: z.number().min(0).default(1500),
  /** Dials that are on their way at a time; the others wait. */
  dialsMax: z.int().min(1).default(4096),
  /** How long a listening object may take to accept, milliseconds. */
  acceptMs: z.number().min(10).default(10_000),
  /** Connections that wait to be accepted, for each port. */
  backlogMax: z.int().min(1).default(1024)
})

export type CommunicationOptions = z.output<typeof communicationOptions>
