import { z } from 'zod'
import { nodeQuery } from '../query-schemas.ts'
import { call } from '../row.ts'
import {
  coordinate, costVector, driverReport, machineFacts, machineLoad, nodeId, nodeRef, nodeView, placeRef, way
} from '../schemas.ts'

const family = 'resources'

export const resources = {
  nodes: call({
    number: 20,
    family,
    manual: 'List the nodes of the cloud, with what they have and how old that news is.',
    request: z.strictObject({
      scope: z.enum(['site', 'cloud']).default('cloud').describe('Of the asked node\'s own site, or of all')
    }),
    reply: z.strictObject({
      nodes: z.array(nodeView),
      silent: z.array(z.string()).optional().describe('Sites of which nobody answered: their nodes are missing here')
    }),
    at: 'any',
    capability: 'resources.read',
    peers: true,
    repeat: 'safe',
    errors: [],
    example: {}
  }),
  find: call({
    number: 21,
    family,
    manual: 'Find nodes by what they have and how far they are, each with what it would cost to use it.',
    request: z.strictObject({
      query: z.union([z.string().max(16_384), nodeQuery]).default('')
        .describe('As text (see docs/find.md), or as data'),
      scope: z.enum(['site', 'cloud']).default('cloud').describe('In the asked node\'s own site, or everywhere'),
      probes: z.int().min(0).max(16).default(0)
        .describe('Round trips that may be measured now, to refine an order by rtt'),
      places: z.record(z.string().max(256), z.strictObject({
        id: nodeId.optional(), coordinate: coordinate.optional()
      })).optional().describe('Where targets of the query stand, as the node has found out that passes it on')
    }),
    reply: z.strictObject({
      rows: z.array(z.strictObject({ node: nodeView, cost: costVector })),
      matched: z.int().describe('Nodes that match, those that the limit left out among them'),
      silent: z.array(z.string())
        .describe('Sites that may have more, and did not answer in time: the answer is partial'),
      why: z.string().optional().describe('Where nothing matches: what excludes all')
    }),
    at: 'any',
    capability: 'resources.read',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { query: 'cpu.free >= 2 and arch = "x64" and rtt(node3) < 20ms order by cost limit 5' }
  }),
  distance: call({
    number: 22,
    family,
    manual: 'Say how far apart two places are, as measured or estimated, and what else is known of the way.',
    request: z.strictObject({
      from: placeRef.optional().describe('A node, an object or a zone; left out: the asked node'),
      to: placeRef.describe('A node, an object or a zone')
    }),
    reply: z.strictObject({
      rttMs: z.number().optional().describe('Left out: unknown, or one of them is down'),
      errorMs: z.number().optional().describe('How much that may be off, either way'),
      ageMs: z.number().optional().describe('Since what it rests on was measured'),
      way: way.optional().describe('Where one of them is the asked node: what it has seen of the way')
    }),
    at: 'any',
    capability: 'resources.read',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT'],
    example: { to: 'node3' }
  }),
  measure: call({
    number: 23,
    family,
    manual: 'Measure now: the asked machine, its drivers and objects, and the ways to peers.',
    request: z.strictObject({
      peers: z.array(nodeRef).max(64).default([]).describe('Nodes to which round trips are measured'),
      probes: z.int().min(1).max(100).default(3).describe('Round trips to each'),
      bytes: z.int().min(0).max(16 << 20).default(0).describe('So many are sent to each peer, to measure bandwidth')
    }),
    reply: z.strictObject({
      node: nodeId,
      machine: machineFacts,
      load: machineLoad,
      drivers: z.array(driverReport),
      peers: z.array(z.strictObject({
        node: nodeId,
        rttMs: z.number().optional().describe('The median; left out: no answer'),
        rttMsMin: z.number().optional(),
        lossRatio: z.number(),
        bandwidthBytesPerSecond: z.number().optional()
      }))
    }),
    at: 'any',
    capability: 'resources.measure',
    peers: true,
    repeat: 'safe',
    errors: ['ENOENT', 'EIO'],
    example: { peers: ['node3'] }
  })
} as const
