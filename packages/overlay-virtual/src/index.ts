/** Transport and Gossip over modelled links, in virtual time: every run with the same seed is the same. */
export { Network, type NetworkOptions } from './network.ts'
export type { Delivery, Message, Traffic } from './message.ts'
