import { z } from 'zod'

export const communicationOptions = z.strictObject({
  /** How long one of several endpoints is waited for before the next is tried, milliseconds. */
  tryMs: z.number().min(10).default(3000),
  /** Where all refuse, it may be a restart: how long a dial goes on looking, milliseconds. */
  refusedMs: z.number().min(0).default(3000),
  /** Dials that are on their way at a time; the others wait. */
  dialsMax: z.int().min(1).default(4096),
  /** How long a listening object may take to accept, milliseconds. */
  acceptMs: z.number().min(10).default(10_000),
  /** Connections that wait to be accepted, for each port. */
  backlogMax: z.int().min(1).default(1024),
  /** How long a resumable conversation is kept without a connection, milliseconds. */
  graceMs: z.number().min(10).default(60_000),
  /** Resumable conversations with objects of this node. */
  sessionsMax: z.int().min(1).default(4096),
  /** Mailboxes of each object. */
  mailboxesMax: z.int().min(1).default(64),
  /** Letters that a mailbox keeps until they are acknowledged … */
  lettersMax: z.int().min(1).default(1024),
  /** … and their bytes. */
  bytesMax: z.int().min(1 << 20).default(16 << 20),
  /** Ids of acknowledged letters by which the same is known when it comes again, for each mailbox. */
  rememberedMax: z.int().min(0).default(1024)
})

export type CommunicationOptions = z.output<typeof communicationOptions>
