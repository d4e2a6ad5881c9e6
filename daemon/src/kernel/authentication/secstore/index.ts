/**
 * The secstore keeps users' keys on a few nodes each, locked by passwords that no node learns, and brings them to
 * whichever node a user logs in at (paper III.B.4; Cox et al., Security in Plan 9, 2002).
 */
export { serveSecstore, type SecstorePorts } from './calls.ts'
export { openUser } from './open-user.ts'
export { endOf } from './who-may-log-in.ts'
