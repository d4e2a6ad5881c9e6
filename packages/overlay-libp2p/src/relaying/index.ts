/** Peers that cannot be reached directly are reached through others; and this node passes on what others send. */
export { hasLeft, Ways, type WaysPorts } from './ways.ts'
export { RELAY_BOUNDS, type RelayBounds } from './relay-budget.ts'
export { exceptRelayed } from './except-relayed.ts'
