/**
 * Outside answers a user's programs on a machine that is no node: it keeps the user's key for the time of a session,
 * and passes calls on to a member, with what shows for whom they are (paper III.B.4).
 */
export { Outside, type OutsidePorts } from './outside.ts'
