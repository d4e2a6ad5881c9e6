import { encode } from '@welkin/abi'
import { unpackDirectoryQuestion, unpackFound, unpackNodes, unpackStored, unpackWanted } from '@welkin/daemon/kernel'
import type { Target } from './fuzz.ts'
import { mutateMessage } from './mutator.ts'

const POINT = new Uint8Array(32)
const RECORD = new TextEncoder().encode('record')

const QUESTIONS = [
  [1, POINT, ['/ip4/1.2.3.4/tcp/5']], [2, 'name', 'web', 0, false, []], [2, 'name', 'web', 60_000, true, ['a', 'b']],
  [3, 'name', 'web', RECORD], [4, 'name', new Uint8Array(16)], [5, 'name', new Uint8Array(64)],
  [6, 'name', [['web', RECORD], ['db', RECORD]]], [7, 'name', 'web', RECORD]
].map(body => new Uint8Array(encode(body)))

const ANSWERS = [
  [['n1', ['/ip4/1.2.3.4/tcp/5']], ['n2', []]], [RECORD, false, [['n1', []]]], [null, true, []], [0, 3, 9],
  [['web', RECORD]]
].map(body => new Uint8Array(encode(body)))

const READERS = [unpackNodes, unpackFound, unpackWanted, unpackStored]

/** What peers ask of a directory, and what they answer it. */
export const DIRECTORY: readonly Target[] = [
  {
    name: 'directory-questions',
    refuses: ['EPROTO'],
    attack: async chance => { unpackDirectoryQuestion(mutateMessage(QUESTIONS, chance, { signed: false })) }
  },
  {
    name: 'directory-answers',
    refuses: ['EPROTO'],
    attack: async chance => { chance.one(READERS)(mutateMessage(ANSWERS, chance, { signed: false })) }
  }
]
