import { expect } from 'chai'
import { CloudError, type ErrorCode } from '@welkin/interface'

/** The CloudError that `promise` rejects with; fails unless it has one of `codes`. */
export async function rejects (promise: Promise<unknown>, ...codes: ErrorCode[]): Promise<CloudError> {
  const outcome: unknown = await promise.then(() => 'a value', (error: unknown) => error)
  if (!(outcome instanceof CloudError)) {
    throw new Error(`Expected a CloudError (${codes.join(' or ')}), got ${String(outcome)}.`, { cause: outcome })
  }
  expect(codes, outcome.message).to.include(outcome.code)
  return outcome
}
