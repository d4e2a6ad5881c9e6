import { decodeCall, encode, encodeCall, TABLE } from '@welkin/abi'
import {
  formatBearer, formatTicket, openRevocation, parseBearer, parseTicket, sealDelegation, sealRevocation, Verifier,
  type DelegationTerms
} from '@welkin/capability'
import {
  decodeCard, decodeQuestion, decodeWires, encodeCard, encodeQuestion, isSignedBy, openStatement, sealAccusation,
  sealFacts, sealVitals, unpackQuestion
} from '@welkin/daemon/kernel'
import type { Keys } from '@welkin/interface'
import { Accepted, type Target } from './fuzz.ts'
import { mutateBytes, mutateMessage, mutateValue, type Chance } from './mutator.ts'
import { ALICE, BOB, FOREVER_MS, NOW_MS, ROOT, Signed } from './signed.ts'

const signed = new Signed()
const HANDLE = 0x0123456789ab

function link (by: Keys, to: Keys, parent: Uint8Array | undefined, terms: Partial<DelegationTerms> = {}): Uint8Array {
  const whole = { audience: to.self, grants: [{ can: ['processes.*'] }], expiresMs: FOREVER_MS, ...terms }
  return sealDelegation(whole, { signer: by, parent, nonce: new Uint8Array(8) }, ROOT)
}

const one = link(ROOT, ALICE, undefined, {
  grants: [{ can: ['*'], zone: 'acme', on: ['own', 'cp:*'] }, { can: ['store.*'] }]
})
const two = link(ALICE, BOB, one, { proxy: true, notBeforeMs: 5 })
const three = link(BOB, ALICE, two, { grants: [{ can: ['*'], uses: 3, nodes: [BOB.self], priceMax: 2, untilMs: 9 }] })
const LINKS = signed.add([one, two, three, link(ALICE, ALICE, undefined), link(BOB, ALICE, one)])
const CHAINS = [[one], [one, two], [one, two, three]]
const REVOCATIONS = signed.add([
  sealRevocation({ target: BOB.self, expiresMs: FOREVER_MS, chain: [one, two] }, ALICE).wire,
  sealRevocation({ target: 'a'.repeat(64), expiresMs: 5 }, ROOT).wire
])
const verifier = new Verifier({
  keys: ROOT, wallMs: () => NOW_MS, isRoot: id => id === ROOT.self, isRevoked: () => false
})

const facts = sealFacts({
  id: ALICE.self, name: 'n1', zone: 'acme/lyon/r7', addresses: ['/ip4/1.2.3.4/tcp/5'], version: '1',
  drivers: ['native'], machine: { hostname: 'h', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 2 ** 34 },
  certificate: [one]
} as Parameters<typeof sealFacts>[0], { incarnation: 1, version: 0 }, ALICE)
const load = { objects: 1, objectsMax: 9, cpuPromised: 0.5, memoryPromisedBytes: 9, memoryFreeBytes: 9 }
const vitals = sealVitals({ load, leaving: false }, HANDLE, { incarnation: 1, version: 2 }, ALICE)
const STATEMENTS = signed.add([facts.wire, vitals.wire, sealAccusation(vitals, HANDLE, ALICE).wire])

const card = { zone: 'acme/lyon/r7', certificate: [one, two], revoked: new Uint8Array(32) }
const QUESTIONS = [
  encodeQuestion({ kind: 'present', card }), encodeQuestion({ kind: 'revoked', known: REVOCATIONS }), encodeCard(card),
  encodeQuestion({ kind: 'redeem', secret: new Uint8Array(16), zone: 'acme/lyon' }), encode(LINKS)
].map(bytes => new Uint8Array(bytes))
const CALLS = Object.entries(TABLE).map(([name, { example }], at) => new Uint8Array(encodeCall({
  name, args: example, requestId: 'a'.repeat(32), hops: at % 3, node: at % 2 === 0 ? 'n1' : undefined,
  chain: CHAINS[at % 3] as Uint8Array[]
})))
const SITE = [
  [1, STATEMENTS.flatMap(wire => [wire, 5]), new Uint8Array(24)], [2, HANDLE], [4, vitals.wire],
  [3, 'acme/lyon', [facts.wire, 0, vitals.wire, 3], 0, HANDLE, new Uint8Array(36)]
].map(body => new Uint8Array(encode(body)))
const TEXTS = [
  formatTicket({ addresses: ['/ip4/127.0.0.1/tcp/4001'], secret: new Uint8Array(16) }, ROOT),
  formatBearer({ chain: [one, two], seed: new Uint8Array(32).fill(1) }, ROOT)
]

