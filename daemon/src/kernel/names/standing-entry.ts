import type { ReplyOf } from '@welkin/abi'

/** What a name stands for, as callers are told. */
export type StandingRecord = ReplyOf<'name.resolve'>
export type StandingEntry = StandingRecord['entries'][number]
