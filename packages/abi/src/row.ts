import type { ErrorCode } from '@welkin/interface'
import type { z } from 'zod'

export const FAMILIES = {
  processes: 'Objects are started, watched and ended as processes are, wherever they run.',
  resources: 'What the cloud has.',
  names: 'Anything found by name, wherever it is.',
  communication: 'Talking to what has a name.',
  store: 'Immutable bytes, found by their hash.',
  access: 'Who asks.',
  cloud: 'The cloud itself.'
} as const

export type Family = keyof typeof FAMILIES

/** One system call. The table only grows, and a published row only by optional fields (see `growthFaults`). */
export interface Row<
  Request extends z.ZodType = z.ZodType, Reply extends z.ZodType = z.ZodType,
  Input extends z.ZodType | undefined = z.ZodType | undefined, Streams extends boolean = boolean
> {
  readonly number: number
  readonly family: Family
  /** One sentence, in the imperative. */
  readonly manual: string
  readonly request: Request
  /** The reply; where `streams`, one item of it. */
  readonly reply: Reply
  readonly streams: Streams
  /** One item of what the caller sends after the request, or undefined where it sends nothing. */
  readonly input: Input
  /** `object`: the node that has the object `id` answers, and whoever was asked forwards; `any`: who was asked. */
  readonly at: 'any' | 'object'
  /** What the caller must be allowed to do. */
  readonly capability: string
  /** Members may ask this of one another on their own account, and for whomever they answer. */
  readonly peers?: true
  /** Whoever reaches a node may ask this, also who is no member and shows no chain. */
  readonly strangers?: true
  /** Whoever answers asks other nodes in the caller's name. */
  readonly actsOn?: true
  /** What the caller may not see is left out of the reply; else all of the call is refused. */
  readonly filtered?: true
  /** It is about a name: whoever answers knows in what domains that is, and looks again. */
  readonly aboutName?: true
  /** The asked node answers itself and passes nothing on: what it is told is for it alone. */
  readonly here?: true
  /**
   * Where its object has moved, a stream without input ends by ESTALE, whose fields say to which `node`, and how far it
   * had come (`stdout`, `stderr`); these are the arguments by which whoever was asked reads on there.
   */
  readOn? (args: z.output<Request>, from: { stdout: number, stderr: number }): z.input<Request>
  /** Comes as fast as the way carries it, not as it happens: what it takes tells of the way. */
  readonly bulk?: true
  /** Both sides send bytes, and each ends its own direction: the conversation is over when both have. */
  readonly duplex?: true
  /** It is about the object that asks. */
  readonly ownObject?: true
  /** That it was done is worth a record. */
  readonly audited?: true
  /** `safe`: doing it twice is doing it once; `once`: a repeat of the request id is answered, not executed. */
  readonly repeat: 'safe' | 'once'
  /** Beside COMMON_ERRORS. */
  readonly errors: readonly ErrorCode[]
  readonly example: z.input<Request>
}

/** What any call may give. */
export const COMMON_ERRORS = [
  'EINVAL', 'EACCES', 'EAGAIN', 'E2BIG', 'ENOSYS', 'EPROTO',
  'EHOSTDOWN', 'EHOSTUNREACH', 'ECONNRESET', 'ETIMEDOUT', 'ECANCELED', 'EFAULT'
] as const satisfies readonly ErrorCode[]

/** A row with one reply. */
export function call<Request extends z.ZodType, Reply extends z.ZodType> (
  row: Omit<Row<Request, Reply>, 'streams' | 'input'>
): Row<Request, Reply, undefined, false> {
  return { ...row, streams: false, input: undefined }
}

/** A row with one reply, after the caller has sent all its input. */
export function upload<Request extends z.ZodType, Reply extends z.ZodType, Input extends z.ZodType> (
  row: Omit<Row<Request, Reply, Input>, 'streams'>
): Row<Request, Reply, Input, false> {
  return { ...row, streams: false }
}

/** A row that replies item by item. */
export function stream<Request extends z.ZodType, Reply extends z.ZodType> (
  row: Omit<Row<Request, Reply>, 'streams' | 'input'>
): Row<Request, Reply, undefined, true> {
  return { ...row, streams: true, input: undefined }
}

/** A row in which both sides send items. */
export function conversation<Request extends z.ZodType, Reply extends z.ZodType, Input extends z.ZodType> (
  row: Omit<Row<Request, Reply, Input>, 'streams'>
): Row<Request, Reply, Input, true> {
  return { ...row, streams: true }
}