function mutateChain (chance: Chance): Uint8Array[] {
  const chain = [...chance.one(CHAINS)]
  const at = chance.below(chain.length)
  const kind = chance.below(6)
  if (kind === 0) chain.splice(at, 1)
  else if (kind === 1) chain.splice(at, 0, chance.one(LINKS))
  else if (kind === 2) chain[at] = chance.one(LINKS)
  else chain[at] = mutateMessage(LINKS, chance, { signed: true })
  return chain
}

export const TARGETS: readonly Target[] = [
  {
    name: 'chains',
    share: 2,
    refuses: ['EACCES', 'EPROTO'],
    attack (chance) {
      const chain = mutateChain(chance)
      const { links } = verifier.verify(chain)
      const isHanded = links.slice(1).every(({ issuer }, at) => links[at]?.audience === issuer)
      if (!chain.every(wire => signed.has(wire)) || links[0]?.issuer !== ROOT.self || !isHanded) throw new Accepted()
    }
  },
  {
    name: 'revocations',
    refuses: ['EACCES', 'EPROTO'],
    attack (chance) {
      const wire = mutateMessage(REVOCATIONS, chance, { signed: true })
      openRevocation(wire, ROOT)
      if (!signed.has(wire)) throw new Accepted()
    }
  },
  {
    name: 'texts',
    refuses: ['EINVAL'],
    attack (chance) {
      const bytes = new TextEncoder().encode(chance.one(TEXTS))
      const text = new TextDecoder().decode(mutateBytes(bytes, chance, [bytes]))
      if (chance.below(2) === 0) parseTicket(text, ROOT)
      else parseBearer(text, ROOT)
      if (!TEXTS.includes(text.trim())) throw new Accepted()
    }
  },
  {
    name: 'calls',
    share: 2,
    refuses: ['EPROTO'],
    attack (chance) {
      const { requestId, hops, chain } = decodeCall(mutateMessage(CALLS, chance, { signed: false }))
      if (!/^[0-9a-f]{32}$/.test(requestId) || !Number.isInteger(hops) || !Array.isArray(chain)) throw new Accepted()
    }
  },
  {
    name: 'admission',
    share: 2,
    refuses: ['EPROTO'],
    attack (chance) {
      const message = mutateMessage(QUESTIONS, chance, { signed: false })
      chance.one([decodeQuestion, decodeCard, decodeWires])(message)
    }
  },
  {
    name: 'statements',
    share: 2,
    refuses: ['EPROTO'],
    attack (chance) {
      const wire = mutateMessage(STATEMENTS, chance, { signed: true })
      const statement = openStatement(wire, ROOT)
      const signer = statement.kind === 'facts' ? statement.facts.id : ALICE.self
      if (isSignedBy(signer, statement, ROOT) && !signed.has(wire)) throw new Accepted()
    }
  },
  {
    name: 'site',
    refuses: ['EPROTO'],
    attack: chance => unpackQuestion(mutateMessage(SITE, chance, { signed: false }))
  },
  {
    name: 'grants',
    refuses: ['EINVAL'],
    attack (chance) {
      const grants = [{ can: ['*'], on: ['own'], zone: 'acme', nodes: [BOB.self], uses: 2, untilMs: 5, priceMax: 1 }]
      link(ROOT, ALICE, undefined, { grants: mutateValue(grants, chance, ['*', ['own']]) as never })
    }
  }
]
