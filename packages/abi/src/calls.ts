import type { RequestOptions } from '@welkin/interface'
import type { z } from 'zod'
import type { TABLE, CallName } from './table.ts'

type Table = typeof TABLE

export type UnaryName = { [N in CallName]: Table[N]['streams'] extends true ? never : N }[CallName]
export type StreamName = Exclude<CallName, UnaryName>
export type ArgsOf<N extends CallName> = z.input<Table[N]['request']>
export type ReplyOf<N extends CallName> = z.output<Table[N]['reply']>
export type InputOf<N extends CallName> = Table[N]['input'] extends z.ZodType ? z.input<Table[N]['input']> : never

/** What goes with any call. */
export interface CallOptions<Input = never> extends RequestOptions {
  /** Which node shall answer, by id; left out: the one that is asked. */
  node?: string | undefined
  /** 32 hexadecimal digits; the same id again gets the first answer again. Left out: drawn by chance. */
  requestId?: string | undefined
  /** What the caller sends after the request. */
  input?: AsyncIterable<Input> | undefined
}

type CallOf<N extends CallName> = N extends StreamName
  ? (args: ArgsOf<N>, options?: CallOptions<InputOf<N>>) => AsyncIterable<ReplyOf<N>>
  : (args: ArgsOf<N>, options?: CallOptions<InputOf<N>>) => Promise<ReplyOf<N>>

type Prefix<N> = N extends `${infer P}.${string}` ? P : never

/** The table as functions: `syscalls.spawn(…)`, `syscalls.blob.put(…)`. */
export type Syscalls = { [N in CallName as N extends `${string}.${string}` ? never : N]: CallOf<N> } & {
  [P in Prefix<CallName>]: { [N in CallName as N extends `${P}.${infer Rest}` ? Rest : never]: CallOf<N> }
}
