/**
 * Authentication lets in who was admitted, holds the keys of this node and its users, and says who may do what, asking
 * nobody (paper III.B.4).
 */
export { Authentication, createAuthentication, type Admission } from './authentication.ts'
export { serveAuthentication } from './calls.ts'
