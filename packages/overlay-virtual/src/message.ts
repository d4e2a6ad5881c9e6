import type { NodeId } from '@welkin/interface'

/** What a message is for. */
export type MessageKind = 'request' | 'answer' | 'cancel' | 'open' | 'data' | 'end' | 'window' | 'fail' | 'gossip'

/** One message between two nodes, as the network sees it. */
export interface Message {
  kind: MessageKind
  /** The protocol or the topic. */
  about: string
  /** What the caller gave; empty for what only the overlay says. */
  payload: Uint8Array
}

/** A message that has arrived. */
export interface Delivery extends Message { atMs: number, from: NodeId, to: NodeId }

/** What a node has sent and received, over all its lives; bytes with an allowance for headers. */
export interface Traffic { sentMessages: number, sentBytes: number, receivedMessages: number, receivedBytes: number }

/** What a message takes on the line beside its payload: framing, encryption, TCP and IP where messages are small. */
const HEADER_BYTES = 48

export function sizeOf ({ payload }: Message): number {
  return HEADER_BYTES + payload.byteLength
}
