/**
 * Authentication lets in who was admitted, holds the keys of this node and its users, and says who may do what, asking
 * nobody (paper III.B.4).
 */
export { Authentication, createAuthentication } from './authentication.ts'
export type { Admission } from './identity.ts'
export { serveAuthentication } from './calls.ts'
export { Factotum, type Session } from './factotum.ts'
export { grantsOfObjects, HANDED_ON_MS, OBJECTS_MS } from './handing-on.ts'
export { endOf, openUser } from './secstore/index.ts'
