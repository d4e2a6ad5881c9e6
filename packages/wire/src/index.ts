/** Many calls and channels over one byte stream, in both directions at once; whoever has a byte stream gets a Link. */
export { Wire, type WireOptions } from './wire.ts'
export type { Call } from './served-call.ts'
export type { WireLimits } from './limits.ts'
export { pipePair, type Pipe, type PipeEvents } from './pipe.ts'
export { ConnectingPipe } from './connecting-pipe.ts'
