import { siteOf, type Zone } from '@welkin/interface'
import { z } from 'zod'
import { HostilePeer } from '../hostile/hostile-peer.ts'
import { Liar, LIES } from '../hostile/lies.ts'
import { span } from '../scenario/units.ts'
import { endAll, faultKind } from './fault.ts'

export const lie = faultKind({
  about: 'A node goes on, and tells others what is not so.',
  settings: z.strictObject({
    every: span.prefault('1s'),
    /** Default: all that is not believed. */
    about: z.array(z.enum(LIES)).min(1).default(LIES.filter(kind => kind !== 'summary'))
  }),
  strikes: ['one node'],
  isInside: true,
  forMsMax: 60_000,
  begin ({ inside: cloud, random }, { groups, settings: { every, about } }) {
    if (cloud === undefined) return () => {}
    return endAll(groups.flat().map(name => {
      const liar = new Liar(random, about)
      const site = siteOf(cloud.zoneOf(name))
      const stop = cloud.every(every, () => {
        const peer = HostilePeer.within(cloud, name)
        if (peer === undefined) return
        const isNear = (zone: Zone): boolean => siteOf(zone) === site
        void liar.lie(peer, {
          neighbours: cloud.nodes().flatMap(({ id }) => id !== name && isNear(cloud.zoneOf(id)) ? id : []),
          sites: cloud.places.flatMap(({ zone }) => isNear(zone) ? [] : siteOf(zone))
        })
      })
      return () => {
        stop()
        liar.stop()
      }
    }))
  }
})
