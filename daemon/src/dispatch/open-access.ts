import type { Access } from './access.ts'

/** A cloud without admission: whoever reaches a node may ask everything. For trials in virtual time. */
export const OPEN: Access = {
  callerOf: peer => ({ kind: 'node', id: peer }),
  check: async () => {},
  spend: async () => {},
  checkNotRevoked: () => {},
  audit: () => {},
  maySee: () => true,
  chainTo: () => [],
  chainOfObjects: () => [],
  ownerOf: () => undefined,
  chainHandedOn: () => [],
  ownerBy: () => undefined,
  chainOfNames: () => [],
  binderOf: signer => ({ principal: signer, untilMs: Number.MAX_SAFE_INTEGER }),
  homeOf: () => undefined
}
