import type { Channel } from '@welkin/interface'

/** The same channel, where each message is preceded by `check`, which throws when no more may pass. */
export function checkedChannel (channel: Channel, check: () => void): Channel {
  return {
    send: message => {
      check()
      return channel.send(message)
    },
    end: () => channel.end(),
    fail: error => channel.fail(error),
    inPieces: () => channel.inPieces?.(),
    [Symbol.asyncIterator]: () => {
      const messages = channel[Symbol.asyncIterator]()
      return {
        next: () => {
          check()
          return messages.next()
        },
        return: async () => await messages.return?.() ?? { done: true, value: undefined }
      }
    }
  }
}
